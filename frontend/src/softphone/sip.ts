// A phone of Asterisk, FreePBX or another PBX that speaks SIP over WebSocket (RFC 7118).
import * as JsSIP from "jssip";
import type { RTCSession } from "jssip/lib/RTCSession";
import { type Account, type Ears, type MakePhone, type Phone, type Talk, type TalkState, wanted } from "./phone";

const EXPIRES = 120;
const BUSY = { status_code: 486 };
const DECLINED = { status_code: 603 };

class SipTalk implements Talk {
  readonly incoming: boolean;
  readonly number: string;
  readonly name: string;

  constructor(
    private session: RTCSession,
    private media: () => MediaStreamConstraints,
  ) {
    this.incoming = session.direction === "incoming";
    this.number = session.remote_identity.uri.user ?? "";
    this.name = session.remote_identity.display_name ?? "";
  }

  answer(): void {
    this.session.answer({ mediaConstraints: this.media(), pcConfig: { iceServers: [] } });
  }

  hangUp(): void {
    if (this.session.isEnded()) return;
    this.session.terminate(this.incoming && !this.session.isEstablished() ? DECLINED : undefined);
  }

  mute(on: boolean): void {
    if (on) this.session.mute({ audio: true });
    else this.session.unmute({ audio: true });
  }

  hold(on: boolean): void {
    if (on) this.session.hold();
    else this.session.unhold();
  }

  press(key: string): void {
    this.session.sendDTMF(key, { transportType: JsSIP.C.DTMF_TRANSPORT.RFC2833 });
  }

  transfer(number: string): Promise<boolean> {
    return new Promise((resolve) => {
      const refused = () => resolve(false);
      this.session.refer(number, { eventHandlers: { accepted: () => resolve(true), requestFailed: refused, failed: refused } });
    });
  }
}

class SipPhone implements Phone {
  readonly canHold = true;
  readonly canTransfer = true;
  private agent: JsSIP.UA;
  private current: RTCSession | null = null;
  private device = "";

  constructor(
    account: Account,
    private ears: Ears,
  ) {
    this.agent = new JsSIP.UA({
      sockets: [new JsSIP.WebSocketInterface(account.address)],
      uri: account.identity,
      password: account.token,
      register_expires: EXPIRES,
      session_timers: false,
      user_agent: "Hub",
    });
  }

  start(): Promise<void> {
    this.agent.on("registered", () => this.ears.line({ name: "ready" }));
    this.agent.on("disconnected", () => this.ears.line({ name: "away", why: "lost" }));
    this.agent.on("connecting", () => this.ears.line({ name: "connecting" }));
    this.agent.on("registrationFailed", ({ cause }) =>
      this.ears.line({ name: "away", why: cause === JsSIP.C.causes.CONNECTION_ERROR ? "lost" : "refused" }),
    );
    this.agent.on("newRTCSession", ({ session }: { session: RTCSession }) => this.take(session));
    this.agent.start();
    return Promise.resolve();
  }

  stop(): void {
    this.agent.stop();
  }

  dial(number: string): void {
    this.agent.call(number, { mediaConstraints: wanted(this.device), pcConfig: { iceServers: [] } });
  }

  async microphone(id: string): Promise<void> {
    this.device = id;
    const sender = this.current?.connection?.getSenders().find((one) => one.track?.kind === "audio");
    if (!sender) return;
    const old = sender.track;
    const [track] = (await navigator.mediaDevices.getUserMedia(wanted(id))).getAudioTracks();
    if (track && old) track.enabled = old.enabled;
    await sender.replaceTrack(track ?? null);
    old?.stop();
  }

  speaker(): Promise<void> {
    return Promise.resolve(); // the dock plays the sound itself
  }

  /** One call at a time: whoever calls meanwhile hears that we are busy. */
  private take(session: RTCSession): void {
    if (this.current) return session.terminate(BUSY);
    this.current = session;
    const talk = new SipTalk(session, () => wanted(this.device));
    const tell = (state: TalkState) => this.ears.talk(talk, state);
    session.on("peerconnection", ({ peerconnection }) => this.hear(peerconnection));
    if (session.connection) this.hear(session.connection);
    session.on("accepted", () => tell("talking"));
    const over = () => {
      this.current = null;
      tell("ended");
    };
    session.on("ended", over);
    session.on("failed", over);
    tell(talk.incoming ? "ringing" : "dialling");
  }

  private hear(connection: RTCPeerConnection): void {
    connection.addEventListener("track", ({ streams, track }) => this.ears.sound(streams[0] ?? new MediaStream([track])));
  }
}

export const make: MakePhone = (account, ears) => new SipPhone(account, ears);
