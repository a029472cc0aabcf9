/** Keeps the cache behind the state: a little later, all at once, and when the page is about to go. */
import type { CursorMap } from "@carillon/sdk";
import type { Cache } from "./cache.ts";
import type { LiveState, Message } from "./model.ts";
import { store } from "./store.ts";

const KEEP_AFTER_MS = 1_500;

export class Keeper {
  readonly #cache: Cache;
  readonly #cursors: () => CursorMap;
  /** Whether this page keeps the state for all pages; messages each keeps that has them. */
  readonly #keepsState: () => boolean;
  readonly #messages = new Map<number, readonly Message[]>();
  #kept: LiveState | null = null;
  #timer: ReturnType<typeof setTimeout> | null = null;
  readonly #stop: () => void;

  constructor(cache: Cache, cursors: () => CursorMap, keepsState: () => boolean) {
    this.#cache = cache;
    this.#cursors = cursors;
    this.#keepsState = keepsState;
    const listening = new AbortController();
    const atTheEnd = () => {
      if (document.visibilityState === "hidden") this.#keep();
    };
    document.addEventListener("visibilitychange", atTheEnd, { signal: listening.signal });
    window.addEventListener("pagehide", () => this.#keep(), { signal: listening.signal });
    const unsubscribe = store.subscribe(({ live }, before) => {
      if (live !== before.live && live !== null) this.#timer ??= setTimeout(() => this.#keep(), KEEP_AFTER_MS);
    });
    this.#stop = () => {
      listening.abort();
      unsubscribe();
    };
  }

  stop(): void {
    this.#stop();
    if (this.#timer !== null) clearTimeout(this.#timer);
    this.#timer = null;
  }

  /** The state and its cursors of one and the same moment. */
  #keep(): void {
    if (this.#timer !== null) clearTimeout(this.#timer);
    this.#timer = null;
    const { live } = store.getState();
    if (live === null || live === this.#kept) return;
    this.#kept = live;
    const cursors = this.#cursors();
    if (this.#keepsState() && Object.keys(cursors).length > 0) void this.#cache.keep(live, cursors);
    for (const { room, messages, history, loadedTo } of Object.values(live.rooms)) {
      if (history !== "ready" || loadedTo !== null || messages === this.#messages.get(room.id)) continue;
      this.#messages.set(room.id, messages);
      void this.#cache.keepMessages(room.id, messages);
    }
    for (const room of this.#messages.keys()) {
      if (live.rooms[room] !== undefined) continue;
      this.#messages.delete(room);
      void this.#cache.forgetRoom(room);
    }
  }
}
