/**
 * Several clients over one socket. Each has a line to the hub that looks like a socket of its own: it says hello with its
 * cursors, calls, subscribes and pings. The hub says to the server what is new, and answers what it knows already.
 * A client that stands behind is served by following the stream anew from its cursor: the server replays, and the others
 * know what comes twice. So the server's log stays the only truth, and the hub keeps no event.
 */
import { GIVEN_UP } from "./connection.ts";
import { parseFrame } from "./frames.ts";
import type { Socket, SocketFactory, SocketHandlers } from "./ports.ts";
import type { CallFrame, ClientFrame, Cursor, ErrorFrame, EventFrame, Hello, Reply, StreamCursor, StreamState, Welcome } from "./protocol.gen.ts";

const NORMAL_CLOSE = 1000;
const ABNORMAL_CLOSE = 1006;
/** A line that was silent for so many pings belongs to a page that is gone or frozen; that page comes back by itself. */
const UNANSWERED_PINGS = 3;

type Answer = Reply | ErrorFrame;

class Line {
  readonly handlers: SocketHandlers;
  readonly streams = new Set<string>();
  readonly watched = new Set<string>();
  hello: Hello | null = null;
  greeted = false;
  /** Nobody has touched this page for a while. */
  idle = false;
  unanswered = 0;

  constructor(handlers: SocketHandlers) {
    this.handlers = handlers;
  }

  tell(frame: object): void {
    this.handlers.onMessage(JSON.stringify(frame));
  }
}

export class SocketHub {
  readonly #open: SocketFactory;
  readonly #lines = new Set<Line>();
  #socket: Socket | null = null;
  #isOpen = false;
  /** Whose hello the server has not answered yet; null also where that client is gone. */
  #greeting: Line | null = null;
  #saidHello = false;
  #welcome: Welcome | null = null;
  /** Up to where each followed stream was handed on. */
  readonly #positions = new Map<string, Cursor>();
  /** The last event since a stream was followed: events may be here before its answer has been looked at. */
  readonly #heard = new Map<string, number>();
  readonly #everFollowed = new Set<string>();
  /** One question about a stream after the other: the next one may know the answer of the one before. */
  readonly #following = new Map<string, Promise<unknown>>();
  readonly #answers = new Map<number, (answer: Answer) => void>();
  #nextId = 1;
  /** The ping that no line has answered yet. */
  #pinged: number | null = null;
  /** What the server was told last: idle is who is so on every page. */
  #idle = false;

  constructor(open: SocketFactory) {
    this.#open = open;
  }

