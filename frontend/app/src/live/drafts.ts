/**
 * What the person began to write, in each room and thread, on all their devices. Kept by the server a moment after the
 * last key; the writer who comes last wins.
 */
import { CallError, type EventMap } from "@carillon/sdk";
import type { LiveState } from "./model.ts";

export type Draft = EventMap["chat.draft_changed"]["draft"];

export interface DraftPlace {
  room: number;
  /** The id of the thread's first message; null in the room itself. */
  thread: number | null;
}

export const keyOf = ({ room, thread }: DraftPlace) => (thread === null ? `${room}` : `${room}/${thread}`);

/** Answers and events come in any order: the higher version is the newer one. One that ended stays, without text. */
export function withDraft(state: LiveState, draft: Draft): LiveState {
  const key = keyOf(draft);
  const known = state.drafts[key];
  if (known !== undefined && known.version > draft.version) return state;
  return { ...state, drafts: { ...state.drafts, [key]: draft } };
}

export const draftsByKey = (drafts: readonly Draft[]): Record<string, Draft> =>
  Object.fromEntries(drafts.map((draft) => [keyOf(draft), draft]));

const SAVE_AFTER_MS = 800;

/** What a draft says, and the ids of the files that wait with it. */
export interface Written {
  text: string;
  files: readonly number[];
}

export const NOTHING_WRITTEN: Written = { text: "", files: [] };

export const filesOf = (draft: Draft | undefined): readonly number[] => (draft?.files ?? []).map(({ id }) => id);

interface Local {
  place: DraftPlace;
  written: Written;
}

/** Has one call at a time for each draft, always with the latest of it; what could not be saved waits for `resume`. */
export class DraftKeeper {
  readonly #save: (place: DraftPlace, written: Written) => Promise<Draft>;
  readonly #kept: (draft: Draft) => void;
  /** What was typed here, and the server is not known to have. */
  readonly #local = new Map<string, Local>();
  readonly #waiting = new Map<string, ReturnType<typeof setTimeout>>();
  readonly #saving = new Set<string>();

  constructor(save: (place: DraftPlace, written: Written) => Promise<Draft>, kept: (draft: Draft) => void) {
    this.#save = save;
    this.#kept = kept;
  }

  /** What was typed here and is still to be saved; null where there is nothing, and what the server has counts. */
  unsaved(place: DraftPlace): Written | null {
    return this.#local.get(keyOf(place))?.written ?? null;
  }

  change(place: DraftPlace, written: Written): void {
    const key = keyOf(place);
    this.#local.set(key, { place, written });
    clearTimeout(this.#waiting.get(key));
    this.#waiting.set(key, setTimeout(() => this.#flush(key), SAVE_AFTER_MS));
  }

  /** It was sent: nothing of it stays anywhere. `known` says whether the server has some of it. */
  clear(place: DraftPlace, known: boolean): void {
    const key = keyOf(place);
    clearTimeout(this.#waiting.get(key));
    this.#waiting.delete(key);
    if (!known && !this.#saving.has(key)) return void this.#local.delete(key);
    this.#local.set(key, { place, written: NOTHING_WRITTEN });
    this.#flush(key);
  }

  /** There is a way to the server, or the page may be closed: now. */
  resume(): void {
    for (const key of this.#local.keys()) this.#flush(key);
  }

  stop(): void {
    for (const timer of this.#waiting.values()) clearTimeout(timer);
  }

  #flush(key: string): void {
    clearTimeout(this.#waiting.get(key));
    this.#waiting.delete(key);
    const local = this.#local.get(key);
    if (local === undefined || this.#saving.has(key)) return;
    this.#saving.add(key);
    this.#save(local.place, local.written).then(
      (draft) => this.#saved(key, local, draft),
      (reason: unknown) => this.#failed(key, reason),
    );
  }

  #saved(key: string, local: Local, draft: Draft): void {
    this.#saving.delete(key);
    if (this.#local.get(key) === local) this.#local.delete(key);
    this.#kept(draft);
    if (this.#local.has(key) && !this.#waiting.has(key)) this.#flush(key);
  }

  /** What the server refuses for good stays here alone, for as long as the page lives. */
  #failed(key: string, reason: unknown): void {
    this.#saving.delete(key);
    if (!(reason instanceof CallError)) console.error("carillon:", reason);
  }
}
