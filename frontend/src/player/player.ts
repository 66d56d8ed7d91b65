// A recording: waveform, position, speed, silence, comments. It grows out of the browser's own player, which stays what
// it is when this script does not run.
import { asClock } from "../ts/clocks";
import { Report } from "./report";
import { fetchPeaks, quietSpans, Wave } from "./wave";

export const STEP = 5;
const RATE = "hub-rate";
const SKIP = "hub-skip-silence";
const NARROWEST_ON_LINE = 250;
const EDGE = 0.3;

const all = new Map<HTMLElement, Player>();
let latest: Player | null = null;

/** The player a key is meant for: whose sound one heard last, else the first on the page. */
export function current(): Player | null {
  if (latest?.root.isConnected) return latest;
  const first = document.querySelector<HTMLElement>("[data-player]");
  return (first && all.get(first)) ?? null;
}

export function playerOf(element: Element | null): Player | undefined {
  const root = element?.closest<HTMLElement>("[data-player]");
  return root ? all.get(root) : undefined;
}

function keep(name: string, value: string): void {
  try {
    localStorage.setItem(name, value);
  } catch {
    // a browser that keeps nothing plays all the same
  }
}

function kept(name: string): string | null {
  try {
    return localStorage.getItem(name);
  } catch {
    return null;
  }
}

export class Player {
  readonly audio: HTMLAudioElement;
  private readonly slider: HTMLElement;
  private readonly report: Report;
  private readonly length: number;
  private silence: [number, number][];
  private startAt: number;

  constructor(readonly root: HTMLElement) {
    const data = root.dataset;
    this.audio = root.querySelector("[data-audio]") as HTMLAudioElement;
    this.slider = root.querySelector("[data-slider]") as HTMLElement;
    this.length = Number(data["length"]) || 0;
    this.startAt = Number(data["leftAt"]) || 0;
    this.silence = JSON.parse(data["silence"] || "[]") as [number, number][];
    this.report = new Report(data["heard"] ?? "", data["session"] ?? "");
    this.furnish();
    this.listen();
    this.pin();
    void this.draw();
  }

  get playing(): boolean {
    return !this.audio.paused && !this.audio.ended;
  }

  get seconds(): number {
    return this.audio.readyState ? this.audio.currentTime : this.startAt;
  }

  toggle(): void {
    if (this.playing) this.audio.pause();
    else void this.play();
  }

  async play(): Promise<void> {
    latest = this;
    for (const other of all.values()) if (other !== this) other.audio.pause();
    await this.audio.play().catch(() => undefined); // why it does not is said by its "error"
  }

  seek(second: number): void {
    const to = Math.min(Math.max(0, second), Math.max(0, this.length - 0.1));
    if (this.audio.readyState) this.audio.currentTime = to;
    else {
      this.startAt = to;
      this.audio.src = `${this.audio.src.split("#")[0]}#t=${to.toFixed(1)}`;
    }
    this.show(to);
  }

  jump(by: number): void {
    this.seek(this.seconds + by);
  }

  /** One speed slower or faster. */
  pace(by: number): void {
    const rates = this.part<HTMLSelectElement>("[data-rate]");
    if (!rates) return;
    rates.selectedIndex = Math.min(Math.max(0, rates.selectedIndex + by), rates.options.length - 1);
    rates.dispatchEvent(new Event("change"));
    this.say(`${rates.value}×`);
  }

  remark(): void {
    const form = this.part<HTMLFormElement>("[data-remark-form]");
    if (!form) return;
    const at = this.seconds;
    (form.querySelector("[data-second]") as HTMLInputElement).value = at.toFixed(1);
    (form.querySelector("[data-second-word]") as HTMLElement).textContent = asClock(at);
    form.hidden = false;
    form.querySelector<HTMLInputElement>("[name=text]")?.focus();
  }

  /** What was heard so far goes to the log. */
  settle(): void {
    this.report.tell();
  }

