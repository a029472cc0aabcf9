/**
 * What the client needs from the world around it. Every one is a constructor argument, so that tests
 * run the real client against a socket, a clock and a storage of their own.
 */

export interface SocketHandlers {
  onOpen(): void;
  onMessage(text: string): void;
  onClose(code: number): void;
}

export interface Socket {
  send(text: string): void;
  close(code?: number): void;
}

export type SocketFactory = (handlers: SocketHandlers) => Socket;

export type Cancel = () => void;

export interface Clock {
  /** Milliseconds since the Unix epoch. */
  now(): number;
  after(delayMs: number, run: () => void): Cancel;
}

/** A number in [0, 1). */
export type Random = () => number;

/** A synchronous store that outlives the page, such as localStorage. */
export interface KeyValueStorage {
  get(key: string): string | null;
  set(key: string, value: string): void;
  remove(key: string): void;
  keys(prefix: string): string[];
}

export type NetworkSignal = "online" | "offline" | "visible";

/** What the device says about its network. A hint only: a server on the same machine answers without one. */
export interface Network {
  online(): boolean;
  listen(listener: (signal: NetworkSignal) => void): Cancel;
}

/** Gives the token for `hello` and `auth_refresh`; null where a session cookie speaks for the user. */
export type TokenProvider = () => Promise<string | null>;

/** Between the pages of one browser: everything that one says, all the others hear, in order. */
export interface Channel {
  /** A message that can be cloned. */
  post(message: unknown): void;
  listen(listener: (message: unknown) => void): Cancel;
}

export interface LockHandlers {
  onHeld(): void;
  /** Another page took it by force. */
  onTaken(): void;
}

/** What one page of the browser holds at a time; it passes on when the page goes, however it goes. */
export interface Lock {
  /** Waits for it. The answer gives it up, or the wait for it. */
  hold(handlers: LockHandlers): Cancel;
  /** Takes it from whoever holds it; `onHeld` of the waiting `hold` follows. */
  take(): void;
}
