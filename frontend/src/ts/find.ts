// The search on top: "/" or Ctrl K from anywhere, arrows through what is found, Escape out. Links change the page around this
// script, so the field is looked up when a key is pressed.

export function isTyping(target: EventTarget | null): boolean {
  return target instanceof Element && target.closest("input, textarea, select, [contenteditable]") !== null;
}

function step(box: HTMLElement, field: HTMLInputElement, by: number): void {
  const stops = [field, ...box.querySelectorAll<HTMLElement>(".found .found-item")];
  const here = stops.indexOf(document.activeElement as HTMLElement);
  stops[(here + by + stops.length) % stops.length]?.focus();
}

export function searchByKeyboard(): void {
  document.addEventListener("keydown", (event) => {
    const box = document.querySelector<HTMLElement>(".find");
    const field = box?.querySelector<HTMLInputElement>("#find");
    if (!box || !field) return;
    const slash = event.key === "/" && !isTyping(event.target);
    const control = event.key.toLowerCase() === "k" && (event.ctrlKey || event.metaKey);
    if (slash || control) {
      event.preventDefault();
      field.focus();
      field.select();
    } else if (box.contains(event.target as Node)) {
      walk(event, box, field);
    }
  });
}

function walk(event: KeyboardEvent, box: HTMLElement, field: HTMLInputElement): void {
  if (event.key === "Escape") {
    box.querySelector(".found")?.replaceChildren();
    field.blur();
  } else if (event.key === "ArrowDown" || event.key === "ArrowUp") {
    event.preventDefault();
    step(box, field, event.key === "ArrowDown" ? 1 : -1);
  }
}
