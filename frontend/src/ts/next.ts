// One key takes the next thing to do, wherever the page offers it.
import { isTyping } from "./find";

export function takeNext(): void {
  document.addEventListener("keydown", (event) => {
    if (event.key !== "n" || event.ctrlKey || event.metaKey || event.altKey || isTyping(event.target)) return;
    document.querySelector<HTMLElement>("[data-next]")?.click();
  });
}
