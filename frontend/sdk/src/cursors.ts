/**
 * Where this client stands on each of its streams. A cursor moves only when an event was applied, so whatever
 * is lost on the way is asked for again, and whatever comes twice is recognised.
 */
import type { Cursor, StreamCursor } from "./protocol.gen.ts";

export type Verdict = "apply" | "duplicate" | "gap";

interface Track {
  /** Null until the server said where the stream stands. */
  cursor: Cursor | null;
  /** The head that the server told last: reached means caught up. */
  head: number;
  /** An event was missed and the stream was asked for again. */
  resubscribing: boolean;
}

export class Cursors {
  readonly #tracks = new Map<string, Track>();
  readonly #unreported = new Set<string>();

  add(stream: string, cursor: Cursor | null): void {
    this.#tracks.set(stream, { cursor, head: cursor?.seq ?? 0, resubscribing: false });
  }

  remove(stream: string): void {
    this.#tracks.delete(stream);
    this.#unreported.delete(stream);
  }

  clear(): void {
    this.#tracks.clear();
    this.#unreported.clear();
  }

  has(stream: string): boolean {
    return this.#tracks.has(stream);
  }

  get(stream: string): Cursor | null {
    return this.#tracks.get(stream)?.cursor ?? null;
  }

  /** Those that are known. */
  all(): Record<string, Cursor> {
    const known = [...this.#tracks].flatMap(([stream, { cursor }]) => (cursor === null ? [] : [[stream, cursor] as const]));
    return Object.fromEntries(known);
  }

  position(stream: string): StreamCursor {
    const cursor = this.get(stream);
    return cursor === null ? { stream } : { stream, epoch: cursor.epoch, seq: cursor.seq };
  }

  positions(): StreamCursor[] {
    return [...this.#tracks.keys()].map((stream) => this.position(stream));
  }

  judge(stream: string, seq: number): Verdict {
    const cursor = this.get(stream);
    if (cursor === null || seq === cursor.seq + 1) return "apply";
    return seq <= cursor.seq ? "duplicate" : "gap";
  }

  advance(stream: string, seq: number): void {
    const track = this.#tracks.get(stream);
    if (track === undefined) return;
    track.cursor = { epoch: track.cursor?.epoch ?? "", seq };
    this.#unreported.add(stream);
  }

  /** Takes what the server told of a stream. False: the cursor belongs to a log that is gone. */
  settle(stream: string, epoch: string, head: number): boolean {
    const track = this.#tracks.get(stream);
    if (track === undefined) return true;
    track.resubscribing = false;
    track.head = head;
    if (track.cursor === null || track.cursor.epoch === "") {
      track.cursor = { epoch, seq: track.cursor?.seq ?? head };
      return true;
    }
    return track.cursor.epoch === epoch;
  }

  raiseHead(stream: string, head: number): void {
    const track = this.#tracks.get(stream);
    if (track !== undefined) track.head = Math.max(track.head, head);
  }

  /** True once per gap: the caller asks for the stream again. */
  startResubscribing(stream: string): boolean {
    const track = this.#tracks.get(stream);
    if (track === undefined || track.resubscribing) return false;
    track.resubscribing = true;
    return true;
  }

  connectionLost(): void {
    for (const track of this.#tracks.values()) track.resubscribing = false;
  }

  caughtUp(): boolean {
    for (const { cursor, head } of this.#tracks.values()) if ((cursor?.seq ?? 0) < head) return false;
    return true;
  }

  /** What was applied since the last call, for the `seen` of a pong. */
  takeSeen(): Record<string, number> {
    const seen: Record<string, number> = {};
    for (const stream of this.#unreported) seen[stream] = this.get(stream)?.seq ?? 0;
    this.#unreported.clear();
    return seen;
  }
}
