// A note is saved as it is typed. Until the server has it, it is kept in this browser too: a lost line, a closed page or a
// restart loses nothing. It says which text it goes on from, so that nobody's words are written over.

import htmx from "htmx.org";

const AFTER = 1000;
const AT_LATEST = 5000;
const AGAIN = [2000, 4000, 8000, 15_000] as const;
const BESIDE = "hub-note:";

interface Kept {
  text: string;
  version: string;
}

class Note {
  private version: HTMLInputElement;
  private field: HTMLTextAreaElement;
  private says: HTMLElement;
  private timer: number | undefined;
  private since = 0;
  private tries = 0;
  private sending = false;
  private saved: string;

  constructor(private form: HTMLFormElement) {
    this.version = form.elements.namedItem("version") as HTMLInputElement;
    this.field = form.elements.namedItem("text") as HTMLTextAreaElement;
    this.says = form.querySelector<HTMLElement>("[data-says]")!;
    this.saved = this.field.defaultValue;
    const button = form.querySelector<HTMLButtonElement>("[type=submit]");
    if (button) button.hidden = true; // it is there for those who run no scripts
    this.takeUp();
    this.field.addEventListener("input", () => this.typed());
    form.addEventListener("submit", (event) => {
      event.preventDefault();
      void this.send();
    });
    form.querySelector("[data-put-below]")?.addEventListener("click", () => this.putBelow());
  }

  get waits(): boolean {
    return this.field.value !== this.saved;
  }

  /** What was typed before and never arrived. */
  private takeUp(): void {
    const text = localStorage.getItem(this.name);
    if (!text) return;
    const kept = JSON.parse(text) as Kept;
    if (kept.text === this.field.value) return localStorage.removeItem(this.name);
    this.field.value = kept.text;
    this.version.value = kept.version;
    this.typed();
  }

  private get name(): string {
    return BESIDE + (this.form.dataset["note"] ?? "");
  }

  private typed(): void {
    localStorage.setItem(this.name, JSON.stringify({ text: this.field.value, version: this.version.value } satisfies Kept));
    this.say("unsaved");
    this.since ||= Date.now();
    this.later(Math.max(0, Math.min(AFTER, this.since + AT_LATEST - Date.now())));
  }

  private later(milliseconds: number): void {
    clearTimeout(this.timer);
    this.timer = window.setTimeout(() => void this.send(), milliseconds);
  }

  /** `leaving`: the page goes, the request stays. */
  async send(leaving = false): Promise<void> {
    clearTimeout(this.timer);
    if (!this.waits || this.sending) return;
    this.sending = true;
    const text = this.field.value;
    const request = { method: "POST", body: new FormData(this.form), headers: { "HX-Request": "true" }, keepalive: leaving };
    const answer = await fetch(this.form.action, { ...request, redirect: "manual" }).catch(() => null);
    this.sending = false;
    if (answer?.ok) return this.arrived(text, (await answer.json()) as { version: string });
    if (answer?.status === 409) return this.show((await answer.json()) as Kept);
    if (answer?.status === 422) return this.say("", ((await answer.json()) as { said: string }).said);
    const refused = answer && (answer.type === "opaqueredirect" || answer.status < 500);
    this.say(refused ? "refused" : "lost");
    this.later(AGAIN[Math.min(this.tries++, AGAIN.length - 1)] ?? AT_LATEST);
  }

  private arrived(text: string, told: { version: string }): void {
    this.version.value = told.version;
    this.saved = text;
    this.tries = this.since = 0;
    if (this.waits) return this.typed();
    localStorage.removeItem(this.name);
    this.say("saved");
  }

  /** Somebody else wrote: their words are shown, and mine stay as they are until a person puts them together. */
  private show(theirs: Kept): void {
    const place = this.form.querySelector<HTMLElement>("[data-theirs]");
    if (!place) return;
    place.querySelector<HTMLElement>("[data-their-text]")!.textContent = theirs.text;
    place.dataset["version"] = theirs.version;
    place.hidden = false;
    this.say("unsaved");
  }

  private putBelow(): void {
    const place = this.form.querySelector<HTMLElement>("[data-theirs]")!;
    this.field.value = `${this.field.value.trimEnd()}\n${place.querySelector("[data-their-text]")?.textContent ?? ""}`;
    this.version.value = place.dataset["version"] ?? "";
    place.hidden = true;
    this.typed();
    this.field.focus();
  }

  private say(state: "saved" | "unsaved" | "lost" | "refused" | "", words = ""): void {
    this.says.textContent = state ? (this.form.dataset[state] ?? "") : words;
    this.says.classList.toggle("bad", state === "lost" || state === "refused" || state === "");
  }
}

const notes = new Map<HTMLFormElement, Note>();

/** Take care of every note of the page that nobody takes care of yet. */
export function saveNotes(within: ParentNode = document): void {
  for (const form of within.querySelectorAll<HTMLFormElement>("form[data-note]")) {
    if (!notes.has(form)) notes.set(form, new Note(form));
  }
}

export function keepNotes(): void {
  htmx.onLoad((added) => saveNotes(added as Element));
  const sendAll = (leaving: boolean) => {
    for (const note of notes.values()) void note.send(leaving);
  };
  window.addEventListener("online", () => sendAll(false));
  window.addEventListener("pagehide", () => sendAll(true));
}
