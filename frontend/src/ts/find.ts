// The search on top: "/" or Ctrl K from anywhere, arrows through what is found, Escape out.

export function isTyping(target: EventTarget | null): boolean {
  return target instanceof Element && target.closest("input, textarea, select, [contenteditable]") !== null;
}

function step(field: HTMLInputElement, found: HTMLElement, by: number): void {
  const stops = [field, ...found.querySelectorAll<HTMLElement>("a")];
  const here = stops.indexOf(document.activeElement as HTMLElement);
  stops[(here + by + stops.length) % stops.length]?.focus();
}

export function searchByKeyboard(): void {
  document.addEventListener("keydown", (event) => {
    const slash = event.key === "/" && !isTyping(event.target);
    const control = event.key.toLowerCase() === "k" && (event.ctrlKey || event.metaKey);
    if (!slash && !control) return;
    event.preventDefault();
    document.querySelector<HTMLInputElement>(".find input")?.select();
  });
  document.addEventListener("keydown", (event) => {
    const box = (event.target as Element).closest?.(".find");
    const [field, found] = [box?.querySelector("input"), box?.querySelector<HTMLElement>(".found")];
    if (!field || !found) return;
    if (event.key === "Escape") {
      found.replaceChildren();
      field.blur();
    } else if (event.key === "ArrowDown" || event.key === "ArrowUp") {
      event.preventDefault();
      step(field, found, event.key === "ArrowDown" ? 1 : -1);
    }
  });
}
