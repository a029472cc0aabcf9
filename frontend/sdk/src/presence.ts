/** Who is there on the streams that are watched, and how. A watch outlives the connection; what is known does not. */
import type { Online, PresenceChanged } from "./protocol.gen.ts";

export type Mode = "online" | "idle" | "dnd";

/** Those who are there. Of a crowd only their number is known: then `listed` is false, and `modes` empty. */
export interface Attendance {
  modes: ReadonlyMap<number, Mode>;
  count: number;
  listed: boolean;
}

export interface PresenceHooks {
  call(name: "presence.watch" | "presence.unwatch", stream: string): Promise<unknown>;
  /** Says whether nobody has touched this device for a while. */
  tell(idle: boolean): Promise<unknown>;
  onChange(stream: string, attendance: Attendance): void;
}

export class Presence {
  readonly #hooks: PresenceHooks;
  readonly #watched = new Map<string, Map<number, Mode>>();
  #idle = false;

  constructor(hooks: PresenceHooks) {
    this.#hooks = hooks;
  }

  watch(stream: string, options: { connected: boolean }): void {
    if (this.#watched.has(stream)) return;
    this.#watched.set(stream, new Map());
    if (options.connected) void this.#ask(stream);
  }

  unwatch(stream: string, options: { connected: boolean }): void {
    const watched = this.#watched.delete(stream);
    if (watched && options.connected) this.#hooks.call("presence.unwatch", stream).catch(() => undefined);
  }

  forget(stream: string): void {
    this.#watched.delete(stream);
  }

  setIdle(idle: boolean, options: { connected: boolean }): void {
    if (idle === this.#idle) return;
    this.#idle = idle;
    if (options.connected) this.#tell();
  }

  connected(): void {
    if (this.#idle) this.#tell(); // a new socket counts as active
    for (const stream of this.#watched.keys()) void this.#ask(stream);
  }

  /** A stream that is followed anew is watched by nobody at the server. */
  subscribed(stream: string): void {
    if (this.#watched.has(stream)) void this.#ask(stream);
  }

  changed(stream: string, change: PresenceChanged): void {
    const known = this.#watched.get(stream);
    if (known === undefined) return;
    if (change.whole) known.clear();
    for (const user of change.offline) known.delete(user);
    note(known, change);
    this.#show(stream, known, change);
  }

  async #ask(stream: string): Promise<void> {
    try {
      const online = (await this.#hooks.call("presence.watch", stream)) as Online;
      if (!this.#watched.has(stream)) return;
      const known = new Map<number, Mode>();
      note(known, online);
      this.#watched.set(stream, known);
      this.#show(stream, known, online);
    } catch {
      // lost with the connection: asked again after the next welcome
    }
  }

  #show(stream: string, known: ReadonlyMap<number, Mode>, { count, listed }: { count: number; listed: boolean }): void {
    this.#hooks.onChange(stream, { modes: new Map(known), count, listed });
  }

  #tell(): void {
    this.#hooks.tell(this.#idle).catch(() => undefined); // lost with the connection: told again after the next welcome
  }
}

function note(known: Map<number, Mode>, { online, idle, dnd }: Pick<Online, Mode>): void {
  for (const user of online) known.set(user, "online");
  for (const user of idle) known.set(user, "idle");
  for (const user of dnd) known.set(user, "dnd");
}
