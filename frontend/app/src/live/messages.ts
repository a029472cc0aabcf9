/** What single messages, and lists of them, become by events. Pure functions; `apply.ts` says which events. */
import { plainText } from "../text/rich.ts";
import { isMark, type Mark, marked, restored } from "./marks.ts";
import type { Amendment, Message, Quote, Room, ThreadInfo } from "./model.ts";

/** As the server cuts a quoted text: by code points. */
const QUOTED_CHARS = 300;

/** The root of the thread that alone shows it; null for what the room's timeline shows. */
export function onlyInThread(message: Message): number | null {
  return message.also_in_room === true ? null : (message.root ?? null);
}

/** How many messages of the timeline are unread. */
export function unreadIn(room: Room): number {
  return Math.max(0, room.last_number - (room.hidden ?? 0) - (room.read_number - (room.read_hidden ?? 0)));
}

export function merged(older: readonly Message[], newer: readonly Message[]): Message[] {
  const byNumber = new Map<number, Message>();
  for (const message of [...older, ...newer]) byNumber.set(message.number, message);
  return [...byNumber.values()].sort((a, b) => a.number - b.number);
}

export function appended(messages: readonly Message[], message: Message): readonly Message[] {
  const last = messages.at(-1);
  return last === undefined || message.number > last.number ? [...messages, message] : merged(messages, [message]);
}

export function amended(message: Message, amendment: Amendment): Message {
  if (message.number !== amendment.number) return withQuoteAmended(message, amendment);
  if (isMark(amendment)) return marked(message, amendment);
  switch (amendment.kind) {
    case "edited": {
      const { text, html, mentions, editedAt } = amendment;
      return message.deleted ? message : { ...message, text, html, mentions, edited_at: editedAt };
    }
    case "deleted":
      return { ...message, text: "", html: "", mentions: [], files: [], previews: [], deleted: true };
    case "restored": {
      const after = restored(message, amendment.message, amendment.me);
      const thread = newerThread(message.thread ?? null, amendment.message.thread ?? null);
      return thread === null ? after : { ...after, thread };
    }
    case "attached":
      return message.deleted ? message : { ...message, ...amendment.change };
    case "thread":
      return { ...message, thread: newerThread(message.thread ?? null, amendment.thread) };
  }
}

/** A quote says what the quoted message says now. */
function withQuoteAmended(message: Message, amendment: Amendment): Message {
  const quote = message.quote ?? null;
  if (quote === null || quote.number !== amendment.number || isMark(amendment)) return message;
  if (amendment.kind === "thread" || amendment.kind === "attached") return message;
  return { ...message, quote: amendedQuote(quote, amendment) };
}

function amendedQuote(quote: Quote, amendment: Exclude<Amendment, Mark | { kind: "thread" | "attached" }>): Quote {
  switch (amendment.kind) {
    case "edited":
      return quote.deleted ? quote : { ...quote, text: beginning(amendment) };
    case "deleted":
      return { ...quote, text: "", deleted: true };
    case "restored":
      return { ...quote, text: beginning(amendment.message), deleted: false };
  }
}

function beginning(said: { text: string; html?: string }): string {
  const text = plainText(said);
  return text.length <= QUOTED_CHARS ? text : [...text].slice(0, QUOTED_CHARS).join("");
}

/** Accounts of a thread come in any order: the higher version is the newer one. */
function newerThread(one: ThreadInfo | null, other: ThreadInfo | null): ThreadInfo | null {
  if (one === null || other === null) return one ?? other;
  return other.version >= one.version ? other : one;
}
