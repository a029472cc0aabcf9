/**
 * The same frames where WebSockets are blocked: down as server-sent events, up as POSTs. A socket like any other to the
 * client, which never learns the difference. Knows nothing of `window`: the browser's parts are arguments.
 */
import type { Socket, SocketFactory, SocketHandlers } from "./ports.ts";

export interface EventStreamHandlers {
  /** The server's first event: where this session's frames go. */
  onAddress(address: string): void;
  onMessage(text: string): void;
  onClose(code: number): void;
}

/** Opens `GET /sse`; returns how to end it. */
export type OpenEventStream = (handlers: EventStreamHandlers) => () => void;

/** `POST /sse` with one frame; false where it was not taken. */
export type PostFrame = (address: string, text: string) => Promise<boolean>;

const ABNORMAL_CLOSE = 1006;

export function sseSocket(open: OpenEventStream, post: PostFrame): SocketFactory {
  return (handlers) => new SseSocket(handlers, open, post);
}

class SseSocket implements Socket {
  readonly #handlers: SocketHandlers;
  readonly #post: PostFrame;
  readonly #end: () => void;
  #address = "";
  #closed = false;
  /** Frames leave one after another: two POSTs at once could overtake each other. */
  #sent: Promise<void> = Promise.resolve();

  constructor(handlers: SocketHandlers, open: OpenEventStream, post: PostFrame) {
    this.#handlers = handlers;
    this.#post = post;
    this.#end = open({
      onAddress: (address) => {
        this.#address = address;
        handlers.onOpen();
      },
      onMessage: (text) => {
        if (!this.#closed) handlers.onMessage(text);
      },
      onClose: (code) => this.#finish(code),
    });
  }

  send(text: string): void {
    this.#sent = this.#sent.then(() => this.#take(text));
  }

  close(): void {
    this.#closed = true;
    this.#end();
  }

  async #take(text: string): Promise<void> {
    if (this.#closed) return;
    const taken = await this.#post(this.#address, text).catch(() => false);
    if (!taken) this.#finish(ABNORMAL_CLOSE);
  }

  #finish(code: number): void {
    if (this.#closed) return;
    this.close();
    this.#handlers.onClose(code);
  }
}

/** So often in a row the server must answer a plain request right after a socket failed to open. */
const PROOFS_OF_BLOCKING = 2;

/**
 * Sockets of the first kind, until they have proved to be blocked: they fail to open while `serverAnswers`. Then, by
 * turns, of the second and the first kind, so that a network that lets WebSockets through again is noticed at the next
 * reconnect. A server that is merely away proves nothing.
 */
export function withFallback(
  preferred: SocketFactory,
  fallback: SocketFactory,
  serverAnswers: () => Promise<boolean>,
): SocketFactory {
  let proofs = 0;
  let useFallback = false;
  const ask = async () => {
    proofs = (await serverAnswers()) ? proofs + 1 : 0;
  };
  return (handlers) => {
    useFallback = proofs >= PROOFS_OF_BLOCKING && !useFallback;
    if (useFallback) return fallback(handlers);
    let opened = false;
    return preferred({
      ...handlers,
      onOpen: () => {
        opened = true;
        proofs = 0;
        handlers.onOpen();
      },
      onClose: (code) => {
        if (!opened) void ask();
        handlers.onClose(code);
      },
    });
  };
}
