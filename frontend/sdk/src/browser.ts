/** The ports of a browser page. The only module that touches `window`. */
import type { OpenEventStream, PostFrame } from "./sse.ts";
import type { Channel, Clock, KeyValueStorage, Lock, LockHandlers, Network, NetworkSignal, SocketFactory } from "./ports.ts";

const ABNORMAL_CLOSE = 1006;
const POST_TIMEOUT_MS = 10_000;

export function browserSocket(url: string): SocketFactory {
  return (handlers) => {
    const socket = new WebSocket(url);
    socket.onopen = () => handlers.onOpen();
    socket.onmessage = (message: MessageEvent<string>) => handlers.onMessage(message.data);
    socket.onclose = (close) => handlers.onClose(close.code);
    return {
      send: (text) => socket.send(text),
      close: (code) => socket.close(code),
    };
  };
}

/** `GET` of an event stream with the session cookie; a stream that breaks is closed, and the client decides what next. */
export function browserEventStream(url: string): OpenEventStream {
  return (handlers) => {
    const source = new EventSource(url);
    source.addEventListener("open", (event) => {
      if (event instanceof MessageEvent) handlers.onAddress(field(event.data, "address", ""));
    });
    source.addEventListener("close", (event) => {
      if (event instanceof MessageEvent) handlers.onClose(field(event.data, "code", ABNORMAL_CLOSE));
    });
    source.onmessage = (event: MessageEvent<string>) => handlers.onMessage(event.data);
    source.onerror = () => handlers.onClose(ABNORMAL_CLOSE);
    return () => source.close();
  };
}

export function browserPost(url: string): PostFrame {
  return async (address, text) => {
    const response = await fetch(url, {
      method: "POST",
      headers: { "Carillon-Session": address, "Content-Type": "application/json" },
      body: text,
      signal: AbortSignal.timeout(POST_TIMEOUT_MS),
    });
    return response.ok;
  };
}

/** Whether a plain request to `url` is answered well. */
export function browserProbe(url: string): () => Promise<boolean> {
  return async () => {
    try {
      return (await fetch(url, { cache: "no-store", signal: AbortSignal.timeout(POST_TIMEOUT_MS) })).ok;
    } catch {
      return false;
    }
  };
}

export const browserClock: Clock = {
  now: () => Date.now(),
  after: (delayMs, run) => {
    const timer = setTimeout(run, delayMs);
    return () => clearTimeout(timer);
  },
};

export const browserNetwork: Network = {
  online: () => navigator.onLine,
  listen: (listener) => {
    const controller = new AbortController();
    const { signal } = controller;
    const tell = (what: NetworkSignal) => () => listener(what);
    window.addEventListener("online", tell("online"), { signal });
    window.addEventListener("offline", tell("offline"), { signal });
    document.addEventListener(
      "visibilitychange",
      () => {
        if (document.visibilityState === "visible") listener("visible");
      },
      { signal },
    );
    return () => controller.abort();
  },
};

/** Null where the browser has none. */
export function browserChannel(name: string): Channel | null {
  if (typeof BroadcastChannel === "undefined") return null;
  const channel = new BroadcastChannel(name);
  return {
    post: (message) => channel.postMessage(message),
    listen: (listener) => {
      const heard = (event: MessageEvent<unknown>) => listener(event.data);
      channel.addEventListener("message", heard);
      return () => channel.removeEventListener("message", heard);
    },
  };
}

/** Null where the browser has none, as on an origin without TLS. */
export function browserLock(name: string): Lock | null {
  return typeof navigator.locks === "undefined" ? null : new WebLock(name);
}

class WebLock implements Lock {
  readonly #name: string;
  #handlers: LockHandlers | null = null;
  #release: (() => void) | null = null;

  constructor(name: string) {
    this.#name = name;
  }

  hold(handlers: LockHandlers): () => void {
    this.#handlers = handlers;
    const wait = new AbortController();
    this.#request({ signal: wait.signal });
    return () => {
      this.#handlers = null;
      this.#release?.();
      wait.abort();
    };
  }

  take(): void {
    if (this.#handlers !== null && this.#release === null) this.#request({ steal: true });
  }

  #request(options: LockOptions): void {
    const held = () =>
      new Promise<void>((resolve) => {
        if (this.#handlers === null || this.#release !== null) return resolve();
        this.#release = resolve;
        this.#handlers.onHeld();
      });
    navigator.locks.request(this.#name, options, held).catch(() => {
      // given up while it waited, or taken while it was held
      if (this.#release === null || options.signal?.aborted) return;
      this.#release = null;
      this.#handlers?.onTaken();
    });
  }
}

/** localStorage, or memory where the browser refuses it (private mode, quota): then writes live as long as the page. */
export function browserStorage(): KeyValueStorage {
  const memory = new Map<string, string>();
  return {
    get: (key) => memory.get(key) ?? attempt(() => localStorage.getItem(key), null),
    set: (key, value) => {
      const stored = attempt(() => {
        localStorage.setItem(key, value);
        return true;
      }, false);
      if (!stored) memory.set(key, value);
    },
    remove: (key) => {
      memory.delete(key);
      attempt(() => localStorage.removeItem(key), undefined);
    },
    keys: (prefix) =>
      [...memory.keys(), ...attempt(() => Object.keys(localStorage), [])].filter((key) => key.startsWith(prefix)),
  };
}

function attempt<T>(run: () => T, otherwise: T): T {
  try {
    return run();
  } catch {
    return otherwise;
  }
}

function field<T extends string | number>(json: unknown, name: string, otherwise: T): T {
  const parsed: unknown = attempt(() => JSON.parse(String(json)), null);
  if (typeof parsed !== "object" || parsed === null) return otherwise;
  const value: unknown = Reflect.get(parsed, name);
  return isLike(value, otherwise) ? value : otherwise;
}

const isLike = <T>(value: unknown, example: T): value is T => typeof value === typeof example;
