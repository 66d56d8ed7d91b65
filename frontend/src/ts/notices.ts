// The browser's own notifications, for whoever pressed for them: one's own ringing call, and for reception a new missed
// one, while no page of Hub is in sight. The choice belongs to this browser, as its leave does.
import htmx from "htmx.org";
import { visit } from "./visit";

const CHOSEN = "hub-notices";
const SHOWN = "hub-notified";
const REMEMBERED = 50;
/** Held by every page that is in sight, shared: while there is one, nobody needs to be called to the browser. */
const IN_SIGHT = "hub-in-sight";
/** Held by the one page out of sight that hears for all of them. */
const EAR = "hub-ear";
const ASK_EVERY = 5000;

interface News {
  id: string;
  title: string;
  body: string;
  /** Where a press on it leads; empty: only to the page. */
  address: string;
}

const open = new Map<string, Notification>();

function isWanted(): boolean {
  return stored(CHOSEN) === "on" && "Notification" in window && Notification.permission === "granted";
}

function stored(name: string): string {
  try {
    return localStorage.getItem(name) ?? "";
  } catch {
    return "";
  }
}

function store(name: string, value: string): void {
  try {
    localStorage.setItem(name, value);
  } catch {
    // A browser that keeps nothing asks again on the next page.
  }
}

/** The first page to take it shows it; true for that one alone. */
function isFirst(id: string): Promise<boolean> {
  return navigator.locks.request(SHOWN, () => {
    const shown = stored(SHOWN).split(" ").filter(Boolean);
    if (shown.includes(id)) return false;
    store(SHOWN, [...shown, id].slice(-REMEMBERED).join(" "));
    return true;
  });
}

async function isInSight(): Promise<boolean> {
  const { held } = await navigator.locks.query();
  return held?.some((lock) => lock.name === IN_SIGHT) ?? false;
}

async function tell(news: News): Promise<void> {
  if (!isWanted() || !document.hidden || (await isInSight()) || !(await isFirst(news.id))) return;
  try {
    const shown = new Notification(news.title, { body: news.body, tag: news.id, icon: icon() });
    open.set(news.id, shown);
    shown.addEventListener("close", () => open.delete(news.id));
    shown.addEventListener("click", () => follow(news, shown));
  } catch {
    store(CHOSEN, "unable"); // browsers of phones know the word and show nothing
  }
}

function icon(): string {
  return document.querySelector<HTMLLinkElement>('link[rel="icon"]')?.href ?? "";
}

function follow(news: News, shown: Notification): void {
  window.focus();
  shown.close();
  if (news.address && new URL(news.address, location.href).pathname !== location.pathname) visit(news.address);
  else document.getElementById(news.id)?.focus();
}

function over(id: string): void {
  open.get(id)?.close();
}

function words(element: Element | null | undefined): string {
  return element?.textContent?.replaceAll(/\s+/g, " ").trim() ?? "";
}

function said(element: Element, places: string): string {
  return [...element.querySelectorAll(places)].map(words).filter(Boolean).join(" · ");
}

/** One's own call, as its notice in the page says it; only what still rings calls anybody back to the page. */
function ofCall(notice: HTMLElement): void {
  if (!notice.classList.contains("ringing")) return over(notice.id);
  void tell({
    id: notice.id,
    title: `${words(notice.querySelector(".mark"))}: ${notice.getAttribute("aria-label") ?? ""}`,
    body: said(notice, ".item-top .end:not(:has([data-since])), .item-row"),
    address: notice.querySelector<HTMLAnchorElement>(".mine-acts a")?.href ?? notice.dataset["address"] ?? "",
  });
}

/** A call to be returned that has come to the board. */
function ofTask(card: HTMLElement): void {
  const missed = button()?.dataset["wordsMissed"];
  if (!missed || card.classList.contains("over")) return;
  void tell({
    id: card.id,
    title: `${missed}: ${card.getAttribute("aria-label") ?? ""}`,
    body: said(card, ".item-row > .number, .item-row > .end.small"),
    address: card.querySelector<HTMLAnchorElement>("a.item-name")?.href ?? "",
  });
}

// ---- what is looked at: the notices in the dock, and the board's column ----

/** What has stood in the column since it was drawn is no news, whether it was drawn again or not. */
const known = new Set<string>();

function learn(column: Element): void {
  for (const card of column.children) known.add(card.id);
}

