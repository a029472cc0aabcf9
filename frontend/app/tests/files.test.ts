import { expect, test } from "vitest";
import { apply, fromSnapshot, withHistory, withHistoryLoading } from "../src/live/apply.ts";
import { adoptFiles, dropFiles, sayFiles, uploadedIn } from "../src/live/files.ts";
import type { LinkPreview, LiveState, Message, SharedFile } from "../src/live/model.ts";
import { fitted } from "../src/views/MessageFiles.tsx";
import { event, message as anyMessage, room, snapshot } from "./builders.ts";

const NOW_MS = Date.parse("2026-11-22T08:00:00Z");
const PHOTO: SharedFile = { id: 1, url: "/files/k/a.png", name: "a.png", kind: "image", type: "image/png", bytes: 10, width: 800, height: 600 };
const NOTES: SharedFile = { id: 2, url: "/files/l/b.txt", name: "b.txt", kind: "file", type: "text/plain", bytes: 10, alt: "What we said" };
const PAGE: LinkPreview = { url: "https://a.example/", site: "a.example", title: "A", description: "" };

const message = (more: Partial<Message> = {}) => anyMessage(1, { text: "", files: [PHOTO, NOTES], ...more });

function start(): LiveState {
  const rooms = [room({ last_number: 1, last_message: message() })];
  return withHistory(fromSnapshot(snapshot({ rooms }), null), 5, { items: [message()], has_more: false });
}

const shown = (state: LiveState) => state.rooms[5]?.messages[0];

test("files and previews of a message are what the last event says", () => {
  const fewer = apply(start(), event("chat.files_changed", { id: 101, number: 1, files: [NOTES] }), NOW_MS);
  expect(shown(fewer)?.files).toEqual([NOTES]);
  expect(fewer.rooms[5]?.room.last_message?.files).toEqual([NOTES]);
  const found = apply(fewer, event("chat.previews_changed", { id: 101, number: 1, previews: [PAGE] }), NOW_MS);
  expect(shown(found)).toMatchObject({ files: [NOTES], previews: [PAGE] });
  expect(shown(apply(found, event("chat.previews_changed", { id: 101, number: 1, previews: [] }), NOW_MS))?.previews).toEqual([]);
});

test("a deleted message has neither, whatever comes late", () => {
  const gone = apply(start(), event("chat.message_deleted", { id: 101, number: 1 }), NOW_MS);
  const late = apply(gone, event("chat.previews_changed", { id: 101, number: 1, previews: [PAGE] }), NOW_MS);
  expect(shown(late)).toMatchObject({ deleted: true, files: [], previews: [] });
});

test("what comes while history is loading is not lost", () => {
  const loading = withHistoryLoading({ ...start(), rooms: fromRooms("none") }, 5);
  const changed = apply(loading, event("chat.files_changed", { id: 101, number: 1, files: [NOTES] }), NOW_MS);
  expect(shown(withHistory(changed, 5, { items: [message()], has_more: false }))?.files).toEqual([NOTES]);
});

function fromRooms(history: "none"): LiveState["rooms"] {
  const room = start().rooms[5];
  return room === undefined ? {} : { 5: { ...room, messages: [], history } };
}

test("a room says whether it shows previews", () => {
  const off = apply(start(), event("chat.room_previews_changed", { room: 5, link_previews: false }), NOW_MS);
  expect(off.rooms[5]?.room.link_previews).toBe(false);
});

test("in one line, files are their descriptions or names", () => {
  expect(sayFiles([PHOTO, NOTES])).toBe("a.png, What we said");
  expect(sayFiles(undefined)).toBe("");
});

test("an image has its place before it is there", () => {
  expect(fitted(PHOTO, { width: 360, height: 300 })).toEqual({ width: 360, height: 270 });
  expect(fitted({ ...PHOTO, width: 40, height: 30 }, { width: 360, height: 300 })).toEqual({ width: 40, height: 30 });
  expect(fitted({ ...PHOTO, width: 10_000, height: 1 }, { width: 360, height: 300 })).toEqual({ width: 360, height: 1 });
  expect(fitted({ ...PHOTO, width: null }, { width: 360, height: 300 })).toEqual({ width: 360, height: 300 });
});

test("a tray has the files of the server's draft, and no more those that it lost", () => {
  adoptFiles(5, [PHOTO, NOTES]);
  adoptFiles(5, [PHOTO, NOTES]);
  expect(uploadedIn(5)).toEqual([1, 2]);
  adoptFiles(5, [NOTES]);
  expect(uploadedIn(5)).toEqual([2]);
  dropFiles();
  expect(uploadedIn(5)).toEqual([]);
});
