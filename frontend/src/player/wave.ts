// A waveform from the peaks audiowaveform writes: one lane for each channel, bars as wide as the screen is fine. Drawn as
// paths, so that it is sharp on every screen and follows the theme by itself.

export interface Peaks {
  channels: number;
  length: number;
  sampleRate: number;
  samplesPerPixel: number;
  /** Per channel, loudest first to last: 0 to 1. */
  loudness: Float32Array[];
}

interface Written {
  channels?: number;
  sample_rate: number;
  samples_per_pixel: number;
  bits: number;
  length: number;
  data: number[];
}

const BAR = 3;
const LANE = 40;
const SHORTEST = 0.03;
const QUIET = 0.03;
const SVG = "http://www.w3.org/2000/svg";

export async function fetchPeaks(address: string): Promise<Peaks | null> {
  const answer = await fetch(address, { redirect: "manual" }).catch(() => null);
  if (!answer?.ok) return null;
  return read((await answer.json()) as Written);
}

export function read(written: Written): Peaks {
  const channels = written.channels ?? 1;
  const top = 2 ** (written.bits - 1);
  const loudness = Array.from({ length: channels }, () => new Float32Array(written.length));
  for (let pixel = 0; pixel < written.length; pixel++) {
    for (let channel = 0; channel < channels; channel++) {
      const place = 2 * (pixel * channels + channel);
      const low = written.data[place] ?? 0;
      const high = written.data[place + 1] ?? 0;
      (loudness[channel] as Float32Array)[pixel] = Math.min(1, Math.max(-low, high) / top);
    }
  }
  return { channels, length: written.length, sampleRate: written.sample_rate, samplesPerPixel: written.samples_per_pixel, loudness };
}

/** How loud each bar is: of the quadratic mean, for in a long call every bar has one loud moment. */
function bars(loudness: Float32Array, count: number): number[] {
  const step = loudness.length / count;
  return Array.from({ length: count }, (_, bar) => {
    const from = Math.floor(bar * step);
    const to = Math.max(Math.floor((bar + 1) * step), from + 1);
    let sum = 0;
    for (let pixel = from; pixel < to; pixel++) sum += (loudness[pixel] ?? 0) ** 2;
    return Math.sqrt(sum / (to - from));
  });
}

function lane(heights: number[], kind: string): SVGSVGElement {
  const svg = document.createElementNS(SVG, "svg");
  const path = document.createElementNS(SVG, "path");
  const middle = LANE / 2;
  const half = middle - 3;
  path.setAttribute("d", heights.map((height, bar) => `M${bar * BAR + 1.5} ${(middle - height * half).toFixed(1)}v${(2 * height * half).toFixed(1)}`).join(""));
  svg.setAttribute("viewBox", `0 0 ${heights.length * BAR} ${LANE}`);
  svg.setAttribute("preserveAspectRatio", "none");
  svg.setAttribute("class", kind);
  svg.setAttribute("aria-hidden", "true");
  svg.append(path);
  return svg;
}

/** Draws itself anew when its place becomes wider or narrower. */
export class Wave {
  private drawn = 0;
  private readonly watch = new ResizeObserver(() => this.draw());

  constructor(
    private readonly place: HTMLElement,
    private peaks: Peaks | null,
    private readonly channels: number,
  ) {
    this.watch.observe(place);
    this.draw();
  }

  show(peaks: Peaks | null): void {
    this.peaks = peaks;
    this.drawn = 0;
    this.draw();
  }

  private draw(): void {
    const width = this.place.clientWidth;
    const count = Math.floor(width / BAR);
    if (!count || count === this.drawn) return;
    this.drawn = count;
    const all = (this.peaks?.loudness ?? []).map((one) => bars(one, count));
    const loudest = Math.max(QUIET, ...all.flat()); // a quiet call is as readable as a loud one
    const lanes = Array.from({ length: this.channels }, (_, channel) => {
      const box = document.createElement("div");
      box.className = `player-lane lane-${channel % 2}`;
      const levels = all[channel] ?? Array<number>(count).fill(0);
      const heights = levels.map((level) => Math.max(SHORTEST, (level / loudest) ** 0.75));
      box.append(lane(heights, "to-come"), lane(heights, "heard"));
      return box;
    });
    this.place.replaceChildren(...lanes);
  }
}

/** Stretches in which nobody is heard, for recordings whose silence was not measured. */
export function quietSpans(peaks: Peaks, seconds: number): [number, number][] {
  const found: [number, number][] = [];
  const each = seconds / peaks.length;
  let since: number | null = null;
  for (let pixel = 0; pixel <= peaks.length; pixel++) {
    const quiet = pixel < peaks.length && peaks.loudness.every((one) => (one[pixel] ?? 0) < 0.02);
    if (quiet) since ??= pixel;
    else if (since !== null) {
      if ((pixel - since) * each >= 1.5) found.push([since * each, pixel * each]);
      since = null;
    }
  }
  return found;
}
