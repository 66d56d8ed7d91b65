// Go to another page as a link does: the page changes, and the phone in its dock is left alone.
import htmx from "htmx.org";

export function visit(address: string): void {
  const link = document.createElement("a");
  link.href = address;
  link.hidden = true;
  document.querySelector(".frame")?.append(link);
  htmx.process(link);
  link.click();
  link.remove();
}
