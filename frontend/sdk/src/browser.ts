/** The ports of a browser page. The only module that touches `window`. */
import type { Clock, KeyValueStorage, Network, NetworkSignal, SocketFactory } from "./ports.ts";

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
