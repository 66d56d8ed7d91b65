// Clocks of open calls run every second; "3 min ago" and what is left of a deadline are told anew now and then.
// The time is Hub's: a computer whose clock is wrong shows the right lengths, and a demo may live in faster time.

const STEPS: readonly [limit: number, unit: Intl.RelativeTimeFormatUnit, seconds: number][] = [
  [60, "second", 1],
  [3600, "minute", 60],
  [86400, "hour", 3600],
  [Infinity, "day", 86400],
];

/** Seconds as `1:05` or `1:02:03`, the way the server writes them. */
export function asClock(seconds: number): string {
  const whole = Math.max(0, Math.floor(seconds));
  const two = (value: number) => String(value).padStart(2, "0");
  const [hours, minutes] = [Math.floor(whole / 3600), Math.floor(whole / 60) % 60];
  return hours ? `${hours}:${two(minutes)}:${two(whole % 60)}` : `${minutes}:${two(whole % 60)}`;
}

const loaded = Date.now();
const told = Date.parse(document.documentElement.dataset.now ?? "") || loaded;
const speed = Number(document.documentElement.dataset.speed) || 1;

function secondsSince(moment: string): number {
  return (told + (Date.now() - loaded) * speed - Date.parse(moment)) / 1000;
}

function ago(moment: string, words: Intl.RelativeTimeFormat): string {
  const seconds = secondsSince(moment);
  for (const [limit, unit, length] of STEPS) {
    if (Math.abs(seconds) < limit) return words.format(-Math.round(seconds / length), unit);
  }
  return "";
}

function eachWith(attribute: string, tell: (element: HTMLElement, value: string) => void): void {
  for (const element of document.querySelectorAll<HTMLElement>(`[${attribute}]`)) {
    tell(element, element.getAttribute(attribute) ?? "");
  }
}

function tellClocks(): void {
  eachWith("data-since", (element, moment) => {
    element.textContent = asClock(secondsSince(moment));
  });
}

function tellAges(): void {
  const words = new Intl.RelativeTimeFormat(document.documentElement.lang, { style: "short" });
  eachWith("data-ago", (element, moment) => {
    element.textContent = ago(moment, words);
  });
  eachWith("data-due", (element, moment) => {
    const left = -secondsSince(moment);
    (element as HTMLProgressElement).value = Math.max(0, left);
    element.closest(".item")?.classList.toggle("late", left <= 0);
  });
}

/** Tell every clock of a page, and of what is added to it later. */
export function keepClocksRunning(): void {
  setInterval(tellClocks, 1000);
  setInterval(tellAges, 15_000);
}
