// Lists by keyboard: arrows (or j and k) walk the rows, Enter opens one because each row is a link.

/** `x` chooses the row one stands on, for what is done with many at once. */
function choose(event: KeyboardEvent): void {
  const row = (event.target as Element).closest?.<HTMLElement>(".open");
  row?.closest("tr")?.querySelector<HTMLInputElement>(".picked")?.click();
}

export function walkRows(): void {
  document.addEventListener("keydown", (event) => {
    if (event.key === "x") return choose(event);
    const by = { ArrowDown: 1, j: 1, ArrowUp: -1, k: -1 }[event.key];
    const row = (event.target as Element).closest?.<HTMLElement>(".open");
    if (!by || !row || event.ctrlKey || event.metaKey || event.altKey) return;
    const rows = [...document.querySelectorAll<HTMLElement>(".open")];
    const next = rows[rows.indexOf(row) + by];
    if (!next) return;
    event.preventDefault();
    next.focus();
    next.scrollIntoView({ block: "nearest" });
  });
}
