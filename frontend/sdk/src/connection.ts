/**
 * One socket at a time, and when to have the next one: connect, hello, watch the pings, say pong, obey `bye` and
 * close codes, back off, come back. Knows nothing of streams, calls or features; those are its hooks.
 */
import { backoffMs, type BackoffLimits, DEFAULT_BACKOFF } from "./backoff.ts";
import { parseFrame } from "./frames.ts";
import type { Cancel, Clock, Network, NetworkSignal, Random, Socket, SocketFactory, TokenProvider } from "./ports.ts";
import type { Bye, ClientFrame, ServerFrame, StreamCursor, Welcome } from "./protocol.gen.ts";
import { comesBack, type ConnectionState } from "./state.ts";

export interface ConnectionOptions {
  socket: SocketFactory;
  clock: Clock;
  random: Random;
  network: Network;
  token?: TokenProvider | undefined;
  device?: string | undefined;
  backoff?: BackoffLimits | undefined;
}

export interface ConnectionHooks {
  newId(): number;
  positions(): StreamCursor[];
  takeSeen(): Record<string, number>;
  onWelcome(welcome: Welcome): void;
  onFrame(frame: ServerFrame): void;
  onLost(): void;
  onState(state: ConnectionState): void;
}

/** From the call of the factory to `welcome`. */
const CONNECT_TIMEOUT_MS = 10_000;
/** How long an open socket has to answer after the network changed or the page was shown again. */
const PROBE_TIMEOUT_MS = 4_000;
/** The server closes after `bye`; a server that cannot is not waited for longer. */
const BYE_TIMEOUT_MS = 5_000;
/** How soon after an error a server that ends the session says bye. */
const BYE_FOLLOWS_MS = 500;
/** A connection that held this long was a good one: the next failure is the first again. */
const GOOD_AFTER_MS = 10_000;
const NORMAL_CLOSE = 1000;
const ABNORMAL_CLOSE = 1006;
/** Of a socket that looks open and is not: whoever shares it should have a new one, too. */
export const GIVEN_UP = 3008;

export class Connection {
  readonly #options: ConnectionOptions;
  readonly #hooks: ConnectionHooks;
  #state: ConnectionState;
  #socket: Socket | null = null;
  /** Tells the answers of the present socket from those of one that was given up. */
  #generation = 0;
  #welcomedAtMs: number | null = null;
  #lastFrameAtMs = 0;
  #frames = 0;
  #pingIntervalMs = 0;
  #failures = 0;
  #bye: Bye | null = null;
  #cancelTimer: Cancel | null = null;
  #cancelNetwork: Cancel | null = null;

  constructor(options: ConnectionOptions, hooks: ConnectionHooks) {
    this.#options = options;
    this.#hooks = hooks;
    this.#state = { kind: "offline", sinceMs: options.clock.now(), retryAtMs: null };
  }

  get state(): ConnectionState {
    return this.#state;
  }

  get welcomed(): boolean {
    return this.#welcomedAtMs !== null;
  }

