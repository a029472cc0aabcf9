/**
 * What this browser keeps of one user, in IndexedDB: the state with its cursors, the newest messages of the rooms that were
 * opened, and writes that are not sent. So the page opens at once, and without a network. A database for each user; made anew
 * by another version of the page; bounded; gone at log-out. Where the browser refuses to keep anything, nothing is kept.
 */
import { browserStorage, type CursorMap, type KeyValueStorage } from "@carillon/sdk";
import { type DBSchema, deleteDB, type IDBPDatabase, openDB } from "idb";
import { cacheable } from "./apply.ts";
import type { LiveState, Message } from "./model.ts";
import { remembered } from "./remembered.ts";

export interface Kept {
  live: LiveState;
  cursors: CursorMap;
}

interface Schema extends DBSchema {
  state: { key: string; value: Kept & { build: string } };
  messages: { key: number; value: { room: number; build: string; keptAtMs: number; messages: readonly Message[] }; indexes: { keptAtMs: number } };
  outbox: { key: string; value: string };
}

const VERSION = 1;
const STATE = "live";
const MESSAGES_PER_ROOM = 60;
const ROOMS = 100;
/** The shape of what is kept belongs to the page that kept it. */
const BUILD = import.meta.env.VITE_BUILD ?? "development";
/** Whose cache a page opens before the server has said who is logged in. */
const LAST_USER = "carillon.user";

export class Cache {
  readonly #userId: number;
  #database: IDBPDatabase<Schema> | null;
  readonly #outbox = new Map<string, string>();

  private constructor(userId: number, database: IDBPDatabase<Schema> | null) {
    this.#userId = userId;
    this.#database = database;
  }

  static async open(userId: number): Promise<Cache> {
    const database = await openDB<Schema>(nameOf(userId), VERSION, {
      upgrade(made) {
        made.createObjectStore("state");
        made.createObjectStore("messages", { keyPath: "room" }).createIndex("keptAtMs", "keptAtMs");
        made.createObjectStore("outbox");
      },
      // Another page logs out, or is a newer one: it is not kept waiting.
      blocking: (_from, _to, event) => (event.target as IDBDatabase).close(),
    }).catch(() => null);
    const cache = new Cache(userId, database);
    await cache.#loadOutbox();
    return cache;
  }

  /** For the client: read at once, written behind its back. */
  storage(): KeyValueStorage {
    if (this.#database === null) return browserStorage();
    return {
      get: (key) => this.#outbox.get(key) ?? null,
      set: (key, value) => {
        this.#outbox.set(key, value);
        void this.#quietly((database) => database.put("outbox", value, key));
      },
      remove: (key) => {
        this.#outbox.delete(key);
        void this.#quietly((database) => database.delete("outbox", key));
      },
      keys: (prefix) => [...this.#outbox.keys()].filter((key) => key.startsWith(prefix)),
    };
  }

  async load(): Promise<Kept | null> {
    const kept = await this.#quietly((database) => database.get("state", STATE));
    return kept !== undefined && kept.build === BUILD ? kept : null;
  }

  async messages(room: number): Promise<readonly Message[]> {
    const kept = await this.#quietly((database) => database.get("messages", room));
    return kept !== undefined && kept.build === BUILD ? kept.messages : [];
  }

  async keep(live: LiveState, cursors: CursorMap): Promise<void> {
    await this.#quietly((database) => database.put("state", { build: BUILD, live: cacheable(live), cursors }, STATE));
  }

  async keepMessages(room: number, messages: readonly Message[]): Promise<void> {
    await this.#quietly(async (database) => {
      const changing = database.transaction("messages", "readwrite");
      await changing.store.put({ room, build: BUILD, keptAtMs: Date.now(), messages: messages.slice(-MESSAGES_PER_ROOM) });
      const tooMany = (await changing.store.count()) - ROOMS;
      let oldest = tooMany > 0 ? await changing.store.index("keptAtMs").openCursor() : null;
      for (let left = tooMany; left > 0 && oldest !== null; left -= 1) {
        await oldest.delete();
        oldest = await oldest.continue();
      }
      await changing.done;
    });
  }

  /** What one may no longer see. */
  async forgetRoom(room: number): Promise<void> {
    await this.#quietly((database) => database.delete("messages", room));
  }

  /** The session ended without a log-out: what was written and not sent waits for the next log-in. */
  async forgetAllButOutbox(): Promise<void> {
    await this.#quietly(async (database) => {
      const clearing = database.transaction(["state", "messages"], "readwrite");
      await Promise.all([clearing.objectStore("state").clear(), clearing.objectStore("messages").clear(), clearing.done]);
    });
    this.close();
  }

  async forget(): Promise<void> {
    this.close();
    this.#outbox.clear();
    await deleteDB(nameOf(this.#userId)).catch(() => undefined);
  }

  close(): void {
    this.#database?.close();
    this.#database = null;
  }

  async #loadOutbox(): Promise<void> {
    await this.#quietly(async (database) => {
      const [keys, values] = await Promise.all([database.getAllKeys("outbox"), database.getAll("outbox")]);
      keys.forEach((key, at) => this.#outbox.set(key, values[at] ?? ""));
      for (const [key, value] of earlierWrites(this.#userId)) {
        await database.put("outbox", value, key);
        this.#outbox.set(key, value);
        remembered.remove(key);
      }
    });
  }

  /** A cache that fails, such as on a full disk, only is no cache. */
  async #quietly<T>(run: (database: IDBPDatabase<Schema>) => Promise<T>): Promise<T | undefined> {
    if (this.#database === null) return undefined;
    try {
      return await run(this.#database);
    } catch (reason) {
      console.warn("carillon: cache", reason);
      return undefined;
    }
  }
}

export function rememberUser(userId: number | null): void {
  if (userId === null) remembered.remove(LAST_USER);
  else remembered.set(LAST_USER, String(userId));
}

export const lastUser = () => Number(remembered.get(LAST_USER)) || null;

const nameOf = (userId: number) => `carillon-${userId}`;

/** Where writes waited before there was this cache. */
function earlierWrites(userId: number): [string, string][] {
  return remembered.keys(`carillon.outbox.${userId}.`).map((key) => [key, remembered.get(key) ?? ""]);
}
