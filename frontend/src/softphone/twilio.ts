// A phone of Twilio: its Voice SDK, with the access token that Hub gives for one hour at a time.
import { Call, Device } from "@twilio/voice-sdk";
import type { Account, Ears, MakePhone, Phone, Talk } from "./phone";

class TwilioTalk implements Talk {
  readonly number: string;
  readonly name = "";

  constructor(
    private call: Call,
    readonly incoming: boolean,
    number: string,
  ) {
    this.number = number;
  }

  answer(): void {
    this.call.accept();
  }

  hangUp(): void {
    if (this.incoming && this.call.status() === Call.State.Pending) this.call.reject();
    else this.call.disconnect();
  }

  mute(on: boolean): void {
    this.call.mute(on);
  }

  hold(): void {
    /* Twilio's browser phone knows no hold; the dock shows no such button. */
  }

  press(key: string): void {
    this.call.sendDigits(key);
  }

  transfer(): Promise<boolean> {
    return Promise.resolve(false);
  }
}

class TwilioPhone implements Phone {
  readonly canHold = false;
  readonly canTransfer = false;
  private device: Device;

  constructor(
    account: Account,
    private ears: Ears,
    private renew: () => Promise<Account>,
  ) {
    this.device = new Device(account.token, { logLevel: "error", closeProtection: false });
  }

  start(): Promise<void> {
    this.ears.line({ name: "connecting" });
    this.device.on("registered", () => this.ears.line({ name: "ready" }));
    this.device.on("unregistered", () => this.ears.line({ name: "away", why: "lost" }));
    this.device.on("error", (error: { code?: number }) => {
      // https://www.twilio.com/docs/api/errors: 20101 to 20157 are about the token.
      const refused = error.code !== undefined && error.code >= 20101 && error.code <= 20157;
      this.ears.line({ name: "away", why: refused ? "refused" : "lost" });
    });
    this.device.on("tokenWillExpire", () => void this.renew().then((account) => this.device.updateToken(account.token)));
    this.device.on("incoming", (call: Call) => this.take(call, true, call.parameters["From"] ?? ""));
    return this.device.register();
  }

  stop(): void {
    this.device.destroy();
  }

  dial(number: string): void {
    void this.device.connect({ params: { To: number } }).then((call) => this.take(call, false, number));
  }

  microphone(id: string): Promise<void> {
    return this.device.audio?.setInputDevice(id || "default") ?? Promise.resolve();
  }

  speaker(id: string): Promise<void> {
    return this.device.audio?.speakerDevices.set(id || "default").then(() => undefined) ?? Promise.resolve();
  }

  private take(call: Call, incoming: boolean, number: string): void {
    const talk = new TwilioTalk(call, incoming, number);
    call.on("accept", () => this.ears.talk(talk, "talking"));
    for (const end of ["disconnect", "cancel", "reject", "error"]) call.on(end, () => this.ears.talk(talk, "ended"));
    this.ears.talk(talk, incoming ? "ringing" : "dialling");
  }
}

export const make: MakePhone = (account, ears, renew) => new TwilioPhone(account, ears, renew);
