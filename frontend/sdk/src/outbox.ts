/**
 * Writes that the server has not acknowledged yet. Kept in storage until then, sent one after the other in the
 * order they were made, and repeated under the same `client_id`, which the server applies at most once.
 * The pages of one browser tell each other of their writes: each shows all of them, one of them sends, so that a write
 * outlives the page it was made on, and its place in the order. Knows neither sockets nor what a write means.
 */
import { asCallError, CallError } from "./errors.ts";
import type { Cancel, Channel, Clock, KeyValueStorage } from "./ports.ts";
import type { CommandMap } from "./protocol.gen.ts";

/** The commands that write: those that take a `client_id`. */
export type WriteName = {
  [N in keyof CommandMap]: CommandMap[N]["args"] extends { client_id: string } ? N : never;
}[keyof CommandMap];

export type WriteArgs<N extends WriteName> = Omit<CommandMap[N]["args"], "client_id">;

export type OutboxEntry = {
  [N in WriteName]: { clientId: string; name: N; args: WriteArgs<N>; createdAtMs: number; order: number };
}[WriteName] & { failure: { code: string; message: string } | null };

export type OutboxChange =
  | { kind: "queued"; entry: OutboxEntry }
  | { kind: "acked"; entry: OutboxEntry; result: unknown }
  /** Refused for good; stays until it is retried or discarded. */
  | { kind: "failed"; entry: OutboxEntry; error: CallError }
  | { kind: "discarded"; entry: OutboxEntry };

export type WriteTransport = (name: string, args: object) => Promise<unknown>;

export interface OutboxOptions {
  storage: KeyValueStorage;
  clock: Clock;
  newId: () => string;
  /** Separates the users of one browser. */
  scope: string;
  /** Null while there is no way to the server, or while it is another page's to send. */
  transport: () => WriteTransport | null;
  /** To the user's other pages, if there are any. */
  pages?: Channel | null | undefined;
  onChange: (change: OutboxChange) => void;
}

const RETRY_AFTER_MS = 1000;

/** An error as it travels between pages. */
interface Refusal {
  code: string;
  message: string;
}

/** What pages tell each other; an error loses its class on the way. */
type Told = Exclude<OutboxChange, { kind: "failed" }> | { kind: "failed"; entry: OutboxEntry; error: Refusal };

export class Outbox {
  readonly #options: OutboxOptions;
  readonly #prefix: string;
  #entries: OutboxEntry[];
  #nextOrder: number;
  #sending = false;
  #cancelRetry: Cancel | null = null;
  readonly #cancelPages: Cancel | undefined;

  constructor(options: OutboxOptions) {
    this.#options = options;
    this.#prefix = `carillon.outbox.${options.scope}.`;
    this.#entries = this.#load();
    this.#nextOrder = Math.max(0, ...this.#entries.map(({ order }) => order)) + 1;
    this.#cancelPages = options.pages?.listen((told) => this.#onTold(told as Told));
  }

  entries(): readonly OutboxEntry[] {
    return this.#entries;
  }

  add<N extends WriteName>(name: N, args: WriteArgs<N>): string {
    const entry = {
      clientId: this.#options.newId(),
      name,
      args,
      createdAtMs: this.#options.clock.now(),
      order: this.#nextOrder++,
      failure: null,
    } as unknown as OutboxEntry; // name and args belong together by the signature; a generic union cannot say so
    this.#keep(entry);
    this.#store(entry);
    this.#tell({ kind: "queued", entry });
    this.flush();
    return entry.clientId;
  }

  retry(clientId: string): void {
    const entry = this.#find(clientId);
    if (entry === undefined) return;
    entry.failure = null;
    this.#store(entry);
    this.#tell({ kind: "queued", entry });
    this.flush();
  }

  discard(clientId: string): void {
    const entry = this.#find(clientId);
    if (entry === undefined) return;
    this.#drop(entry);
    this.#tell({ kind: "discarded", entry });
  }

