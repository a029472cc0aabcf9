/** The world of the client, in the hands of a test: time, network, storage and a small server of streams. */
import { CarillonClient, type ClientOptions } from "../src/client.ts";
import type { ClientFrame, EventFrame, ServerFrame, StreamCursor, StreamState } from "../src/protocol.gen.ts";
import type { Clock, KeyValueStorage, Network, NetworkSignal, SocketHandlers } from "../src/ports.ts";
import type { ConnectionState } from "../src/state.ts";
import type { OutboxChange } from "../src/outbox.ts";

export class TestClock implements Clock {
  #nowMs = 1_000_000;
  #timers: { atMs: number; run: () => void }[] = [];

  now(): number {
    return this.#nowMs;
  }

  after(delayMs: number, run: () => void): () => void {
    const timer = { atMs: this.#nowMs + delayMs, run };
    this.#timers.push(timer);
    return () => {
      this.#timers = this.#timers.filter((other) => other !== timer);
    };
  }

  async advance(byMs: number): Promise<void> {
    const untilMs = this.#nowMs + byMs;
    for (;;) {
      const next = this.#timers.filter(({ atMs }) => atMs <= untilMs).sort((a, b) => a.atMs - b.atMs)[0];
      if (next === undefined) break;
      this.#timers = this.#timers.filter((timer) => timer !== next);
      this.#nowMs = next.atMs;
      next.run();
      await settled();
    }
    this.#nowMs = untilMs;
    await settled();
  }
}

// Node has it; the types of a browser library do not.
declare function setImmediate(run: () => void): void;

/** Lets every promise that can go on do so. */
export const settled = () => new Promise<void>((resolve) => setImmediate(resolve));

export class TestStorage implements KeyValueStorage {
  readonly values = new Map<string, string>();
  get = (key: string) => this.values.get(key) ?? null;
  set = (key: string, value: string) => void this.values.set(key, value);
  remove = (key: string) => void this.values.delete(key);
  keys = (prefix: string) => [...this.values.keys()].filter((key) => key.startsWith(prefix));
}

export class TestNetwork implements Network {
  up = true;
  #listener: ((signal: NetworkSignal) => void) | null = null;

  online = () => this.up;

  listen(listener: (signal: NetworkSignal) => void): () => void {
    this.#listener = listener;
    return () => {
      this.#listener = null;
    };
  }

  signal(signal: NetworkSignal): void {
    if (signal !== "visible") this.up = signal === "online";
    this.#listener?.(signal);
  }
}

/** mulberry32: a seed gives the same run again. */
export function seeded(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4294967296;
  };
}

export class TestSocket {
  readonly sent: ClientFrame[] = [];
  closed = false;
  readonly following = new Set<string>();
  readonly handlers: SocketHandlers;
  readonly #onFrame: (frame: ClientFrame) => void;

  constructor(handlers: SocketHandlers, onFrame: (frame: ClientFrame) => void) {
    this.handlers = handlers;
    this.#onFrame = onFrame;
  }

  send(text: string): void {
    if (this.closed) return;
    const frame = JSON.parse(text) as ClientFrame;
    this.sent.push(frame);
    this.#onFrame(frame);
  }

  close(): void {
    this.closed = true;
  }

  receive(frame: ServerFrame | object): void {
    if (!this.closed) this.handlers.onMessage(JSON.stringify(frame));
  }

  /** The way breaks or the server closes. */
  cut(code = 1006): void {
    if (this.closed) return;
    this.closed = true;
    this.handlers.onClose(code);
  }
}

interface LogEntry {
  name: string;
  data: unknown;
}

/** A server of streams as small as the protocol allows: logs, cursors, idempotent writes. */
export class TestServer {
  readonly sockets: TestSocket[] = [];
  readonly logs = new Map<string, LogEntry[]>();
  readonly results = new Map<string, unknown>();
  /** Every call that arrived, repeated ones too. */
  readonly calls: { name: string; args: Record<string, unknown> }[] = [];
  epoch = "k1";
  /** Events up to this number are trimmed away, on every stream. */
  trimmed = 0;
  accepting = true;
  /** Takes every frame and answers none. */
  silent = false;
  /** Frames that a fault wants to see before they are sent; false loses the frame. */
  deliver: (frame: ServerFrame) => boolean = () => true;
  /** An error code for every stream of the next hello. */
  refuse: string | null = null;
  onCall: (name: string, args: Record<string, unknown>) => object | null = () => null;

