// The place for a small form inside a card: opened by a button, shut by Escape or by what was done in it. While it is open
// it survives the card being drawn anew, with what is typed in it and where the cursor stands.

function openSlot(card: Element): HTMLElement | null {
  return card.querySelector<HTMLElement>("[data-slot]:not(:empty)");
}

/** Where the cursor stands, to be put back after the element was moved. */
function cursor(slot: HTMLElement): () => void {
  const active = slot.contains(document.activeElement) ? (document.activeElement as HTMLElement) : null;
  const field = active instanceof HTMLInputElement || active instanceof HTMLTextAreaElement ? active : null;
  const [from, to] = [field?.selectionStart ?? null, field?.selectionEnd ?? null];
  return () => {
    active?.focus();
    if (field && from !== null) field.setSelectionRange(from, to);
  };
}

/** The open form of the old card goes on in the new one, when that has a place for it; gives what puts the cursor back. */
export function carryOver(old: Element, card: Element): () => void {
  const open = openSlot(old);
  const place = card.querySelector<HTMLElement>("[data-slot]");
  if (!open || !place) return () => undefined;
  const putBack = cursor(open);
  place.replaceWith(open);
  return putBack;
}

function shut(slot: HTMLElement): void {
  const card = slot.closest(".item");
  slot.replaceChildren();
  card?.querySelector<HTMLElement>(`[aria-controls="${slot.id}"], .item-name, [data-keep]`)?.focus();
}

export function keepSlots(): void {
  document.addEventListener("click", (event) => {
    const slot = (event.target as Element).closest("[data-shut]")?.closest<HTMLElement>("[data-slot]");
    if (!slot) return;
    event.preventDefault();
    shut(slot);
  });
  document.addEventListener("keydown", (event) => {
    const slot = (event.target as Element).closest?.<HTMLElement>("[data-slot]");
    if (slot && event.key === "Escape") shut(slot);
  });
  // A form that has just come is to be filled in at once.
  document.addEventListener("htmx:afterSettle", (event) => {
    const slot = (event.target as Element).closest<HTMLElement>("[data-slot]");
    const first = slot?.querySelector<HTMLElement>("[aria-invalid], [autofocus], input:not([type=hidden]), select, textarea");
    if (!slot?.contains(document.activeElement)) first?.focus(); // somebody may type in it already
  });
}