  /** A way to the server appeared: what waited, for whatever reason, goes now. */
  resume(): void {
    this.#cancelRetry?.();
    this.#cancelRetry = null;
    this.flush();
  }

  /** Sends what waits, if there is a way and the server did not ask to wait. */
  flush(): void {
    if (this.#sending || this.#cancelRetry !== null) return;
    const entry = this.#entries.find(({ failure }) => failure === null);
    const transport = this.#options.transport();
    if (entry === undefined || transport === null) return;
    this.#sending = true;
    transport(entry.name, { ...entry.args, client_id: entry.clientId }).then(
      (result) => this.#acknowledged(entry, result),
      (reason: unknown) => this.#refused(entry, asCallError(reason)),
    );
  }

  /** Stops the timer. The entries stay in storage for the next page. */
  close(): void {
    this.#cancelRetry?.();
    this.#cancelPages?.();
  }

  #acknowledged(entry: OutboxEntry, result: unknown): void {
    this.#sending = false;
    if (this.#find(entry.clientId) !== undefined) {
      this.#drop(entry);
      this.#tell({ kind: "acked", entry, result });
    }
    this.flush();
  }

  #refused(entry: OutboxEntry, error: CallError): void {
    this.#sending = false;
    if (error.retry) {
      // The head of the queue waits, and with it the rest: order is part of the promise.
      this.#cancelRetry = this.#options.clock.after(error.retryAfterMs ?? RETRY_AFTER_MS, () => this.resume());
      return;
    }
    if (this.#find(entry.clientId) !== undefined) {
      entry.failure = { code: error.code, message: error.message };
      this.#keep(entry);
      this.#store(entry);
      this.#tell({ kind: "failed", entry, error });
    }
    this.flush();
  }

  /** Told here and on the other pages. */
  #tell(change: OutboxChange): void {
    this.#options.onChange(change);
    const { pages } = this.#options;
    if (change.kind === "failed") pages?.post({ ...change, error: { code: change.error.code, message: change.error.message } });
    else pages?.post(change);
  }

  /** Another page did it, and stored it: here it only has to be known, and, where this page sends, to be sent. */
  #onTold(told: Told): void {
    const { entry } = told;
    const known = this.#find(entry.clientId) !== undefined;
    if (told.kind === "queued" || (told.kind === "failed" && known)) this.#keep(entry);
    else this.#forget(entry.clientId);
    if (told.kind === "failed") {
      if (known) this.#options.onChange({ ...told, error: new CallError(told.error.code, told.error.message, { retry: false }) });
    } else if (known || told.kind === "queued") this.#options.onChange(told);
    this.flush();
  }

  #find(clientId: string): OutboxEntry | undefined {
    return this.#entries.find((entry) => entry.clientId === clientId);
  }

  #keep(entry: OutboxEntry): void {
    this.#forget(entry.clientId);
    this.#entries = [...this.#entries, entry].sort(byMaking);
  }

  #forget(clientId: string): void {
    this.#entries = this.#entries.filter((other) => other.clientId !== clientId);
  }

  #drop({ clientId }: OutboxEntry): void {
    this.#forget(clientId);
    this.#options.storage.remove(this.#prefix + clientId);
  }

  #store(entry: OutboxEntry): void {
    this.#options.storage.set(this.#prefix + entry.clientId, JSON.stringify(entry));
  }

  /** One key per entry, so that two tabs of one user do not overwrite each other's queue. */
  #load(): OutboxEntry[] {
    const { storage } = this.#options;
    const entries = storage.keys(this.#prefix).flatMap((key) => parseEntry(storage.get(key)));
    return entries.sort(byMaking);
  }
}

const byMaking = (a: OutboxEntry, b: OutboxEntry) => a.createdAtMs - b.createdAtMs || a.order - b.order;

function parseEntry(text: string | null): OutboxEntry[] {
  try {
    return text === null ? [] : [JSON.parse(text) as OutboxEntry];
  } catch {
    return []; // written by hand or cut off: nothing that could be sent
  }
}
