// What the pages of one browser tell each other of the phone in it: whether it is connected, and whom one has just clicked.
// A lock is let go of with its page, so nobody is ever told of a phone that is gone.

const READY = "hub-phone-ready";
const CLICKS = "hub-clicks";
/** A click calls one's own phone within this time, or not at all. */
const EXPECTED_FOR = 60_000;

let release: (() => void) | null = null;

/** The phone of this page is connected, or is not any more. */
export function sayReady(ready: boolean): void {
  if (!ready) {
    release?.();
    release = null;
  } else if (!release) {
    release = () => undefined;
    void navigator.locks.request(READY, { mode: "shared" }, () => new Promise<void>((resolve) => (release &&= resolve)));
  }
}

/** Whether a page of this browser has its phone connected, in the words of a click; none where there is no such phone. */
export async function phoneHere(): Promise<"ready" | "away" | ""> {
  if (!document.querySelector("[data-softphone]")) return "";
  const locks = "locks" in navigator ? await navigator.locks.query() : null;
  return locks?.held?.some((lock) => lock.name === READY) ? "ready" : "away";
}

/** Somebody has clicked on this number on a page of this browser. */
export function tellClick(number: string): void {
  if (!("BroadcastChannel" in window)) return;
  const channel = new BroadcastChannel(CLICKS);
  channel.postMessage(number);
  channel.close();
}

/** Whether a call is the one that was clicked: the phone system rings one's own phone first, and shows the client's number
 * or, where that is not allowed, the line it will be called from. */
export class Expected {
  private digits = "";
  private until = 0;
  private channel = new BroadcastChannel(CLICKS);

  constructor(private lines: readonly string[]) {
    this.channel.addEventListener("message", ({ data }: MessageEvent<unknown>) => {
      this.digits = digits(String(data));
      this.until = Date.now() + EXPECTED_FOR;
    });
  }

  /** Once for each click. */
  take(number: string): boolean {
    const shown = digits(number);
    const ours = shown !== "" && (shown === this.digits || this.lines.some((line) => digits(line) === shown));
    const expected = ours && Date.now() < this.until;
    if (expected) this.until = 0;
    return expected;
  }
}

function digits(number: string): string {
  return number.replaceAll(/[^0-9]/g, "");
}
