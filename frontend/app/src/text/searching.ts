/** Writing a search: what is begun at the caret, what it may become, and how a found text is shown. Pure. */
import type { Highlight } from "../live/search.ts";

export const OPERATORS = ["from", "in", "has", "is", "before", "after", "during"] as const;

/** What is written before the caret: `from:ad` has the operator "from" and the value "ad". */
export interface Begun {
  start: number;
  operator: string | null;
  value: string;
}

/** What may stand there instead, and what it means. */
export interface Completion {
  text: string;
  meaning: string;
}

const BEGUN = /(?:^|\s)-?(?:([a-z]+):)?("[^"]*|[^\s"]*)$/i;

export function begunAt(text: string, caret: number): Begun {
  const match = BEGUN.exec(text.slice(0, caret));
  const operator = match?.[1]?.toLowerCase() ?? null;
  const value = match?.[2] ?? "";
  const length = value.length + (operator === null ? 0 : operator.length + 1);
  return { start: caret - length, operator, value: value.replace(/^"/, "") };
}

/** The text with the completion in place of what was begun, and where the caret is then. */
export function completedAt(text: string, caret: number, { start }: Begun, completion: string): { text: string; caret: number } {
  const gap = completion.endsWith(":") ? "" : " ";
  const written = `${text.slice(0, start)}${completion}${gap}`;
  return { text: written + text.slice(caret).replace(/^ /, ""), caret: written.length };
}

/** Whether the text ends in the middle of something: the server would only say so. */
export function isUnfinished(text: string): boolean {
  return text.split('"').length % 2 === 0 || /(?:^|\s)-?[a-z]+:$/i.test(text);
}

/** A value as the server reads it, in quotation marks where it has blanks. */
export function quoted(value: string): string {
  const plain = value.replaceAll('"', "");
  return /\s/.test(plain) ? `"${plain}"` : plain;
}

/** The operators that begin so. */
export function operatorsLike(value: string, meanings: Readonly<Record<string, string>>): Completion[] {
  const sought = value.toLowerCase();
  if (sought === "") return [];
  return OPERATORS.filter((name) => name.startsWith(sought)).map((name) => ({ text: `${name}:`, meaning: meanings[name] ?? "" }));
}

export interface Piece {
  text: string;
  marked: boolean;
}

const BEFORE_CHARS = 60;
const MAX_CHARS = 280;

/** The part of a text around what was found first, in pieces that are marked or not. */
export function excerpt(text: string, highlights: readonly Highlight[]): Piece[] {
  const first = highlights[0]?.start ?? 0;
  const begin = first > BEFORE_CHARS ? wordStart(text, first - BEFORE_CHARS) : 0;
  const end = Math.min(text.length, begin + MAX_CHARS);
  const pieces: Piece[] = [];
  const add = (piece: string, marked: boolean) => {
    if (piece !== "") pieces.push({ text: piece, marked });
  };
  let at = begin;
  for (const { start, length } of highlights) {
    if (start < at || start + length > end) continue;
    add(text.slice(at, start), false);
    add(text.slice(start, start + length), true);
    at = start + length;
  }
  add(text.slice(at, end), false);
  if (begin > 0) pieces.unshift({ text: "…", marked: false });
  if (end < text.length) pieces.push({ text: "…", marked: false });
  return pieces;
}

/** The beginning of the next word, so that neither words nor characters are cut. */
function wordStart(text: string, near: number): number {
  const blank = text.slice(near, near + BEFORE_CHARS).search(/\s\S/);
  if (blank >= 0) return near + blank + 1;
  const isLowHalf = /^[\uDC00-\uDFFF]/.test(text.slice(near));
  return isLowHalf ? near + 1 : near;
}