  /** Comments were written or taken away. */
  pin(): void {
    const place = this.part<HTMLElement>("[data-pins]");
    const words = this.root.dataset["pinWord"] ?? "";
    const pins = [...this.root.querySelectorAll<HTMLElement>(".remark-at")].map((remark) => {
      const second = Number(remark.dataset["second"]);
      const pin = document.createElement("button");
      pin.type = "button";
      pin.className = "player-pin";
      pin.dataset["seek"] = String(second);
      const said = words.replace("{at}", asClock(second)).replace("{text}", remark.dataset["text"] ?? "");
      pin.title = said;
      pin.setAttribute("aria-label", said);
      pin.style.left = `${(second / this.length) * 100}%`;
      return pin;
    });
    place?.replaceChildren(...pins);
    if (place) place.hidden = pins.length === 0;
    this.root.classList.toggle("pinned", pins.length > 0);
  }

  private part<Kind extends HTMLElement>(selector: string): Kind | null {
    return this.root.querySelector<Kind>(selector);
  }

  private furnish(): void {
    this.audio.controls = false;
    for (const name of ["[data-lanes]", "[data-controls]"]) {
      const part = this.part(name);
      if (part) part.hidden = false;
    }
    this.place();
    const rates = this.part<HTMLSelectElement>("[data-rate]");
    const rate = kept(RATE);
    if (rates && rate && [...rates.options].some((option) => option.value === rate)) rates.value = rate;
    this.audio.defaultPlaybackRate = this.audio.playbackRate = Number(rates?.value ?? 1);
    this.part("[data-skip]")?.setAttribute("aria-pressed", String(kept(SKIP) === "yes"));
    this.show(this.startAt);
  }

  /** On the page of its call it lies on the call's line of time, unless it is too short there to be worked with. */
  private place(): void {
    const wave = this.part("[data-wave]");
    const [x, width] = [Number(this.root.dataset["x"]), Number(this.root.dataset["width"])];
    if (!wave || !this.root.closest(".on-line") || width < NARROWEST_ON_LINE) return;
    wave.style.marginInlineStart = `${x / 10}%`;
    wave.style.width = `${width / 10}%`;
  }

  private async draw(): Promise<void> {
    const place = this.part("[data-drawn]");
    if (!place) return;
    const wave = new Wave(place, null, Number(place.dataset["channels"]) || 1);
    const peaks = await fetchPeaks(this.root.dataset["peaks"] ?? "");
    this.part("[data-wave]")?.classList.remove("loading");
    wave.show(peaks);
    this.show(this.seconds);
    if (peaks && !this.silence.length) this.silence = quietSpans(peaks, this.length);
  }

  private listen(): void {
    const on = (name: string, act: () => void): void => this.audio.addEventListener(name, act);
    on("play", () => this.standing());
    on("playing", () => this.say(""));
    on("waiting", () => this.say(this.word("waiting")));
    on("pause", () => {
      this.report.close();
      this.report.tell();
      this.standing();
    });
    on("ended", () => this.standing());
    on("timeupdate", () => this.moved());
    on("seeked", () => {
      if (this.playing) this.report.jump(this.audio.currentTime);
    });
    on("error", () => void this.failed());
    this.slider.addEventListener("keydown", (event) => this.walk(event));
    this.drag();
    this.part("[data-rate]")?.addEventListener("change", (event) => {
      const rate = (event.target as HTMLSelectElement).value;
      this.audio.defaultPlaybackRate = this.audio.playbackRate = Number(rate);
      keep(RATE, rate);
    });
  }

  private word(name: string): string {
    return this.part("[data-says]")?.dataset[name] ?? "";
  }

  say(words: string): void {
    const place = this.part("[data-says]");
    if (place && place.textContent !== words) place.textContent = words;
  }