  readonly open = (handlers: SocketHandlers) => {
    const socket = new TestSocket(handlers, (frame) => queueMicrotask(() => this.#onFrame(socket, frame)));
    this.sockets.push(socket);
    queueMicrotask(() => {
      if (this.accepting) socket.handlers.onOpen();
      else socket.cut();
    });
    return socket;
  };

  get socket(): TestSocket {
    const socket = this.sockets.at(-1);
    if (socket === undefined) throw new Error("The client has not connected.");
    return socket;
  }

  head(stream: string): number {
    return this.logs.get(stream)?.length ?? 0;
  }

  publish(stream: string, name: string, data: unknown): number {
    const log = this.logs.get(stream) ?? [];
    this.logs.set(stream, log);
    log.push({ name, data });
    for (const socket of this.sockets) {
      if (!socket.closed && socket.following.has(stream)) this.#send(socket, this.#event(stream, log.length));
    }
    return log.length;
  }

  snapshotCursors(): Record<string, { epoch: string; seq: number }> {
    return Object.fromEntries([...this.logs.keys()].map((stream) => [stream, { epoch: this.epoch, seq: this.head(stream) }]));
  }

  #event(stream: string, seq: number): EventFrame {
    const entry = this.logs.get(stream)?.[seq - 1];
    if (entry === undefined) throw new Error(`There is no event ${seq} on ${stream}.`);
    return { type: "event", stream, seq, at: "2026-11-22T08:00:00.000Z", ...entry };
  }

  #send(socket: TestSocket, frame: ServerFrame): void {
    if (this.deliver(frame)) socket.receive(frame);
  }

  #onFrame(socket: TestSocket, frame: ClientFrame): void {
    if (socket.closed || this.silent) return;
    switch (frame.type) {
      case "hello": {
        const streams = (frame.streams ?? []).map((position) => this.#position(position));
        socket.receive({ type: "welcome", id: frame.id ?? 0, protocol: 1, user: { id: 7, username: "ana" }, session: "s", ping_interval_ms: 25_000, limits: {}, streams });
        for (const position of frame.streams ?? []) this.#follow(socket, position);
        return;
      }
      case "unsubscribe":
        socket.following.delete(frame.stream);
        return socket.receive({ type: "reply", id: frame.id, result: null });
      case "subscribe":
        if (socket.following.has(frame.stream)) {
          return socket.receive({ type: "error", id: frame.id, code: "already_subscribed", message: "No.", retry: false });
        }
        socket.receive({ type: "reply", id: frame.id, result: this.#position(frame) });
        return this.#follow(socket, frame);
      case "call":
        return this.#onCall(socket, frame.id, frame.name, frame.args as Record<string, unknown>);
      default:
        return;
    }
  }

  #position(position: StreamCursor): StreamState {
    const { stream, epoch, seq } = position;
    if (this.refuse !== null) return { stream, recovered: false, error: this.refuse };
    const recovered = !epoch || (epoch === this.epoch && (seq ?? 0) >= this.trimmed);
    return { stream, epoch: this.epoch, head: this.head(stream), recovered };
  }

  #follow(socket: TestSocket, position: StreamCursor): void {
    socket.following.add(position.stream);
    if (position.seq === undefined || position.seq === null || !this.#position(position).recovered) return;
    for (let seq = position.seq + 1; seq <= this.head(position.stream); seq += 1) {
      this.#send(socket, this.#event(position.stream, seq));
    }
  }

  #onCall(socket: TestSocket, id: number, name: string, args: Record<string, unknown>): void {
    this.calls.push({ name, args });
    const refusal = this.onCall(name, args);
    if (refusal !== null) return this.#send(socket, { id, ...refusal } as ServerFrame);
    const clientId = args["client_id"];
    if (typeof clientId === "string" && !this.results.has(clientId)) {
      const seq = this.publish("room:1", "chat.message_deleted", { id: this.head("room:1") + 1, number: 0, text: args["text"] });
      this.results.set(clientId, { seq });
    }
    this.#send(socket, { type: "reply", id, result: this.results.get(clientId as string) ?? {} });
  }
}

export interface World {
  client: CarillonClient;
  server: TestServer;
  clock: TestClock;
  storage: TestStorage;
  network: TestNetwork;
  states: ConnectionState[];
  applied: { stream: string; seq: number | null; data: unknown }[];
  outbox: OutboxChange[];
  errors: unknown[];
}

/** A client in a world of its own; pass parts to share them, such as the storage after a reload. */
export function world(parts: Partial<ClientOptions> & { server?: TestServer; clock?: TestClock; random?: () => number } = {}): World {
  const { server = new TestServer(), clock = new TestClock(), ...options } = parts;
  const storage = (options.storage as TestStorage | undefined) ?? new TestStorage();
  const network = new TestNetwork();
  const states: ConnectionState[] = [];
  const applied: World["applied"] = [];
  const outbox: OutboxChange[] = [];
  const errors: unknown[] = [];
  let ids = 0;
  const client = new CarillonClient({
    socket: server.open,
    clock,
    random: () => 0.5,
    network,
    scope: "7",
    newId: () => `id-${storage.values.size}-${(ids += 1)}`,
    onEvent: ({ stream, seq, data }) => applied.push({ stream, seq, data }),
    onSnapshotRequired: async () => server.snapshotCursors(),
    onState: (state) => states.push(state),
    onOutbox: (change) => outbox.push(change),
    onPresence: () => undefined,
    onRevoked: () => undefined,
    onHandlerError: (reason) => errors.push(reason),
    ...options,
    storage,
  });
  return { client, server, clock, storage, network, states, applied, outbox, errors };
}

export const START = { "room:1": { epoch: "k1", seq: 0 } };

export async function live(parts: Parameters<typeof world>[0] = {}): Promise<World> {
  const made = world(parts);
  made.client.start(START);
  await settled();
  return made;
}