  start(): void {
    this.#cancelNetwork ??= this.#options.network.listen((signal) => this.#onNetwork(signal));
    if (this.#socket === null) this.#connect();
  }

  stop(): void {
    this.#cancelNetwork?.();
    this.#cancelNetwork = null;
    this.#abandon();
    this.#set({ kind: "offline", sinceMs: this.#sinceMs(), retryAtMs: null });
  }

  /** Says hello anew at once on a new socket, if there is one now; else the next hello is soon enough. */
  restart(): void {
    if (this.#socket === null) return;
    this.#abandon();
    this.#connect();
  }

  /** A person does not want to wait. */
  retryNow(): void {
    const { kind } = this.#state;
    if (kind === "waiting" || kind === "offline") this.#connect();
  }

  send(frame: ClientFrame): void {
    this.#socket?.send(JSON.stringify(frame));
  }

  /** The client applied all that the welcome announced. */
  caughtUp(): void {
    if (this.#state.kind === "recovering") this.#set({ kind: "live" });
  }

  fellBehind(): void {
    if (this.#state.kind === "live") this.#set({ kind: "recovering", sinceMs: this.#options.clock.now() });
  }

  #connect(): void {
    const generation = ++this.#generation;
    const current = () => generation === this.#generation;
    this.#bye = null;
    this.#set({ kind: "connecting", sinceMs: this.#sinceMs() });
    this.#timer(CONNECT_TIMEOUT_MS, () => this.#giveUp(ABNORMAL_CLOSE));
    this.#socket = this.#options.socket({
      onOpen: () => void this.#hello(current),
      onMessage: (text) => {
        if (current()) this.#onMessage(text);
      },
      onClose: (code) => {
        if (current()) this.#onClose(code);
      },
    });
  }

  async #hello(current: () => boolean): Promise<void> {
    const token = await this.#token();
    if (!current()) return;
    this.send({
      type: "hello",
      id: this.#hooks.newId(),
      protocol: 1,
      ...(token === null ? {} : { token }),
      ...(this.#options.device === undefined ? {} : { device: this.#options.device }),
      streams: this.#hooks.positions(),
    });
  }

  async #token(): Promise<string | null> {
    try {
      return (await this.#options.token?.()) ?? null;
    } catch {
      return null; // the server answers what is missing, with a code that says whether to come back
    }
  }

  #onMessage(text: string): void {
    this.#lastFrameAtMs = this.#options.clock.now();
    this.#frames += 1;
    const frame = parseFrame(text);
    if (frame === null) return;
    switch (frame.type) {
      case "welcome":
        return this.#onWelcome(frame);
      case "ping":
        return this.send({ type: "pong", id: frame.id, seen: this.#hooks.takeSeen() });
      case "bye":
        this.#bye = frame;
        return this.#timer(BYE_TIMEOUT_MS, () => this.#giveUp(ABNORMAL_CLOSE));
      case "pong":
        return;
      case "error":
        if (this.#welcomedAtMs === null) this.#greetingFailed();
        return this.#hooks.onFrame(frame);
      case "auth_expiring":
        return void this.#refreshToken();
      default:
        return this.#hooks.onFrame(frame);
    }
  }

  #onWelcome(welcome: Welcome): void {
    this.#welcomedAtMs = this.#options.clock.now();
    this.#pingIntervalMs = welcome.ping_interval_ms;
    this.#set({ kind: "recovering", sinceMs: this.#sinceMs() });
    this.#watchPings();
    this.#hooks.onWelcome(welcome);
  }

  /** Where the session is over, a bye follows; else, as while the database is away, trying again is up to us. */
  #greetingFailed(): void {
    this.#timer(BYE_FOLLOWS_MS, () => this.#giveUp(ABNORMAL_CLOSE));
  }

  async #refreshToken(): Promise<void> {
    const generation = this.#generation;
    const token = await this.#token();
    if (token === null || generation !== this.#generation) return;
    this.send({ type: "auth_refresh", id: this.#hooks.newId(), token });
  }

  /** Two intervals without a frame: the way is dead, even if no close ever arrives. */
  #watchPings(): void {
    const quietMs = this.#options.clock.now() - this.#lastFrameAtMs;
    const allowedMs = 2 * this.#pingIntervalMs;
    if (quietMs >= allowedMs) return this.#giveUp(ABNORMAL_CLOSE);
    this.#timer(allowedMs - quietMs, () => this.#watchPings());
  }

  #giveUp(code: number): void {
    this.#socket?.close(GIVEN_UP);
    this.#onClose(code);
  }

  #onClose(code: number): void {
    const now = this.#options.clock.now();
    const sinceMs = this.#sinceMs();
    const bye = this.#bye;
    if (this.#welcomedAtMs !== null && now - this.#welcomedAtMs >= GOOD_AFTER_MS) this.#failures = 0;
    this.#abandon();
    if (!comesBack(code) || bye?.retry === false) {
      const reason = { code: bye?.code ?? `close_${code}`, message: bye?.message ?? "" };
      return this.#set({ kind: "stopped", sinceMs, reason });
    }
    const delayMs = bye?.after_ms ?? backoffMs(this.#failures, this.#options.random, this.#backoff());
    this.#failures += 1;
    this.#timer(delayMs, () => this.#connect());
    const retryAtMs = now + delayMs;
    if (this.#options.network.online()) this.#set({ kind: "waiting", sinceMs, retryAtMs, code: bye?.code ?? null });
    else this.#set({ kind: "offline", sinceMs, retryAtMs });
  }

  #backoff(): BackoffLimits {
    return this.#options.backoff ?? DEFAULT_BACKOFF;
  }

  #onNetwork(signal: NetworkSignal): void {
    if (this.#welcomedAtMs !== null) this.#probe();
    else if (signal !== "offline") this.retryNow();
  }

  /** Something changed around a socket that looks open: ask, rather than believe it or the device. */
  #probe(): void {
    const framesBefore = this.#frames;
    this.send({ type: "ping", id: this.#hooks.newId() });
    this.#timer(PROBE_TIMEOUT_MS, () => {
      if (this.#frames === framesBefore) this.#giveUp(ABNORMAL_CLOSE);
      else this.#watchPings();
    });
  }

  #abandon(): void {
    this.#generation += 1;
    this.#cancelTimer?.();
    this.#cancelTimer = null;
    this.#welcomedAtMs = null;
    const socket = this.#socket;
    this.#socket = null;
    socket?.close(NORMAL_CLOSE);
    if (socket !== null) this.#hooks.onLost();
  }

  #timer(delayMs: number, run: () => void): void {
    this.#cancelTimer?.();
    this.#cancelTimer = this.#options.clock.after(delayMs, run);
  }

  #sinceMs(): number {
    return "sinceMs" in this.#state ? this.#state.sinceMs : this.#options.clock.now();
  }

  #set(state: ConnectionState): void {
    this.#state = state;
    this.#hooks.onState(state);
  }
}