  private standing(): void {
    const button = this.part<HTMLButtonElement>("[data-play]");
    if (!button) return;
    this.root.classList.toggle("playing", this.playing);
    button.dataset["playWord"] ??= button.getAttribute("aria-label") ?? "";
    button.setAttribute("aria-label", (this.playing ? button.dataset["pauseWord"] : button.dataset["playWord"]) ?? "");
    if (!this.playing) this.say("");
  }

  private moved(): void {
    const now = this.audio.currentTime;
    if (this.playing) {
      const quiet = this.skips ? this.silence.find(([from, to]) => now > from + EDGE && now < to - 2 * EDGE) : undefined;
      if (quiet) {
        this.report.close();
        this.audio.currentTime = quiet[1] - EDGE;
        return;
      }
      this.report.at(now);
    }
    this.show(now);
  }

  private get skips(): boolean {
    return this.part("[data-skip]")?.getAttribute("aria-pressed") === "true";
  }

  skip(): void {
    const button = this.part("[data-skip]");
    const on = !this.skips;
    button?.setAttribute("aria-pressed", String(on));
    keep(SKIP, on ? "yes" : "no");
  }

  private show(second: number): void {
    const share = this.length ? Math.min(1, second / this.length) : 0;
    // Not on the root: it has an id, and of what has one htmx carries the style over, which the page's policy forbids.
    this.part("[data-lanes]")?.style.setProperty("--heard", `${share * 100}%`);
    const now = this.part("[data-now]");
    if (now) now.textContent = asClock(second);
    const words = this.root.dataset["atWord"] ?? "";
    this.slider.setAttribute("aria-valuenow", String(Math.round(second)));
    this.slider.setAttribute("aria-valuetext", words.replace("{at}", asClock(second)).replace("{length}", asClock(this.length)));
  }

  private walk(event: KeyboardEvent): void {
    const by: Readonly<Record<string, number>> = {
      ArrowLeft: -STEP, ArrowDown: -STEP, ArrowRight: STEP, ArrowUp: STEP, PageDown: -60, PageUp: 60,
      Home: -this.length, End: this.length,
    };
    const step = by[event.key];
    if (step === undefined || event.ctrlKey || event.metaKey || event.altKey) return;
    event.preventDefault();
    event.stopPropagation();
    this.jump(event.shiftKey ? Math.sign(step) : step);
  }

  private drag(): void {
    const at = (event: PointerEvent): number => {
      const box = this.slider.getBoundingClientRect();
      return ((event.clientX - box.left) / box.width) * this.length;
    };
    let held = false;
    this.slider.addEventListener("pointerdown", (event) => {
      if (event.button !== 0) return;
      held = true;
      this.slider.setPointerCapture(event.pointerId);
      this.show(Math.min(Math.max(0, at(event)), this.length));
    });
    this.slider.addEventListener("pointermove", (event) => {
      if (held) this.show(Math.min(Math.max(0, at(event)), this.length));
    });
    this.slider.addEventListener("pointerup", (event) => {
      if (held) this.seek(at(event));
      held = false;
    });
    this.slider.addEventListener("pointercancel", () => {
      held = false;
      this.show(this.seconds);
    });
  }

  /** Why: asked again without a byte, for the browser does not tell. */
  private async failed(): Promise<void> {
    const answer = await fetch(this.audio.src, { method: "HEAD", redirect: "manual" }).catch(() => null);
    this.say(this.word(answer?.ok ? "broken" : "refused"));
    this.part("[data-says]")?.classList.add("bad");
    this.standing();
  }
}

/** Every player that came onto the page becomes one; those that left it fall silent. */
export function furnishPlayers(): void {
  for (const [root, player] of all) {
    if (root.isConnected) continue;
    player.audio.pause();
    player.settle();
    all.delete(root);
  }
  for (const root of document.querySelectorAll<HTMLElement>("[data-player]")) {
    if (!all.has(root)) all.set(root, new Player(root));
  }
}

export function leavePage(): void {
  for (const player of all.values()) player.settle();
}
