// One's own calls on every page: a notice in the dock while one's phone rings or talks, and the card that opens by itself
// at the moment one has chosen. It never takes the page from somebody who is typing: then the notice offers the card.
import htmx from "htmx.org";
import { drawn } from "./drawn";
import { visit } from "./visit";

const KNOCK_EVERY = 4000;
const REMEMBERED = 50;
const OPENED = "hub-opened";

/** The calls whose card has opened by itself in this browser: once each, in one window, and not again after "back". */
function opened(): string[] {
  try {
    const kept: unknown = JSON.parse(localStorage.getItem(OPENED) ?? "[]");
    return Array.isArray(kept) ? kept.map(String) : [];
  } catch {
    return [];
  }
}

function rememberOpened(call: string): void {
  try {
    localStorage.setItem(OPENED, JSON.stringify([...opened(), call].slice(-REMEMBERED)));
  } catch {
    // A browser that keeps nothing may open a card twice.
  }
}

function isField(element: Element | null): element is HTMLInputElement | HTMLTextAreaElement {
  return element instanceof HTMLInputElement || element instanceof HTMLTextAreaElement;
}

/** Somebody types, or has typed something that is not sent yet. */
function isBusy(): boolean {
  const active = document.activeElement;
  if (isField(active) || active?.closest("select, [contenteditable]")) return true;
  const fields = [...document.querySelectorAll("main input:not([type=hidden], [type=search]), main textarea")];
  return fields.some((field) => isField(field) && field.value !== field.defaultValue);
}

function open(notice: HTMLElement): void {
  const { mine, address } = notice.dataset;
  if (!mine || !address || notice.dataset["opens"] === undefined) return;
  if (document.visibilityState !== "visible" || opened().includes(mine)) return;
  if (isThere(address)) return rememberOpened(mine);
  if (isBusy()) return;
  rememberOpened(mine);
  visit(address);
}

function isThere(address: string): boolean {
  return new URL(address, window.location.href).pathname === window.location.pathname;
}

const hidden = new Set<string>();

function show(html: string): void {
  const notices = document.getElementById("notices");
  const notice = drawn(html);
  if (!notices || !notice || hidden.has(notice.id)) return;
  const old = document.getElementById(notice.id);
  if (notice.dataset["address"] && isThere(notice.dataset["address"])) notice.querySelector("[data-open-card]")?.remove();
  if (old) old.replaceWith(notice);
  else notices.append(notice);
  notice.classList.toggle("known", old !== null);
  htmx.process(notice);
  open(notice);
}

function drop(id: string): void {
  document.getElementById(id)?.remove();
}

function clear(): void {
  for (const notice of document.querySelectorAll("#dock [data-mine]")) notice.remove();
}

/** Hear of one's own calls on this line. It begins with what stands now: a notice it does not name then is over. */
export function hearMine(source: EventSource): void {
  source.addEventListener("open", clear);
  source.addEventListener("mine", (event: MessageEvent<string>) => show(event.data));
  source.addEventListener("mine-gone", (event: MessageEvent<string>) => drop(event.data));
}

/** A line for this window; while nobody looks at it, it holds none, and asks when it is looked at again. */
class OwnLine {
  private wanted = false;
  private source: EventSource | null = null;
  private timer: number | undefined;

  constructor(private dock: HTMLElement) {
    document.addEventListener("visibilitychange", () => this.look());
    window.addEventListener("pagehide", () => this.hangUp());
    window.addEventListener("pageshow", () => this.look());
  }

  /** Not on the board, whose own line tells of one's own calls too. */
  want(wanted: boolean): void {
    if (wanted === this.wanted) return;
    this.wanted = wanted;
    if (wanted) this.look();
    else this.hangUp();
  }

  private look(): void {
    if (!this.wanted) return;
    if (document.visibilityState !== "visible") this.hangUp();
    else if (!this.source) this.connect();
  }

  private connect(): void {
    this.source = new EventSource(this.dock.dataset["mineEvents"] ?? "");
    hearMine(this.source);
    this.source.addEventListener("error", () => {
      if (this.source?.readyState === EventSource.CLOSED) this.knock();
    });
  }

  /** No line was to be had: ask for what stands now, and for a line again. */
  private knock(): void {
    this.hangUp();
    this.timer = window.setTimeout(() => void this.ask(), KNOCK_EVERY);
  }

  private async ask(): Promise<void> {
    const answer = await fetch(this.dock.dataset["mineNow"] ?? "", { redirect: "manual" }).catch(() => null);
    if (answer?.ok) {
      const page = new DOMParser().parseFromString(await answer.text(), "text/html");
      const notices = [...page.querySelectorAll("[data-mine]")];
      clear();
      for (const notice of notices) show(notice.outerHTML);
    }
    if (answer?.type !== "opaqueredirect") this.look();
  }

  private hangUp(): void {
    clearTimeout(this.timer);
    this.source?.close();
    this.source = null;
  }
}

export function followMine(): void {
  const dock = document.getElementById("dock");
  if (!dock) return;
  dock.addEventListener("click", (event) => {
    (event.target as Element).closest("[data-hide-notice]")?.closest("[data-notice]")?.remove();
    const notice = (event.target as Element).closest("[data-hide-mine]")?.closest<HTMLElement>("[data-mine]");
    if (!notice) return;
    hidden.add(notice.id);
    notice.remove();
  });
  if (!dock.dataset["mineEvents"]) return;
  const line = new OwnLine(dock);
  htmx.onLoad(() => line.want(!document.getElementById("board")));
}
