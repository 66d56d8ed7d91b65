// The live board follows the server's events. Each event brings one card as it is now, drawn by the server; here it
// finds its column and its place. When the line is lost the board says so and asks for itself until it is back.
import htmx from "htmx.org";
import { drawn } from "./drawn";
import { hearMine } from "./mine";
import { carryOver } from "./slots";

const LOST_AFTER = 3000;
const POLL_EVERY = 5000;

type LineState = "connected" | "lost";

class Board {
  private source: EventSource | null = null;
  private counts = new Map<HTMLElement, HTMLElement[]>();
  private lostTimer: number | undefined;
  private pollTimer: number | undefined;

  constructor(
    private root: HTMLElement,
    private cursor: string,
  ) {}

  follow(): void {
    for (const list of this.root.querySelectorAll<HTMLElement>("[data-cards]")) {
      const places = document.querySelectorAll<HTMLElement>(`[data-count-of="${list.dataset["cards"]}"]`);
      this.counts.set(list, [...places]);
    }
    this.recount();
    this.connect();
  }

  /** Another page took its place. */
  close(): void {
    clearTimeout(this.lostTimer);
    clearInterval(this.pollTimer);
    this.source?.close();
  }

  get gone(): boolean {
    return !this.root.isConnected;
  }

  private connect(): void {
    this.source?.close();
    const address = new URL(this.root.dataset["events"] ?? "", window.location.href);
    address.searchParams.set("after", this.cursor);
    this.source = new EventSource(address);
    this.source.addEventListener("open", () => this.online());
    this.source.addEventListener("error", () => this.offline());
    this.source.addEventListener("card", (event) => this.take(event, (html) => this.place(html)));
    this.source.addEventListener("gone", (event) => this.take(event, (id) => this.remove(id)));
    this.source.addEventListener("people", (event: MessageEvent<string>) => tellPeople(event.data));
    hearMine(this.source);
    // The server asks to be read whole again: rights changed, or too much happened to tell one by one.
    this.source.addEventListener("reload", () => void this.poll());
  }

  private take(event: MessageEvent<string>, apply: (data: string) => void): void {
    this.cursor = event.lastEventId || this.cursor;
    apply(event.data);
    this.recount();
  }

  private online(): void {
    clearTimeout(this.lostTimer);
    clearInterval(this.pollTimer);
    this.lostTimer = this.pollTimer = undefined;
    this.say("connected");
  }

  /** A short break is nobody's business: the browser is already reconnecting. */
  private offline(): void {
    this.lostTimer ??= window.setTimeout(() => {
      this.say("lost");
      this.pollTimer ??= window.setInterval(() => void this.poll(), POLL_EVERY);
    }, LOST_AFTER);
  }

  private async poll(): Promise<void> {
    const answer = await fetch(this.root.dataset["poll"] ?? "", { redirect: "manual" }).catch(() => null);
    if (answer?.type === "opaqueredirect") return window.location.reload(); // signed out meanwhile
    if (!answer?.ok) return;
    const page = new DOMParser().parseFromString(await answer.text(), "text/html");
    for (const list of page.querySelectorAll<HTMLElement>("[data-cards]")) {
      const here = this.list(list.dataset["cards"] ?? "");
      const putBack = [...list.children].map((card) => {
        const old = document.getElementById(card.id);
        return old ? carryOver(old, card) : undefined;
      });
      here?.replaceChildren(...list.children);
      for (const back of putBack) back?.();
      if (here) htmx.process(here);
    }
    this.cursor = page.querySelector<HTMLElement>("[data-cursor]")?.dataset["cursor"] ?? this.cursor;
    this.recount();
    // The browser gives up for good when it was refused; then it is ours to knock again.
    if (this.source?.readyState === EventSource.CLOSED) this.connect();
  }

  private list(column: string): HTMLElement | null {
    return this.root.querySelector<HTMLElement>(`[data-cards="${CSS.escape(column)}"]`);
  }

  private place(html: string): void {
    const card = drawn(html);
    const list = card && this.list(card.dataset["column"] ?? "");
    if (!card || !list) return;
    const old = document.getElementById(card.id);
    if (!old) card.classList.add("arrived");
    const held = old !== null && old === document.activeElement;
    const focused = old?.contains(document.activeElement) ? document.activeElement?.getAttribute("data-keep") : null;
    const order = Number(card.dataset["order"]);
    const after = [...list.children].find((other) => other !== old && Number((other as HTMLElement).dataset["order"]) > order);
    const putBack = old ? carryOver(old, card) : undefined;
    old?.remove();
    list.insertBefore(card, after ?? null);
    htmx.process(card);
    putBack?.();
    if (held) card.focus();
    if (focused) card.querySelector<HTMLElement>(`[data-keep="${CSS.escape(focused)}"]`)?.focus();
    if (card.dataset["leaves"]) window.setTimeout(() => this.leave(card), Number(card.dataset["leaves"]) * 1000);
  }

  private leave(card: HTMLElement): void {
    card.remove();
    this.recount();
  }

  private remove(id: string): void {
    document.getElementById(id)?.remove();
  }

  private recount(): void {
    for (const [list, places] of this.counts) {
      const count = String(list.childElementCount - list.getElementsByClassName("over").length);
      for (const place of places) {
        if (place.dataset["count"] === count) continue;
        place.textContent = count;
        place.dataset["count"] = count;
      }
    }
  }

  private say(state: LineState): void {
    for (const words of document.querySelectorAll<HTMLElement>("[data-line]")) {
      words.hidden = words.dataset["line"] !== state;
    }
  }
}

function tellPeople(html: string): void {
  for (const strip of document.querySelectorAll<HTMLElement>("[data-people]")) strip.innerHTML = html;
}

/** On a narrow screen the columns are tabs: one click, or the arrow keys. */
function showTabs(root: HTMLElement): void {
  const tabs = [...document.querySelectorAll<HTMLElement>("[data-show]")];
  const show = (tab: HTMLElement) => {
    root.dataset["shown"] = tab.dataset["show"] ?? "now";
    for (const other of tabs) {
      other.setAttribute("aria-selected", String(other === tab));
      other.tabIndex = other === tab ? 0 : -1;
    }
  };
  for (const [index, tab] of tabs.entries()) {
    tab.addEventListener("click", () => show(tab));
    tab.addEventListener("keydown", (event) => {
      const by = { ArrowRight: 1, ArrowLeft: -1 }[event.key];
      const next = by && tabs[(index + by + tabs.length) % tabs.length];
      if (!next) return;
      show(next);
      next.focus();
    });
  }
}

export function followBoard(): void {
  let board: Board | null = null;
  htmx.onLoad((added) => {
    if (board?.gone) {
      board.close();
      board = null;
    }
    const root = (added as Element).querySelector<HTMLElement>("#board");
    if (!root || board) return;
    showTabs(root);
    board = new Board(root, root.dataset["cursor"] ?? "");
    board.follow();
  });
}
