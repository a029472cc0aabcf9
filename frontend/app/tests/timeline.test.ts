import { describe, expect, test } from "vitest";
import type { Message } from "../src/live/model.ts";
import { type Row, timeline } from "../src/live/timeline.ts";

const ME = 1;

function message(number: number, author: number, createdAt: string, clientId = `c${number}`): Message {
  const person = { id: author, username: `u${author}`, display_name: "" };
  return { id: number, room: 5, number, seq: number, author: person, text: "", mentions: [], created_at: createdAt, edited_at: null, deleted: false, client_id: clientId };
}

const shape = (rows: Row[]) => rows.map((row) => ("opensGroup" in row ? `${row.kind}${row.opensGroup ? " with head" : ""}` : row.kind));
const rowsOf = (messages: Message[], readUpTo: number | null = null) => timeline({ me: ME, messages, pending: [], readUpTo });

describe("the timeline", () => {
  test("separates days", () => {
    const rows = rowsOf([message(1, 2, "2026-11-20T12:00:00"), message(2, 2, "2026-11-22T12:00:00")]);
    expect(shape(rows)).toEqual(["day", "message with head", "day", "message with head"]);
  });

  test("groups what one author writes within five minutes", () => {
    const rows = rowsOf([
      message(1, 2, "2026-11-22T12:00:00"),
      message(2, 2, "2026-11-22T12:04:59"),
      message(3, 3, "2026-11-22T12:05:00"),
      message(4, 3, "2026-11-22T12:11:00"),
    ]);
    expect(shape(rows)).toEqual(["day", "message with head", "message", "message with head", "message with head"]);
  });

  test("marks once where the unread ones of others begin", () => {
    const at = "2026-11-22T12:00:00";
    const rows = rowsOf([message(1, 2, at), message(2, ME, at), message(3, 2, at), message(4, 2, at)], 1);
    expect(shape(rows)).toEqual(["day", "message with head", "message with head", "unread", "message with head", "message"]);
  });

  test("changes no row that it shows when older messages come", () => {
    const all = [1, 2, 3, 4].map((number) => message(number, 2, `2026-11-22T12:0${number}:00`));
    const before = timeline({ me: ME, messages: all.slice(1), pending: [], readUpTo: null, hasOlder: true });
    const after = timeline({ me: ME, messages: all, pending: [], readUpTo: null, hasOlder: false });
    expect(shape(before)).toEqual(["message", "message"]);
    expect(after.slice(-before.length)).toEqual(before);
  });

  test("shows the first unread one, whatever came before it", () => {
    const messages = [message(8, 2, "2026-11-22T12:00:00"), message(9, 2, "2026-11-22T12:01:00")];
    expect(shape(timeline({ me: ME, messages, pending: [], readUpTo: 7, hasOlder: true }))).toEqual(["day", "unread", "message with head", "message"]);
  });

  test("keeps the key of a message that was pending, so that its row stays", () => {
    const pending = { clientId: "mine", text: "", createdAtMs: Date.parse("2026-11-22T12:00:00"), thread: null, alsoInRoom: false, status: "sending", failure: null } as const;
    const before = timeline({ me: ME, messages: [], pending: [pending], readUpTo: null }).map(({ key }) => key);
    const after = rowsOf([message(1, ME, "2026-11-22T12:00:00", "mine")]).map(({ key }) => key);
    expect(after).toEqual(before);
  });

  test("gives every row a key of its own", () => {
    const at = "2026-11-22T12:00:00";
    const keys = rowsOf([message(1, ME, at, ""), message(2, ME, at, ""), message(3, 2, at, "c1")]).map(({ key }) => key);
    expect(new Set(keys).size).toBe(keys.length);
  });
});
