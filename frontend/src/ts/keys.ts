// The board by keyboard: arrows walk the cards and columns, Enter opens one, a letter presses the button that names it.

const LEFT_RIGHT: Readonly<Record<string, number>> = { ArrowLeft: -1, ArrowRight: 1 };
const UP_DOWN: Readonly<Record<string, number>> = { ArrowUp: -1, ArrowDown: 1 };

function columns(board: HTMLElement): HTMLElement[][] {
  const lists = [...board.querySelectorAll<HTMLElement>("[data-cards]")];
  const cards = lists.map((list) => [...list.querySelectorAll<HTMLElement>(":scope > .item")]);
  return cards.filter((column) => column[0]?.offsetParent != null);
}

/** Where the cursor is: column and card, or nowhere on the board. */
function here(all: HTMLElement[][], active: Element | null): [number, number] | null {
  const card = active?.closest<HTMLElement>(".item");
  const column = all.findIndex((cards) => card && cards.includes(card));
  return column < 0 || !card ? null : [column, all[column]?.indexOf(card) ?? 0];
}

function go(all: HTMLElement[][], place: [number, number] | null, key: string): boolean {
  const [column, row] = place ?? [0, -1];
  const sideways = LEFT_RIGHT[key] ?? 0;
  const cards = all[place ? column + sideways : 0];
  const wanted = sideways ? Math.min(row, (cards?.length ?? 1) - 1) : row + (place ? (UP_DOWN[key] ?? 0) : 1);
  const card = cards?.[Math.max(0, wanted)];
  card?.focus();
  card?.scrollIntoView({ block: "nearest" });
  return card !== undefined;
}

/** The button of this letter on the card, else the one that calls back. */
function press(card: HTMLElement, letter: string): boolean {
  const named = card.querySelector<HTMLElement>(`[data-key="${CSS.escape(letter)}"]`);
  const button = named ?? (letter === "b" ? card.querySelector<HTMLElement>("form.dial button") : null);
  button?.click();
  return button !== null;
}

function isTyping(target: Element): boolean {
  return target.closest("input, textarea, select, [contenteditable], [data-slot], dialog, [role=tablist]") !== null;
}

function act(board: HTMLElement, event: KeyboardEvent): boolean {
  const active = document.activeElement;
  const card = active?.closest<HTMLElement>("#board .item") ?? null;
  if (event.key in LEFT_RIGHT || event.key in UP_DOWN) {
    const all = columns(board);
    const place = here(all, active);
    return (place !== null || active === document.body || active?.id === "work") && go(all, place, event.key);
  }
  if (event.key === "Enter" && card && card === active) {
    card.querySelector<HTMLElement>("a.item-name")?.click();
    return true;
  }
  return card !== null && event.key.length === 1 && press(card, event.key.toLowerCase());
}

function showKeys(): void {
  (document.getElementById("keys") as HTMLDialogElement | null)?.showModal();
}

/** Pages change around this script: what stands on one is looked for when a key is pressed. */
export function walkBoard(): void {
  document.addEventListener("click", (event) => {
    if ((event.target as Element).closest("[data-show-keys]")) showKeys();
  });
  document.addEventListener("keydown", (event) => {
    const board = document.getElementById("board");
    if (!board || !(event.target instanceof Element)) return;
    const help = document.getElementById("keys") as HTMLDialogElement | null;
    if (event.key === "Escape" && help?.open) return help.close();
    if (event.ctrlKey || event.metaKey || event.altKey || isTyping(event.target)) return;
    if (event.key === "?") showKeys();
    else if (!act(board, event)) return;
    event.preventDefault();
  });
}
