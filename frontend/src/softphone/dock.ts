// The phone docked on every page: it stays while pages change around it, so that nobody is cut off by a click.
// Of several tabs one has the phone; when it is closed another takes it over.
import htmx from "htmx.org";
import { asClock } from "../ts/clocks";
import { Expected, sayReady } from "../ts/phoneHere";
import { type Account, type LineState, type Phone, type Talk, type TalkState, wanted } from "./phone";
import { Ringer } from "./ringer";

const LOCK = "hub-phone";

class Dock {
  private phone: Phone | null = null;
  private talk: Talk | null = null;
  private since = 0;
  private muted = false;
  private held = false;
  private ringer = new Ringer();
  private expected: Expected;

  constructor(private root: HTMLElement) {
    this.expected = new Expected(root.dataset["lines"]?.split(" ") ?? []);
    root.addEventListener("click", (event) => this.pressed(event.target as Element));
    root.addEventListener("submit", (event) => this.submitted(event));
    root.addEventListener("change", (event) => void this.chose(event.target as HTMLSelectElement));
    setInterval(() => this.tick(), 1000);
  }

  async begin(): Promise<void> {
    const trouble = await this.trouble();
    if (trouble) return this.line({ name: "away", why: trouble });
    const account = await this.account();
    if (!account) return this.line({ name: "away", why: "lost" });
    const { make } = account.kind === "twilio" ? await import("./twilio") : await import("./sip");
    const ears = { line: this.line.bind(this), talk: this.told.bind(this), sound: this.sound.bind(this) };
    this.phone = make(account, ears, async () => (await this.account()) ?? account);
    this.root.toggleAttribute("data-holds", this.phone.canHold);
    this.root.toggleAttribute("data-transfers", this.phone.canTransfer);
    window.addEventListener("pagehide", () => this.phone?.stop());
    await this.phone.start().catch(() => this.line({ name: "away", why: "refused" }));
    await this.listDevices();
    navigator.mediaDevices.addEventListener("devicechange", () => void this.listDevices());
  }

  /** Why this browser cannot be a phone, in a word; the desk phone rings all the same. */
  private async trouble(): Promise<string> {
    if (!("mediaDevices" in navigator)) return "insecure";
    const devices = await navigator.mediaDevices.enumerateDevices();
    if (!devices.some((device) => device.kind === "audioinput")) return "silent";
    const asked = await navigator.permissions?.query({ name: "microphone" as PermissionName }).catch(() => null);
    return asked?.state === "denied" ? "forbidden" : "";
  }

  private async account(): Promise<Account | null> {
    const answer = await fetch(this.root.dataset["account"] ?? "").catch(() => null);
    return answer?.ok ? ((await answer.json()) as Account) : null;
  }

  line(state: LineState): void {
    sayReady(state.name === "ready");
    this.root.dataset["phone"] = state.name;
    this.root.dataset["why"] = state.name === "away" ? state.why : "";
    const words = this.root.dataset[`words${capital(state.name === "away" ? state.why : state.name)}`] ?? "";
    this.text("line", words);
  }

  private told(talk: Talk, state: TalkState): void {
    if (state === "ended") {
      if (talk === this.talk) this.over();
      return;
    }
    if (state !== "talking") this.meet(talk);
    const clicked = state === "ringing" && this.expected.take(talk.number);
    this.ringer.ring(state === "ringing" && !clicked);
    if (state === "talking") this.since = Date.now();
    this.root.dataset["talk"] = state;
    this.text("state", this.root.dataset[`words${capital(state)}`] ?? "");
    this.tick();
    if (clicked) void this.answer(); // who clicked has said already that they want to talk
  }

  /** Shows who it is, as far as Hub knows the number. */
  private meet(talk: Talk): void {
    this.talk = talk;
    this.mark("mute", (this.muted = false));
    this.mark("hold", (this.held = false));
    this.text("trouble", "");
    this.part("who")?.replaceChildren(talk.name && talk.name !== talk.number ? `${talk.name} · ${talk.number}` : talk.number);
    void fetch(`${this.root.dataset["who"]}?number=${encodeURIComponent(talk.number)}`)
      .then((answer) => (answer.status === 200 ? answer.text() : ""))
      .then((html) => {
        if (!html || this.talk !== talk) return;
        const template = document.createElement("template");
        template.innerHTML = html;
        const who = this.part("who");
        who?.replaceChildren(template.content);
        if (who) htmx.process(who);
      })
      .catch(() => undefined);
  }

  private over(): void {
    this.talk = null;
    this.since = 0;
    this.ringer.ring(false);
    delete this.root.dataset["talk"];
    delete this.root.dataset["pad"];
    this.text("clock", "");
    this.text("state", "");
    this.text("trouble", "");
    const audio = this.root.querySelector("audio");
    if (audio) audio.srcObject = null;
  }

  private sound(stream: MediaStream): void {
    const audio = this.root.querySelector("audio");
    if (!audio) return;
    audio.srcObject = stream;
    void audio.play().catch(() => undefined);
  }

  private tick(): void {
    if (this.since) this.text("clock", asClock((Date.now() - this.since) / 1000));
  }