  /** A line for one client. The socket is opened with the first and closed with the last. */
  connect(handlers: SocketHandlers): Socket {
    const line = new Line(handlers);
    this.#lines.add(line);
    if (this.#socket === null) this.#start();
    else if (this.#isOpen) queueMicrotask(() => this.#lines.has(line) && handlers.onOpen());
    return {
      send: (text) => {
        if (this.#lines.has(line)) this.#onFrame(line, JSON.parse(text) as ClientFrame);
      },
      close: (code) => {
        if (!this.#lines.has(line)) return;
        this.#leave(line);
        if (code === GIVEN_UP) this.close(); // what is dead for one is dead for all
      },
    };
  }

  /** Ends every line as a broken socket would. */
  close(): void {
    const socket = this.#socket;
    this.#ended(ABNORMAL_CLOSE);
    socket?.close(NORMAL_CLOSE);
  }

  #start(): void {
    let mine: Socket | null = null;
    const current = () => mine === null || mine === this.#socket;
    mine = this.#open({
      onOpen: () => {
        if (!current()) return;
        this.#isOpen = true;
        for (const line of this.#lines) line.handlers.onOpen();
      },
      onMessage: (text) => {
        if (current()) this.#onMessage(text);
      },
      onClose: (code) => {
        if (current()) this.#ended(code);
      },
    });
    this.#socket = mine;
  }

  #ended(code: number): void {
    this.#socket = null;
    this.#isOpen = false;
    this.#greeting = null;
    this.#saidHello = false;
    this.#welcome = null;
    this.#positions.clear();
    this.#heard.clear();
    this.#everFollowed.clear();
    this.#following.clear();
    this.#answers.clear();
    this.#pinged = null;
    this.#idle = false;
    const lines = [...this.#lines];
    this.#lines.clear();
    for (const line of lines) line.handlers.onClose(code);
  }

  #leave(line: Line): void {
    if (!this.#lines.delete(line)) return;
    if (this.#greeting === line) this.#greeting = null;
    if (this.#lines.size === 0) {
      const socket = this.#socket;
      this.#ended(NORMAL_CLOSE);
      socket?.close(NORMAL_CLOSE);
      return;
    }
    for (const stream of line.watched) this.#unwatch(line, stream);
    for (const stream of line.streams) this.#unfollow(line, stream);
    this.#tellIdleness();
  }

  // ---- from a client

  #onFrame(line: Line, frame: ClientFrame): void {
    line.unanswered = 0;
    switch (frame.type) {
      case "hello":
        line.hello = frame;
        return this.#greet(line);
      case "subscribe":
        return void this.#subscribe(line, frame.id, frame);
      case "unsubscribe":
        return this.#unfollow(line, frame.stream);
      case "call":
        return this.#call(line, frame);
      case "pong":
        if (frame.id !== 0 && frame.id !== this.#pinged) return; // another line was quicker
        if (frame.id === this.#pinged) this.#pinged = null;
        return this.#send(frame);
      case "ping":
        return void this.#ask((id) => ({ type: "ping", id })).then(() => line.tell({ type: "pong", id: frame.id }));
      case "auth_refresh":
        return void this.#ask((id) => ({ ...frame, id })).then((answer) => line.tell({ ...answer, id: frame.id }));
    }
  }

  #greet(line: Line): void {
    if (this.#welcome !== null) return void this.#join(line, this.#welcome);
    if (this.#saidHello || line.hello === null) return; // it joins when the server has answered the first hello
    this.#saidHello = true;
    this.#greeting = line;
    this.#send(line.hello);
  }

  /** A hello on a socket that the server has welcomed: each stream is followed, then the client is welcomed too. */
  async #join(line: Line, welcome: Welcome): Promise<void> {
    const { hello } = line;
    if (hello === null) return;
    const streams = await Promise.all((hello.streams ?? []).map((wanted) => this.#follow(line, wanted)));
    if (!this.#lines.has(line)) return;
    const failure = streams.find(({ answer }) => answer?.type === "error" && answer.retry)?.answer;
    if (failure !== undefined) return line.tell({ ...failure, id: hello.id ?? 0 }); // it says hello again, a little later
    line.greeted = true;
    line.tell({ ...welcome, id: hello.id ?? 0, streams });
    this.#tellIdleness();
  }

  async #subscribe(line: Line, id: number, wanted: StreamCursor): Promise<void> {
    const state = await this.#follow(line, wanted);
    if (!this.#lines.has(line)) return;
    const { answer } = state;
    if (answer?.type === "error") line.tell({ ...answer, id });
    else line.tell({ type: "reply", id, result: state });
  }

  async #follow(line: Line, wanted: StreamCursor): Promise<StreamState & { answer?: Answer }> {
    const { stream } = wanted;
    line.streams.add(stream);
    for (let before = this.#following.get(stream); before !== undefined; before = this.#following.get(stream)) await before;
    const following = this.#followNext(line, wanted);
    this.#following.set(stream, following);
    const state = await following;
    this.#following.delete(stream);
    return state;
  }

  async #followNext(line: Line, { stream, epoch, seq }: StreamCursor): Promise<StreamState & { answer?: Answer }> {
    const position = this.#positions.get(stream);
    if (position !== undefined) {
      const known = { stream, epoch: position.epoch, head: position.seq };
      const hasCursor = epoch !== undefined && epoch !== null && epoch !== "" && seq !== undefined && seq !== null;
      if (!hasCursor) return { ...known, recovered: true };
      if (epoch !== position.epoch) return { ...known, recovered: false };
      if (seq >= position.seq) return { ...known, recovered: true };
    }
    const answer = await this.#followAnew({ stream, ...(epoch == null ? {} : { epoch }), ...(seq == null ? {} : { seq }) });
    if (answer.type === "error") {
      // What only this client asked for leaves the others as they are.
      if (position === undefined) line.streams.delete(stream);
      else this.#catchUp(stream, position);
      return { stream, recovered: false, error: answer.code, answer };
    }
    const state = { ...(answer.result as Omit<StreamState, "stream">), stream };
    if (position !== undefined && state.recovered === false) this.#catchUp(stream, position);
    else this.#stands(state, seq ?? null);
    return state;
  }

  /** Where the hub stands on a stream that the server just began to send from `seq` on, or from its head. */
  #stands({ stream, epoch = "", head = 0, recovered }: StreamState, seq: number | null): void {
    const from = recovered === false || seq === null ? head : seq;
    const before = this.#positions.get(stream);
    if (before !== undefined && before.epoch === epoch) return;
    this.#positions.set(stream, { epoch, seq: Math.max(from, this.#heard.get(stream) ?? 0) });
  }

  /** After a cursor that the server no longer reaches: the others go on from where they stood. */
  #catchUp(stream: string, { epoch }: Cursor): void {
    const seq = this.#positions.get(stream)?.seq;
    if (seq !== undefined) void this.#followAnew({ stream, epoch, seq });
  }

  /** The server moves the cursor of a stream only when it is left and followed anew; then nobody watches it. */
  async #followAnew(wanted: StreamCursor): Promise<Answer> {
    const { stream } = wanted;
    if (this.#everFollowed.has(stream)) this.#send({ type: "unsubscribe", id: this.#newId(), stream });
    this.#everFollowed.add(stream);
    this.#heard.delete(stream);
    const answer = await this.#ask((id) => ({ type: "subscribe", id, ...wanted }));
    if ([...this.#lines].some(({ watched }) => watched.has(stream))) void this.#watchAnew(stream);
    return answer;
  }

  async #watchAnew(stream: string): Promise<void> {
    const answer = await this.#ask((id) => ({ type: "call", id, name: "presence.watch", args: { stream } }));
    if (answer.type === "error" || typeof answer.result !== "object" || answer.result === null) return;
    const changed = { type: "event", name: "presence.changed", stream, at: "", data: { ...answer.result, offline: [], whole: true } };
    for (const line of this.#lines) if (line.watched.has(stream)) line.tell(changed);
  }

  /** Where it is not what the server knows. */
  #tellIdleness(): void {
    const idle = [...this.#lines].every((line) => line.idle);
    if (idle === this.#idle || this.#welcome === null) return;
    this.#idle = idle;
    void this.#ask((id) => ({ type: "call", id, name: "presence.update", args: { idle } }));
  }

  #unfollow(line: Line, stream: string): void {
    line.streams.delete(stream);
    line.watched.delete(stream);
    if ([...this.#lines].some(({ streams }) => streams.has(stream))) return;
    this.#positions.delete(stream);
    if (this.#everFollowed.delete(stream)) this.#send({ type: "unsubscribe", id: this.#newId(), stream });
  }

  #call(line: Line, frame: CallFrame): void {
    const stream = frame.name.startsWith("presence.") ? streamOf(frame.args) : null;
    if (stream !== null && frame.name === "presence.watch") line.watched.add(stream);
    if (stream !== null && frame.name === "presence.unwatch" && this.#isWatchedWithout(line, stream)) {
      return line.tell({ type: "reply", id: frame.id, result: null });
    }
    if (frame.name === "presence.update") {
      line.idle = isIdle(frame.args);
      this.#tellIdleness();
      return line.tell({ type: "reply", id: frame.id, result: null });
    }
    void this.#ask((id) => ({ ...frame, id })).then((answer) => {
      if (this.#lines.has(line)) line.tell({ ...answer, id: frame.id });
    });
  }

  #unwatch(line: Line, stream: string): void {
    if (!this.#isWatchedWithout(line, stream)) {
      void this.#ask((id) => ({ type: "call", id, name: "presence.unwatch", args: { stream } }));
    }
  }

  #isWatchedWithout(line: Line, stream: string): boolean {
    line.watched.delete(stream);
    return [...this.#lines].some(({ watched }) => watched.has(stream));
  }

  /** One answer for one frame; none where the socket breaks first, which every line is told. */
  #ask(frame: (id: number) => ClientFrame): Promise<Answer> {
    const id = this.#newId();
    return new Promise((resolve) => {
      this.#answers.set(id, resolve);
      this.#send(frame(id));
    });
  }

  /** Far from the numbers of the hello, which keeps its own. */
  #newId(): number {
    return 1_000_000 + this.#nextId++;
  }

  #send(frame: ClientFrame): void {
    this.#socket?.send(JSON.stringify(frame));
  }

  // ---- from the server

  #onMessage(text: string): void {
    const frame = parseFrame(text);
    if (frame === null) return;
    switch (frame.type) {
      case "welcome":
        return this.#onWelcome(frame);
      case "event":
        return this.#onEvent(frame, text);
      case "reply":
      case "error":
        return this.#onAnswer(frame);
      case "pong":
        return frame.id == null ? undefined : this.#onAnswer({ type: "reply", id: frame.id });
      case "ping":
        return this.#onPing(frame.id, text);
      case "revoked":
        this.#positions.delete(frame.stream);
        this.#everFollowed.delete(frame.stream);
        return this.#tellFollowers(frame.stream, text, true);
      case "snapshot_required":
        this.#positions.delete(frame.stream);
        return this.#tellFollowers(frame.stream, text, false);
      case "lag":
        return this.#tellFollowers(frame.stream, text, false);
      default:
        return this.#tellAll(text);
    }
  }

  #onWelcome(welcome: Welcome): void {
    this.#welcome = welcome;
    const first = this.#greeting;
    this.#greeting = null;
    const wanted = new Map(first?.hello?.streams?.map((cursor) => [cursor.stream, cursor]));
    for (const state of first === null ? [] : welcome.streams) {
      if (state.error) continue;
      this.#everFollowed.add(state.stream);
      first?.streams.add(state.stream);
      this.#stands(state, wanted.get(state.stream)?.seq ?? null);
    }
    if (first !== null) {
      first.greeted = true;
      first.tell(welcome);
    }
    for (const line of this.#lines) if (!line.greeted) void this.#join(line, welcome);
  }

  #onEvent(frame: EventFrame, text: string): void {
    const { stream, seq } = frame;
    const position = this.#positions.get(stream);
    if (seq !== undefined) this.#heard.set(stream, seq);
    if (seq !== undefined && position !== undefined && seq > position.seq) this.#positions.set(stream, { epoch: position.epoch, seq });
    this.#tellFollowers(frame.stream, text, false);
  }

  #onAnswer(frame: Answer): void {
    const answer = frame.id === null ? undefined : this.#answers.get(frame.id);
    if (frame.id === null || answer === undefined) {
      if (frame.type === "error" && (frame.id === null || this.#welcome === null)) this.#tellAll(JSON.stringify(frame));
      return;
    }
    this.#answers.delete(frame.id);
    answer(frame);
  }

  #onPing(id: number, text: string): void {
    this.#pinged = id;
    for (const line of this.#lines) {
      line.unanswered += 1;
      if (line.unanswered > UNANSWERED_PINGS) {
        this.#leave(line);
        line.handlers.onClose(ABNORMAL_CLOSE);
      } else line.handlers.onMessage(text);
    }
  }

  #tellFollowers(stream: string, text: string, isOver: boolean): void {
    for (const line of this.#lines) {
      if (!line.streams.has(stream)) continue;
      if (isOver) {
        line.streams.delete(stream);
        line.watched.delete(stream);
      }
      line.handlers.onMessage(text);
    }
  }

  #tellAll(text: string): void {
    for (const line of this.#lines) line.handlers.onMessage(text);
  }
}

const isIdle = (args: unknown) => typeof args === "object" && args !== null && "idle" in args && args.idle === true;

function streamOf(args: unknown): string | null {
  if (typeof args !== "object" || args === null || !("stream" in args)) return null;
  return typeof args.stream === "string" ? args.stream : null;
}