function watch(): void {
  const dock = document.getElementById("notices");
  if (!dock) return;
  new MutationObserver((changes) => {
    for (const change of changes) {
      change.addedNodes.forEach((node) => isNotice(node) && ofCall(node));
      change.removedNodes.forEach((node) => isNotice(node) && !document.getElementById(node.id) && over(node.id));
    }
  }).observe(dock, { childList: true });
  htmx.onLoad((added) => {
    const column = (added as Element).querySelector('[data-cards="return"]');
    if (!column) return;
    learn(column);
    new MutationObserver(() => {
      const fresh = [...column.children].filter((card) => !known.has(card.id));
      learn(column);
      for (const card of fresh) ofTask(card as HTMLElement);
    }).observe(column, { childList: true });
  });
}

function isNotice(node: Node): node is HTMLElement {
  return node instanceof HTMLElement && node.dataset["mine"] !== undefined;
}

// ---- while no page is in sight, one of them listens for one's own calls ----

class Ear {
  private source: EventSource | null = null;
  private timer: number | undefined;
  private release: () => void = () => undefined;
  private wish: AbortController | null = null;

  look(): void {
    const wanted = document.hidden && isWanted();
    if (wanted && !this.wish) this.prick();
    if (!wanted) this.rest();
  }

  private prick(): void {
    this.wish = new AbortController();
    const held = () =>
      new Promise<void>((resolve) => {
        this.release = resolve;
        this.hear();
      });
    navigator.locks.request(EAR, { signal: this.wish.signal }, held).catch(() => undefined);
  }

  private rest(): void {
    this.wish?.abort();
    this.wish = null;
    clearTimeout(this.timer);
    this.source?.close();
    this.source = null;
    this.release();
  }

  private hear(): void {
    const dock = document.getElementById("dock");
    // The board keeps its own line out of sight too, and what it hears stands in the dock.
    if (!this.wish || !dock?.dataset["mineEvents"] || document.getElementById("board")) return;
    const source = (this.source = new EventSource(dock.dataset["mineEvents"]));
    source.addEventListener("mine", (event: MessageEvent<string>) => ofHtml(event.data));
    source.addEventListener("mine-gone", (event: MessageEvent<string>) => over(event.data));
    source.addEventListener("error", () => {
      if (source.readyState === EventSource.CLOSED) this.timer = window.setTimeout(() => void this.ask(), ASK_EVERY);
    });
  }

  /** No line was to be had. */
  private async ask(): Promise<void> {
    const address = document.getElementById("dock")?.dataset["mineNow"] ?? "";
    const answer = await fetch(address, { redirect: "manual" }).catch(() => null);
    if (answer?.ok) ofHtml(await answer.text());
    if (answer?.type !== "opaqueredirect") this.hear();
  }
}

function ofHtml(html: string): void {
  const page = new DOMParser().parseFromString(html, "text/html");
  for (const notice of page.querySelectorAll<HTMLElement>("[data-mine]")) ofCall(notice);
}

/** A page in sight says so for as long as it is. */
function beSeen(): void {
  let hide: () => void = () => undefined;
  const look = () => {
    hide();
    hide = () => undefined;
    if (document.hidden) return;
    void navigator.locks.request(IN_SIGHT, { mode: "shared" }, () => new Promise<void>((resolve) => (hide = resolve)));
    if (document.hidden) hide();
  };
  document.addEventListener("visibilitychange", look);
  look();
}

// ---- the choice, in the account menu ----

function button(): HTMLElement | null {
  return document.querySelector<HTMLElement>("[data-notify]");
}

/** What keeps this browser from it, as a word the button has a sentence for. */
function trouble(): string {
  if (!window.isSecureContext) return "Insecure";
  if (!("Notification" in window) || stored(CHOSEN) === "unable") return "Unable";
  return stored(CHOSEN) === "on" && Notification.permission !== "granted" ? "Refused" : "";
}

function draw(why = trouble()): void {
  const place = button();
  const says = document.getElementById("notify-says");
  if (!place || !says) return;
  place.hidden = false;
  place.setAttribute("aria-pressed", String(isWanted()));
  const sentence = why ? (place.dataset[`words${why}`] ?? "") : "";
  if (says.textContent !== sentence) says.textContent = sentence;
}

async function choose(): Promise<void> {
  if (isWanted()) {
    store(CHOSEN, "off");
    return draw("");
  }
  if (!window.isSecureContext || !("Notification" in window)) return draw();
  const leave = await Notification.requestPermission();
  store(CHOSEN, leave === "granted" ? "on" : "off");
  draw({ granted: "", denied: "Refused", default: "Unsure" }[leave]);
}

export function notifyOutOfSight(): void {
  htmx.onLoad(() => draw());
  document.addEventListener("click", (event) => {
    if ((event.target as Element).closest("[data-notify]")) void choose();
  });
  if (!("locks" in navigator)) return; // not over an encrypted address: the menu says so
  const ear = new Ear();
  document.addEventListener("visibilitychange", () => ear.look());
  beSeen();
  watch();
  ear.look();
}
