/**
 * The Carillon client: streams with cursors, calls, the outbox of writes and presence over one connection.
 * Start and recovery are one path: hello with cursors, replay, live. Knows no feature and no view.
 */
import { PendingCalls } from "./calls.ts";
import { Connection, type ConnectionOptions } from "./connection.ts";
import { Cursors } from "./cursors.ts";
import { type CallError, notConnected } from "./errors.ts";
import { Outbox, type OutboxChange, type OutboxEntry, type WriteArgs, type WriteName, type WriteTransport } from "./outbox.ts";
import type { Channel, KeyValueStorage } from "./ports.ts";
import { type Attendance, Presence } from "./presence.ts";
import type { CommandMap, Cursor, EventFrame, EventMap, PresenceChanged, ServerFrame, StreamState, Welcome } from "./protocol.gen.ts";
import type { ConnectionState } from "./state.ts";

/** One event of a stream, with the type of its data known by its name. `seq` is null on transient events. */
export type StreamEvent = {
  [N in keyof EventMap]: { name: N; data: EventMap[N]; stream: string; seq: number | null; at: string };
}[keyof EventMap];

export type CommandName = keyof CommandMap;

export type CursorMap = Readonly<Record<string, Cursor>>;

export interface ClientHandlers {
  /** Applies one event. Its stream's cursor moves on when this returns; a throw asks for a snapshot. */
  onEvent(event: StreamEvent): void;
  /** Fetches and applies a fresh snapshot and returns its cursors. A rejection is tried again. */
  onSnapshotRequired(): Promise<CursorMap>;
  onState(state: ConnectionState): void;
  onOutbox(change: OutboxChange): void;
  onPresence(stream: string, attendance: Attendance): void;
  /** The server refuses this stream from now on, such as after a kick. */
  onRevoked(stream: string): void;
  /** A bug in a handler. It never stops the connection. */
  onHandlerError(reason: unknown): void;
}

export interface ClientOptions extends ConnectionOptions, ClientHandlers {
  storage: KeyValueStorage;
  /** Separates the users of one browser in the storage: the user's id. */
  scope: string;
  newId: () => string;
  /** To the user's other pages in this browser; with it, one page sends the writes of all. */
  pages?: Channel | null | undefined;
  /** Whether that is this one. */
  sendsWrites?: (() => boolean) | undefined;
  callTimeoutMs?: number | undefined;
}

const CALL_TIMEOUT_MS = 15_000;
/** A server that refuses one snapshot's cursors after the other is not asked without a pause. */
const SNAPSHOT_EVERY_MS = 2_000;
const SUBSCRIBE_RETRY_MS = 2_000;
/** The cursor is beyond the head: the server's log is older than what this page saw, such as after a restore. */
const CURSOR_REFUSED = "bad_cursor";

export class CarillonClient {
  readonly #options: ClientOptions;
  readonly #cursors = new Cursors();
  readonly #calls: PendingCalls;
  readonly #connection: Connection;
  readonly #outbox: Outbox;
  readonly #presence: Presence;
  #fetchingSnapshot = false;
  #snapshotAtMs = 0;
  #started = false;

