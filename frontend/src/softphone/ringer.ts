// The sound of a call that waits to be answered: two soft tones, made here, so that no file has to be fetched.

const PAUSE = 3000;
const TONES = [440, 520];
const LENGTH = 0.35;

export class Ringer {
  private timer: number | undefined;
  private context: AudioContext | null = null;

  ring(on: boolean): void {
    if (!on) {
      clearInterval(this.timer);
      this.timer = undefined;
    } else if (this.timer === undefined) {
      this.sound();
      this.timer = window.setInterval(() => this.sound(), PAUSE);
    }
  }

  private sound(): void {
    this.context ??= new AudioContext();
    if (this.context.state === "suspended") void this.context.resume().catch(() => undefined);
    TONES.forEach((tone, place) => this.tone(tone, place * LENGTH));
  }

  private tone(frequency: number, after: number): void {
    if (!this.context) return;
    const [source, volume] = [this.context.createOscillator(), this.context.createGain()];
    const begin = this.context.currentTime + after;
    source.frequency.value = frequency;
    volume.gain.setValueAtTime(0, begin);
    volume.gain.linearRampToValueAtTime(0.15, begin + 0.05);
    volume.gain.linearRampToValueAtTime(0, begin + LENGTH);
    source.connect(volume).connect(this.context.destination);
    source.start(begin);
    source.stop(begin + LENGTH);
  }
}
