// A list of fields grows as it is filled: there is always an empty one below.

export function growLists(): void {
  document.addEventListener("input", (event) => {
    const field = event.target as HTMLInputElement;
    const list = field.closest?.<HTMLElement>("[data-grows]");
    const last = list?.querySelector<HTMLInputElement>("input:last-of-type");
    if (!list || !last?.value || list.childElementCount >= 20) return;
    const next = last.cloneNode() as HTMLInputElement;
    next.value = "";
    next.removeAttribute("value");
    next.setAttribute("aria-label", (last.getAttribute("aria-label") ?? "").replace(/\d+$/, String(list.childElementCount + 1)));
    list.append(next);
  });
}
