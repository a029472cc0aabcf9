/** The rows of a room as a person reads them: days, the mark of what is new, and messages grouped by author. */
import type { Message, PendingMessage } from "./model.ts";

export type Row =
  | { kind: "day"; key: string; at: Date }
  | { kind: "unread"; key: string }
  | { kind: "message"; key: string; message: Message; opensGroup: boolean }
  | { kind: "pending"; key: string; pending: PendingMessage; opensGroup: boolean };

const GROUP_LASTS_MS = 5 * 60_000;

interface Line {
  author: number;
  at: Date;
  row: (opensGroup: boolean) => Row;
  number: number;
}

export function timeline(input: {
  me: number;
  messages: readonly Message[];
  pending: readonly PendingMessage[];
  /** Messages after this number, by others, are new; null hides the mark. */
  readUpTo: number | null;
  /** Whether there are messages before these. The first of these then only tells how the next is shown: its own row would change, and all below it move, once they come. */
  hasOlder?: boolean;
}): Row[] {
  const rows: Row[] = [];
  let before: Line | null = null;
  let marked = input.readUpTo === null;
  const all = lines(input);
  for (const line of all) {
    const newDay = before === null || !sameDay(before.at, line.at);
    const isNew = !marked && line.number > (input.readUpTo ?? 0) && line.author !== input.me;
    if (before === null && input.hasOlder && !isNew && all.length > 1) {
      before = line;
      continue;
    }
    if (newDay) rows.push({ kind: "day", key: `day-${line.at.toDateString()}`, at: line.at });
    if (isNew) rows.push({ kind: "unread", key: "unread" });
    marked ||= isNew;
    rows.push(line.row(newDay || isNew || !continues(before, line)));
    before = line;
  }
  return rows;
}

function lines({ me, messages, pending }: { me: number; messages: readonly Message[]; pending: readonly PendingMessage[] }): Line[] {
  const stored = messages.map((message) => ({
    author: message.author.id,
    at: new Date(message.created_at),
    number: message.number,
    // The key of a pending message lives on in the stored one, so that the row stays where it is.
    row: (opensGroup: boolean): Row => ({
      kind: "message",
      key: message.author.id === me ? message.client_id || `m${message.id}` : `m${message.id}`,
      message,
      opensGroup,
    }),
  }));
  const waiting = pending.map((one) => ({
    author: me,
    at: new Date(one.createdAtMs),
    number: Number.POSITIVE_INFINITY,
    row: (opensGroup: boolean): Row => ({ kind: "pending", key: one.clientId, pending: one, opensGroup }),
  }));
  return [...stored, ...waiting];
}

function continues(before: Line | null, line: Line): boolean {
  return before !== null && before.author === line.author && line.at.getTime() - before.at.getTime() < GROUP_LASTS_MS;
}

function sameDay(a: Date, b: Date): boolean {
  return a.toDateString() === b.toDateString();
}
