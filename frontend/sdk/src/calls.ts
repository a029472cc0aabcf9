/** Calls that wait for their one answer. Every one ends: by a reply, an error, its timeout or the loss of the socket. */
import { callTimedOut, CallError, connectionLost } from "./errors.ts";
import type { Cancel, Clock } from "./ports.ts";
import type { ErrorFrame } from "./protocol.gen.ts";

interface Pending {
  resolve(result: unknown): void;
  reject(error: CallError): void;
  cancelTimeout: Cancel;
}

export class PendingCalls {
  readonly #clock: Clock;
  readonly #pending = new Map<number, Pending>();
  #nextId = 1;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  newId(): number {
    return this.#nextId++;
  }

  wait(id: number, timeoutMs: number): Promise<unknown> {
    return new Promise((resolve, reject) => {
      const cancelTimeout = this.#clock.after(timeoutMs, () => {
        this.#pending.delete(id);
        reject(callTimedOut(timeoutMs));
      });
      this.#pending.set(id, { resolve, reject, cancelTimeout });
    });
  }

  reply(id: number, result: unknown): void {
    this.#take(id)?.resolve(result);
  }

  /** False when the error belongs to no call. */
  error(frame: ErrorFrame): boolean {
    const pending = frame.id === null ? undefined : this.#take(frame.id);
    if (pending === undefined) return false;
    const retryAfterMs = frame.retry_after_ms ?? null;
    pending.reject(new CallError(frame.code, frame.message, { retry: frame.retry, retryAfterMs }));
    return true;
  }

  connectionLost(): void {
    for (const id of this.#pending.keys()) this.#take(id)?.reject(connectionLost());
  }

  #take(id: number): Pending | undefined {
    const pending = this.#pending.get(id);
    this.#pending.delete(id);
    pending?.cancelTimeout();
    return pending;
  }
}