  private pressed(target: Element): void {
    const act = target.closest<HTMLElement>("[data-act]")?.dataset["act"];
    const key = target.closest<HTMLElement>("[data-key]")?.dataset["key"];
    if (key) this.key(key);
    if (act === "answer") void this.answer();
    if (act === "hang-up") this.talk?.hangUp();
    if (act === "mute") this.talk?.mute((this.muted = this.mark("mute", !this.muted)));
    if (act === "hold") this.talk?.hold((this.held = this.mark("hold", !this.held)));
    if (act === "pad" || act === "devices") this.open(act);
  }

  /** The microphone is asked for here, at the person's own press: only now browsers ask the person. */
  private async answer(): Promise<void> {
    if (await this.mayHear()) this.talk?.answer();
  }

  private async mayHear(): Promise<boolean> {
    try {
      const stream = await navigator.mediaDevices.getUserMedia(wanted(this.chosen("microphone")));
      for (const track of stream.getTracks()) track.stop();
      return true;
    } catch {
      this.text("trouble", this.root.dataset["wordsForbidden"] ?? "");
      return false;
    }
  }

  private key(key: string): void {
    const field = this.root.querySelector<HTMLInputElement>("[data-part=number]");
    if (this.root.dataset["talk"] === "talking") this.talk?.press(key);
    if (field) field.value += key;
  }

  private submitted(event: Event): void {
    event.preventDefault();
    const field = this.root.querySelector<HTMLInputElement>("[data-part=number]");
    const number = field?.value.replaceAll(/[^0-9+*#]/g, "") ?? "";
    if (!number || !field) return;
    if (this.talk) void this.transfer(number);
    else void this.mayHear().then((may) => may && this.phone?.dial(number));
    field.value = "";
  }

  private async transfer(number: string): Promise<void> {
    const talk = this.talk;
    if (!talk || this.root.dataset["talk"] !== "talking") return;
    const taken = await talk.transfer(number);
    if (taken) talk.hangUp();
    else this.text("trouble", this.root.dataset["wordsRefusedTransfer"] ?? "");
  }

  private open(part: string): void {
    if (this.root.dataset["pad"] === part) delete this.root.dataset["pad"];
    else this.root.dataset["pad"] = part;
    for (const button of this.root.querySelectorAll<HTMLElement>("[data-act=pad], [data-act=devices]")) {
      button.setAttribute("aria-expanded", String(button.dataset["act"] === this.root.dataset["pad"]));
    }
    if (this.root.dataset["pad"] === "devices") void this.listDevices();
  }

  private async listDevices(): Promise<void> {
    const devices = await navigator.mediaDevices.enumerateDevices();
    for (const [part, kind] of [["microphone", "audioinput"], ["speaker", "audiooutput"]] as const) {
      const list = this.root.querySelector<HTMLSelectElement>(`select[data-part=${part}]`);
      if (!list) continue;
      const [first] = list.options;
      const named = devices.filter((device) => device.kind === kind && device.deviceId && device.label);
      list.replaceChildren(...(first ? [first] : []), ...named.map((device) => new Option(device.label, device.deviceId)));
      list.value = this.chosen(part);
      if (list.selectedIndex < 0) list.selectedIndex = 0;
    }
  }

  private chosen(part: string): string {
    return window.localStorage.getItem(`phone-${part}`) ?? "";
  }

  private async chose(list: HTMLSelectElement): Promise<void> {
    const part = list.dataset["part"];
    if (!part) return;
    window.localStorage.setItem(`phone-${part}`, list.value);
    if (part === "microphone") await this.phone?.microphone(list.value).catch(() => undefined);
    if (part !== "speaker") return;
    await this.phone?.speaker(list.value);
    const audio = this.root.querySelector("audio") as (HTMLAudioElement & { setSinkId?: (id: string) => Promise<void> }) | null;
    await audio?.setSinkId?.(list.value).catch(() => undefined);
  }

  /** One key answers, one hangs up, from anywhere on the page. */
  byKey(event: KeyboardEvent): void {
    if (!event.altKey || event.ctrlKey || event.metaKey || !this.talk) return;
    const key = event.code;
    if (key === "KeyA" && this.root.dataset["talk"] === "ringing") void this.answer();
    else if (key === "KeyH") this.talk.hangUp();
    else if (key === "KeyM" && this.root.dataset["talk"] === "talking") this.talk.mute((this.muted = this.mark("mute", !this.muted)));
    else return;
    event.preventDefault();
  }

  private mark(act: string, on: boolean): boolean {
    this.root.querySelector(`[data-act=${act}]`)?.setAttribute("aria-pressed", String(on));
    return on;
  }

  private part(name: string): HTMLElement | null {
    return this.root.querySelector<HTMLElement>(`[data-part=${name}]`);
  }

  private text(name: string, words: string): void {
    const part = this.part(name);
    if (part && part.textContent !== words) part.textContent = words;
  }
}

function capital(word: string): string {
  return word.charAt(0).toUpperCase() + word.slice(1);
}

export function pickUp(root: HTMLElement): void {
  const dock = new Dock(root);
  document.addEventListener("keydown", (event) => dock.byKey(event));
  if (!window.isSecureContext) return dock.line({ name: "away", why: "insecure" });
  dock.line({ name: "away", why: "elsewhere" });
  const forever = () => new Promise<void>(() => undefined);
  void navigator.locks.request(LOCK, async () => {
    await dock.begin();
    await forever();
  });
}