  constructor(options: ClientOptions) {
    this.#options = options;
    this.#calls = new PendingCalls(options.clock);
    this.#connection = new Connection(options, {
      newId: () => this.#calls.newId(),
      positions: () => this.#cursors.positions(),
      takeSeen: () => this.#cursors.takeSeen(),
      onWelcome: (welcome) => this.#onWelcome(welcome),
      onFrame: (frame) => this.#onFrame(frame),
      onLost: () => this.#onLost(),
      onState: (state) => options.onState(state),
    });
    this.#outbox = new Outbox({
      storage: options.storage,
      clock: options.clock,
      newId: options.newId,
      scope: options.scope,
      pages: options.pages,
      transport: () => this.#writeTransport(),
      onChange: (change) => options.onOutbox(change),
    });
    this.#presence = new Presence({
      call: (name, stream) => this.call(name, { stream }),
      tell: (idle) => this.call("presence.update", { idle }),
      onChange: (stream, attendance) => options.onPresence(stream, attendance),
    });
  }

  get state(): ConnectionState {
    return this.#connection.state;
  }

  /** Connects with the cursors of a snapshot that was applied just before. */
  start(cursors: CursorMap): void {
    this.#started = true;
    this.#take(cursors);
    this.#connection.start();
  }

  stop(): void {
    this.#started = false;
    this.#connection.stop();
    this.#outbox.close();
  }

  /** Ends the wait for the next attempt, as a person asks by a button. */
  retryNow(): void {
    this.#connection.retryNow();
  }

  /** Without a cursor the stream starts at its present head. */
  subscribe(stream: string, cursor: Cursor | null = null): void {
    if (this.#cursors.has(stream)) return;
    this.#cursors.add(stream, cursor);
    if (this.#connection.welcomed) this.#subscribe(stream);
  }

  unsubscribe(stream: string): void {
    if (!this.#cursors.has(stream)) return;
    this.#cursors.remove(stream);
    this.#presence.forget(stream);
    if (this.#connection.welcomed) {
      this.#connection.send({ type: "unsubscribe", id: this.#calls.newId(), stream });
    }
  }

  cursor(stream: string): Cursor | null {
    return this.#cursors.get(stream);
  }

  /** Where the client stands: with a copy of the state of this moment, a later page can start from here. */
  cursors(): CursorMap {
    return this.#cursors.all();
  }

  /** Calls once, on the present connection. Rejects with a `CallError`. */
  call<N extends CommandName>(name: N, args: CommandMap[N]["args"]): Promise<CommandMap[N]["result"]> {
    return this.#call(name, args) as Promise<CommandMap[N]["result"]>; // the server's schema vouches for the shape
  }

  /** Queues a write and returns its `client_id`. It is sent now or after the next reconnect or reload, once. */
  write<N extends WriteName>(name: N, args: WriteArgs<N>): string {
    return this.#outbox.add(name, args);
  }

  retryWrite(clientId: string): void {
    this.#outbox.retry(clientId);
  }

  discardWrite(clientId: string): void {
    this.#outbox.discard(clientId);
  }

  pendingWrites(): readonly OutboxEntry[] {
    return this.#outbox.entries();
  }

  watchPresence(stream: string): void {
    this.#presence.watch(stream, { connected: this.#connection.welcomed });
  }

  unwatchPresence(stream: string): void {
    this.#presence.unwatch(stream, { connected: this.#connection.welcomed });
  }

  /** Whether nobody has touched this device for a while; others then see the person as idle, unless active elsewhere. */
  setIdle(idle: boolean): void {
    this.#presence.setIdle(idle, { connected: this.#connection.welcomed });
  }

  /** Tells at once what was applied, where others wait to know; otherwise the next pong does. */
  reportSeen(): void {
    if (this.#connection.welcomed) this.#connection.send({ type: "pong", id: 0, seen: this.#cursors.takeSeen() });
  }

  #take(cursors: CursorMap): void {
    this.#cursors.clear();
    for (const [stream, cursor] of Object.entries(cursors)) this.#cursors.add(stream, cursor);
  }

  #call(name: string, args: object): Promise<unknown> {
    if (!this.#connection.welcomed) return Promise.reject(notConnected());
    const id = this.#calls.newId();
    const answer = this.#calls.wait(id, this.#options.callTimeoutMs ?? CALL_TIMEOUT_MS);
    this.#connection.send({ type: "call", id, name, args });
    return answer;
  }

  #writeTransport(): WriteTransport | null {
    const sends = this.#options.sendsWrites?.() ?? true;
    return sends && this.#connection.welcomed ? (name, args) => this.#call(name, args) : null;
  }

  #onWelcome(welcome: Welcome): void {
    for (const state of welcome.streams) this.#settle(state.stream, state);
    this.#presence.connected();
    this.#outbox.resume();
    this.#tellWhetherCaughtUp();
  }

  #onLost(): void {
    this.#calls.connectionLost();
    this.#cursors.connectionLost();
  }

  #onFrame(frame: ServerFrame): void {
    switch (frame.type) {
      case "event":
        return this.#onEvent(frame);
      case "reply":
        return this.#calls.reply(frame.id, frame.result);
      case "error":
        return void this.#calls.error(frame);
      case "lag":
        this.#cursors.raiseHead(frame.stream, frame.head);
        return this.#tellWhetherCaughtUp();
      case "snapshot_required":
        return this.#fetchSnapshot();
      case "revoked":
        return this.#revoked(frame.stream);
      default:
        return; // the connection's own frames
    }
  }

  #onEvent(frame: EventFrame): void {
    if (frame.name === "presence.changed") this.#presence.changed(frame.stream, frame.data as PresenceChanged);
    if (frame.seq === undefined) return void this.#apply(frame, null);
    // A snapshot replaces everything applied from here on; its cursors fetch this event again.
    if (!this.#cursors.has(frame.stream) || this.#fetchingSnapshot) return;
    switch (this.#cursors.judge(frame.stream, frame.seq)) {
      case "duplicate":
        return;
      case "gap":
        return this.#resubscribe(frame.stream);
      case "apply":
        if (!this.#apply(frame, frame.seq)) return this.#fetchSnapshot();
        this.#cursors.advance(frame.stream, frame.seq);
        this.#tellWhetherCaughtUp();
    }
  }

  #apply(frame: EventFrame, seq: number | null): boolean {
    try {
      const { name, data, stream, at } = frame;
      this.#options.onEvent({ name, data, stream, seq, at } as StreamEvent); // the server's schema vouches for it
      return true;
    } catch (reason) {
      this.#options.onHandlerError(reason);
      return false;
    }
  }

  /** The server moves the cursor of a stream only when it is left and followed anew. */
  #resubscribe(stream: string): void {
    if (!this.#cursors.startResubscribing(stream)) return;
    this.#connection.send({ type: "unsubscribe", id: this.#calls.newId(), stream });
    this.#subscribe(stream);
  }

  #subscribe(stream: string): void {
    const id = this.#calls.newId();
    const answer = this.#calls.wait(id, this.#options.callTimeoutMs ?? CALL_TIMEOUT_MS);
    this.#connection.send({ type: "subscribe", id, ...this.#cursors.position(stream) });
    answer.then(
      (result) => {
        this.#settle(stream, result as Omit<StreamState, "stream">);
        this.#presence.subscribed(stream);
        this.#tellWhetherCaughtUp();
      },
      (error: CallError) => {
        if (error.code === CURSOR_REFUSED) this.#fetchSnapshot();
        else if (!error.retry) this.#revoked(stream);
        else if (this.#connection.welcomed) this.#subscribeLater(stream, error.retryAfterMs ?? SUBSCRIBE_RETRY_MS);
      },
    );
  }

  #subscribeLater(stream: string, delayMs: number): void {
    this.#options.clock.after(delayMs, () => {
      if (this.#connection.welcomed && this.#cursors.has(stream)) this.#subscribe(stream);
    });
  }

  #settle(stream: string, state: Omit<StreamState, "stream">): void {
    if (state.error === CURSOR_REFUSED) return this.#fetchSnapshot();
    if (state.error) return this.#revoked(stream);
    const sameLog = this.#cursors.settle(stream, state.epoch ?? "", state.head ?? 0);
    if (!sameLog || state.recovered === false) this.#fetchSnapshot();
  }

  #revoked(stream: string): void {
    if (!this.#cursors.has(stream)) return;
    this.#cursors.remove(stream);
    this.#presence.forget(stream);
    this.#options.onRevoked(stream);
    this.#tellWhetherCaughtUp();
  }

  /** The state cannot be carried on from the cursors: replace it, then start as ever. */
  #fetchSnapshot(): void {
    if (this.#fetchingSnapshot) return;
    this.#fetchingSnapshot = true;
    this.#connection.fellBehind();
    const { clock } = this.#options;
    const waitMs = this.#snapshotAtMs + SNAPSHOT_EVERY_MS - clock.now();
    if (waitMs <= 0) void this.#replaceState();
    else clock.after(waitMs, () => void this.#replaceState());
  }

  async #replaceState(): Promise<void> {
    if (!this.#started || this.state.kind === "stopped") return;
    this.#snapshotAtMs = this.#options.clock.now();
    try {
      this.#take(await this.#options.onSnapshotRequired());
      this.#fetchingSnapshot = false;
      this.#connection.restart();
    } catch (reason) {
      this.#options.onHandlerError(reason);
      this.#fetchingSnapshot = false;
      this.#fetchSnapshot();
    }
  }

  #tellWhetherCaughtUp(): void {
    if (!this.#connection.welcomed || this.#fetchingSnapshot) return;
    if (this.#cursors.caughtUp()) this.#connection.caughtUp();
    else this.#connection.fellBehind();
  }
}
