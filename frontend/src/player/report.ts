// What was really heard, told to the server: spans of seconds, while it plays, when it stops and when the page is left.

const TELL_EVERY = 10_000;

export class Report {
  private spans: [number, number][] = [];
  private open: [number, number] | null = null;
  private told = Date.now();

  constructor(
    private readonly address: string,
    private readonly session: string,
  ) {}

  /** It plays, and is at this second now. */
  at(second: number): void {
    if (!this.open) this.open = [second, second];
    else if (second >= this.open[1] && second - this.open[1] < 4) this.open[1] = second;
    else this.jump(second);
    if (Date.now() - this.told > TELL_EVERY) this.tell();
  }

  /** It goes on elsewhere. */
  jump(second: number): void {
    this.close();
    this.open = [second, second];
  }

  /** It stands still. */
  close(): void {
    if (this.open && this.open[1] - this.open[0] > 0.2) this.spans.push(this.open);
    this.open = null;
  }

  tell(): void {
    const going = this.open;
    this.close();
    if (going) this.open = [going[1], going[1]];
    this.told = Date.now();
    if (!this.spans.length) return;
    const body = new FormData();
    body.set("csrf_token", document.querySelector<HTMLMetaElement>('meta[name="csrf-token"]')?.content ?? "");
    body.set("session", this.session);
    body.set("spans", this.spans.map(([from, to]) => `${from.toFixed(1)}-${to.toFixed(1)}`).join(","));
    // A beacon is sent even when the page goes; it may only be refused for being too long, which this is not.
    if (navigator.sendBeacon(this.address, body)) this.spans = [];
  }
}
