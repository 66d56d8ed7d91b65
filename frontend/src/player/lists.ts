// Lists: a row opens into its player and stays in its place; j and k go to the recording before and after.
import htmx from "htmx.org";
import { isTyping } from "../ts/find";
import { furnishPlayers, playerOf } from "./player";

function buttons(): HTMLAnchorElement[] {
  return [...document.querySelectorAll<HTMLAnchorElement>("[data-opens-player]")];
}

function opened(): HTMLAnchorElement | undefined {
  return buttons().find((button) => button.getAttribute("aria-expanded") === "true");
}

/** Where the player of a button goes: a row of its own under a row, else right after what the button stands in. */
function place(button: HTMLElement): HTMLElement {
  const row = button.closest("tr");
  const box = document.createElement(row ? "td" : "div");
  box.className = "opened-player";
  if (!row) {
    (button.closest(".entry") ?? button.parentElement)?.append(box);
    return box;
  }
  (box as HTMLTableCellElement).colSpan = row.cells.length;
  const below = document.createElement("tr");
  below.className = "player-row";
  below.append(box);
  row.after(below);
  return box;
}

function box(button: HTMLElement): Element | null | undefined {
  const row = button.closest("tr");
  return row ? row.nextElementSibling?.closest(".player-row") : (button.closest(".entry") ?? button.parentElement)?.querySelector(".opened-player");
}

function close(button: HTMLElement): void {
  button.setAttribute("aria-expanded", "false");
  box(button)?.remove();
  furnishPlayers();
}

async function open(button: HTMLAnchorElement): Promise<void> {
  const other = opened();
  if (other) close(other);
  button.setAttribute("aria-expanded", "true");
  const into = place(button);
  into.setAttribute("aria-busy", "true");
  const answer = await fetch(button.href, { headers: { "HX-Request": "true" }, redirect: "manual" }).catch(() => null);
  if (!into.isConnected) return;
  if (answer?.type === "opaqueredirect") return window.location.reload(); // signed out meanwhile
  into.innerHTML = answer ? await answer.text() : "";
  into.removeAttribute("aria-busy");
  htmx.process(into);
  furnishPlayers();
  const player = playerOf(into.querySelector("[data-player]"));
  into.querySelector<HTMLElement>("[data-play]")?.focus({ preventScroll: true });
  into.scrollIntoView({ block: "nearest" });
  await player?.play();
}

function next(by: number): boolean {
  const here = opened();
  if (!here) return false;
  const all = buttons();
  const button = all[all.indexOf(here) + by];
  if (button) void open(button);
  return true;
}

export function playInLists(): void {
  document.addEventListener(
    "click",
    (event) => {
      const button = (event.target as Element).closest<HTMLAnchorElement>("[data-opens-player]");
      if (!button || event.ctrlKey || event.metaKey || event.shiftKey) return;
      event.preventDefault();
      event.stopPropagation();
      if (button.getAttribute("aria-expanded") === "true") close(button);
      else void open(button);
    },
    true,
  );
  document.addEventListener(
    "keydown",
    (event) => {
      const by = { j: 1, k: -1 }[event.key.toLowerCase()];
      if (by && !event.ctrlKey && !event.metaKey && !event.altKey && !isTyping(event.target) && next(by)) {
        event.preventDefault();
        event.stopPropagation();
      }
      const button = (event.target as Element).closest<HTMLElement>("[data-opens-player]");
      if (event.key === " " && button) {
        event.preventDefault();
        event.stopPropagation();
        button.click();
      }
      if (event.key === "Escape" && !isTyping(event.target)) {
        const here = opened();
        if (!here || !(event.target as Element).closest(".opened-player")) return;
        close(here);
        here.focus();
      }
    },
    true,
  );
}
