/** The emoji there are: characters, fetched once from this server, and the installation's own, asked for now and then. */
import dataUrl from "emoji-picker-element-data/en/emojibase/data.json?url";
import { type Emoji, type EmojiData, emojiFrom, emojiMatching } from "../text/emoji.ts";
import { api } from "./api.ts";
import { remembered } from "./remembered.ts";

const OWN_ARE_TRUSTED_MS = 60_000;

interface Loaded {
  emoji: readonly Emoji[];
  untilMs: number;
}

let characters: Promise<EmojiData[]> | null = null;
let loading: Promise<readonly Emoji[]> | null = null;
let loaded: Loaded | null = null;

/** What is loaded already, however old; empty before. */
export function knownEmoji(): readonly Emoji[] {
  return loaded?.emoji ?? [];
}

/** All emoji, the installation's own first. Rejects where the server cannot be reached. */
export async function loadEmoji(): Promise<readonly Emoji[]> {
  if (loaded !== null && Date.now() < loaded.untilMs) return loaded.emoji;
  loading ??= fetchEmoji().finally(() => {
    loading = null;
  });
  return loading;
}

/** Those whose shortcode, without colons, or whose meaning fits best. */
export async function searchShortcodes(query: string, limit = 8): Promise<Emoji[]> {
  return emojiMatching(await loadEmoji(), query, limit);
}

async function fetchEmoji(): Promise<readonly Emoji[]> {
  const [data, own] = await Promise.all([fetchCharacters(), api<{ name: string; url: string }[]>("GET", "/emoji")]);
  loaded = { emoji: emojiFrom(data, own), untilMs: Date.now() + OWN_ARE_TRUSTED_MS };
  return loaded.emoji;
}

function fetchCharacters(): Promise<EmojiData[]> {
  characters ??= fetch(dataUrl).then((response) => {
    if (!response.ok) throw new Error(`The emoji did not load: ${response.status}`);
    return response.json() as Promise<EmojiData[]>;
  });
  characters.catch(() => {
    characters = null; // the next one who asks tries again
  });
  return characters;
}

// ---- what this browser remembers

const KEY = "carillon.emoji";
const KEPT_RECENT = 27;

export interface Habits {
  /** What was picked last, the newest first. */
  recent: readonly string[];
  /** The skin tone, 1 to 5; 0 for none. */
  tone: number;
}

export function habits(): Habits {
  try {
    const { recent, tone } = JSON.parse(remembered.get(KEY) ?? "{}") as Partial<Habits>;
    return {
      recent: Array.isArray(recent) ? recent.filter((one) => typeof one === "string").slice(0, KEPT_RECENT) : [],
      tone: typeof tone === "number" && tone >= 0 && tone <= 5 ? tone : 0,
    };
  } catch {
    return { recent: [], tone: 0 };
  }
}

export function remember(change: { picked?: string; tone?: number }): void {
  const before = habits();
  const recent = change.picked === undefined ? before.recent : [change.picked, ...before.recent.filter((one) => one !== change.picked)];
  remembered.set(KEY, JSON.stringify({ recent: recent.slice(0, KEPT_RECENT), tone: change.tone ?? before.tone }));
}
