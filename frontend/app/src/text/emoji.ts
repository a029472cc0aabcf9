/** Emoji as one looks for them: by the names between colons, and by words. Pure. */
import type { Unfinished } from "./suggestions.ts";
import { sentence } from "./t.ts";

/** A character, or a picture of this installation (`url`), which is written `:name:`. */
export interface Emoji {
  /** What is put into a text. */
  emoji: string;
  /** What a person reads. */
  label: string;
  shortcodes: readonly string[];
  tags: readonly string[];
  /** Of Emojibase; -1 for the installation's own. */
  group: number;
  /** By the skin tone, from 1 to 5. */
  tones: Readonly<Record<number, string>>;
  url?: string;
}

/** The data of the package emoji-picker-element-data. */
export interface EmojiData {
  emoji: string;
  annotation: string;
  shortcodes?: string[];
  tags?: string[];
  group: number;
  order: number;
  skins?: { emoji: string; tone: number | number[] }[];
}

export const OWN_GROUP = -1;
/** Groups of Emojibase that are shown, in their order, each with a sign of its own. 2 is parts that others are made of. */
export const GROUPS = [
  { group: 0, name: sentence("Smileys"), sign: "😀" },
  { group: 1, name: sentence("People"), sign: "👋" },
  { group: 3, name: sentence("Animals and nature"), sign: "🐱" },
  { group: 4, name: sentence("Food and drink"), sign: "🍎" },
  { group: 5, name: sentence("Travel and places"), sign: "🏠" },
  { group: 6, name: sentence("Activities"), sign: "⚽" },
  { group: 7, name: sentence("Objects"), sign: "📝" },
  { group: 8, name: sentence("Symbols"), sign: "⛔" },
  { group: 9, name: sentence("Flags"), sign: "🏁" },
] as const;

export function emojiFrom(data: readonly EmojiData[], own: readonly { name: string; url: string }[]): Emoji[] {
  const shown = new Set<number>(GROUPS.map(({ group }) => group));
  const characters = data
    .filter(({ group }) => shown.has(group))
    .sort((a, b) => a.order - b.order)
    .map(({ emoji, annotation, shortcodes = [], tags = [], group, skins = [] }) => ({
      emoji,
      label: annotation,
      shortcodes,
      tags,
      group,
      tones: Object.fromEntries(skins.flatMap(({ emoji: skin, tone }) => (typeof tone === "number" ? [[tone, skin] as const] : []))),
    }));
  const pictures = own.map(({ name, url }) => ({ emoji: `:${name}:`, label: name, shortcodes: [name], tags: [], group: OWN_GROUP, tones: {}, url }));
  return [...pictures, ...characters];
}

const NOT_FOUND = 5;

/** Whose name is or begins with the query first, then whose name has a word that does, then a tag, then a word of its label. */
export function emojiMatching(all: readonly Emoji[], query: string, limit: number): Emoji[] {
  const sought = query.trim().toLocaleLowerCase().replaceAll(" ", "_");
  if (sought === "") return [];
  const byRank = Array.from({ length: NOT_FOUND }, (): Emoji[] => []);
  for (const emoji of all) byRank[rank(emoji, sought)]?.push(emoji);
  return byRank.flat().slice(0, limit);
}

function rank({ shortcodes, tags, label }: Emoji, sought: string): number {
  if (shortcodes.includes(sought)) return 0;
  if (shortcodes.some((name) => name.startsWith(sought))) return 1;
  if (shortcodes.some((name) => name.includes(`_${sought}`))) return 2;
  if (tags.some((tag) => tag.startsWith(sought))) return 3;
  return label.toLocaleLowerCase().includes(sought.replaceAll("_", " ")) ? 4 : NOT_FOUND;
}

const UNFINISHED = /(?:^|[^\p{L}\p{N}_:/])(:([a-z0-9_+-]{2,32}))$/u;

/** ":…" before the caret, from the second letter on: ":)" and "12:30" are none. */
export function unfinishedEmojiAt(text: string, caret: number): Unfinished | null {
  const [, written, query] = UNFINISHED.exec(text.slice(0, caret)) ?? [];
  return written === undefined || query === undefined ? null : { start: caret - written.length, query };
}

export function withEmoji(text: string, caret: number, { start }: Unfinished, emoji: Emoji): { text: string; caret: number } {
  const rest = text.slice(caret).replace(/^[: ]/, "");
  const written = `${text.slice(0, start)}${emoji.emoji} `;
  return { text: written + rest, caret: written.length };
}
