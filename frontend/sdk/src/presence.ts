/** Who is online on the streams that are watched. A watch outlives the connection; what is known does not. */
import type { PresenceChanged } from "./protocol.gen.ts";

export interface PresenceHooks {
  call(name: "presence.watch" | "presence.unwatch", stream: string): Promise<unknown>;
  onChange(stream: string, online: ReadonlySet<number>): void;
}

export class Presence {
  readonly #hooks: PresenceHooks;
  readonly #watched = new Map<string, Set<number>>();

  constructor(hooks: PresenceHooks) {
    this.#hooks = hooks;
  }

  watch(stream: string, options: { connected: boolean }): void {
    if (this.#watched.has(stream)) return;
    this.#watched.set(stream, new Set());
    if (options.connected) void this.#ask(stream);
  }

  unwatch(stream: string, options: { connected: boolean }): void {
    const watched = this.#watched.delete(stream);
    if (watched && options.connected) this.#hooks.call("presence.unwatch", stream).catch(() => undefined);
  }

  forget(stream: string): void {
    this.#watched.delete(stream);
  }

  connected(): void {
    for (const stream of this.#watched.keys()) void this.#ask(stream);
  }

  /** A stream that is followed anew is watched by nobody at the server. */
  subscribed(stream: string): void {
    if (this.#watched.has(stream)) void this.#ask(stream);
  }

  changed(stream: string, change: PresenceChanged): void {
    const online = this.#watched.get(stream);
    if (online === undefined) return;
    for (const user of change.offline) online.delete(user);
    for (const user of change.online) online.add(user);
    this.#hooks.onChange(stream, new Set(online));
  }

  async #ask(stream: string): Promise<void> {
    try {
      const { online } = (await this.#hooks.call("presence.watch", stream)) as { online: number[] };
      if (!this.#watched.has(stream)) return;
      this.#watched.set(stream, new Set(online));
      this.#hooks.onChange(stream, new Set(online));
    } catch {
      // lost with the connection: asked again after the next welcome
    }
  }
}
