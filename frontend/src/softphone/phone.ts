// What a phone in the browser is to the dock, whichever phone system is behind it.

/** Whether calls reach this browser. `why` is a word the dock has a sentence for. */
export type LineState = { name: "connecting" | "ready" } | { name: "away"; why: string };

export type TalkState = "ringing" | "dialling" | "talking" | "ended";

/** One call of this phone, from its first ring to its end. */
export interface Talk {
  readonly incoming: boolean;
  /** The other side, as the phone system names it. */
  readonly number: string;
  readonly name: string;
  answer(): void;
  /** Declines what rings, takes back what is dialled, ends what is talked. */
  hangUp(): void;
  mute(on: boolean): void;
  hold(on: boolean): void;
  press(key: string): void;
  /** Gives the client to `number`; true once the phone system has taken that over. */
  transfer(number: string): Promise<boolean>;
}

/** Whom a phone tells what happens to it. */
export interface Ears {
  line(state: LineState): void;
  talk(talk: Talk, state: TalkState): void;
  /** What the other side says is heard by playing this. */
  sound(stream: MediaStream): void;
}

/** A phone; `canTransfer` and `canHold` are what its system can do from a browser. */
export interface Phone {
  readonly canHold: boolean;
  readonly canTransfer: boolean;
  start(): Promise<void>;
  stop(): void;
  dial(number: string): void;
  microphone(id: string): Promise<void>;
  speaker(id: string): Promise<void>;
}

/** Hub's answer to "what is my phone?". */
export interface Account {
  kind: string;
  identity: string;
  token: string;
  address: string;
  expires_at: string;
}

export type MakePhone = (account: Account, ears: Ears, renew: () => Promise<Account>) => Phone;

/** What is asked of the browser: one microphone, cleaned of echo and noise. */
export function wanted(device: string): MediaStreamConstraints {
  const chosen = device ? { deviceId: { exact: device } } : {};
  return { audio: { ...chosen, echoCancellation: true, noiseSuppression: true, autoGainControl: true }, video: false };
}
