/** What tests begin with: Ana, whose page it is, Ben, and one room; `more` is what a test is about. */
import type { StreamEvent } from "@carillon/sdk";
import type { Message, Room, Snapshot } from "../src/live/model.ts";
import type { OwnStatus } from "../src/live/presence.ts";

export const ANA = { id: 1, username: "ana", display_name: "Ana" };
export const BEN = { id: 2, username: "ben", display_name: "Ben" };

/** What somebody has chosen who has chosen nothing. */
export const OWN: OwnStatus = {
  availability: "auto",
  availability_until: null,
  status: { user: 1, emoji: "", text: "", until: null },
  shows_reads: true,
};

export function message(number: number, more: Partial<Message> = {}): Message {
  return {
    id: 100 + number,
    room: 5,
    number,
    seq: number,
    author: BEN,
    text: `text ${number}`,
    mentions: [],
    created_at: "2026-11-22T07:00:00Z",
    edited_at: null,
    deleted: false,
    client_id: `c${number}`,
    ...more,
  };
}

export function room(more: Partial<Room> = {}): Room {
  return {
    id: 5,
    kind: "public",
    name: "Lobby",
    topic: "",
    role: "member",
    last_number: 0,
    read_number: 0,
    mentioned: [],
    member_count: 2,
    mention_all: "small_rooms",
    members: [],
    last_message: null,
    description: "",
    archived: false,
    favourite: false,
    position: 0,
    ...more,
  };
}

export function snapshot(more: Partial<Snapshot> = {}): Snapshot {
  return {
    user: { ...ANA, is_staff: false },
    rooms: [],
    inbox: { unread: { own: 0, shared: 0 }, items: [] },
    threads: [],
    jobs: [],
    drafts: [],
    saved: [],
    status: OWN,
    cursors: {},
    ...more,
  };
}

export const event = (name: string, data: unknown, stream = "room:5") =>
  ({ name, data, stream, seq: 1, at: "2026-11-22T08:00:00Z" }) as StreamEvent;
