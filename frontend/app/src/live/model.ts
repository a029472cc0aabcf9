/** What the page knows. Plain, immutable values; how they change is in `apply.ts`. */
import type { EventMap } from "@carillon/sdk";

export type Message = EventMap["chat.message_created"]["message"];
export type Room = EventMap["chat.room_added"]["room"];
export type Person = Message["author"];
export type InboxItem = EventMap["notifications.created"]["item"];
export type Level = "info" | "success" | "warning" | "critical";
export type Role = Room["role"];

/** A level of a newer server is shown as the mildest one. */
export function levelOf(item: InboxItem): Level {
  const { level } = item;
  return level === "success" || level === "warning" || level === "critical" ? level : "info";
}

export interface Me extends Person {
  is_staff: boolean;
}

export interface Member extends Person {
  role: Role;
}

/** A message of one's own that is not in the history yet. */
export interface PendingMessage {
  clientId: string;
  text: string;
  createdAtMs: number;
  status: "sending" | "stored" | "failed";
  /** The server's sentence; null unless it failed. */
  failure: string | null;
}

/** A change to a message that was not loaded yet, kept while a page of history is on its way. */
export type Amendment =
  | { kind: "edited"; number: number; text: string; editedAt: string }
  | { kind: "deleted"; number: number };

export interface RoomState {
  room: Room;
  /** Ascending by number and without holes; the newest are always among them once `history` is ready. */
  messages: readonly Message[];
  history: "none" | "loading" | "ready" | "failed";
  hasOlder: boolean;
  amendments: readonly Amendment[];
  pending: readonly PendingMessage[];
  /** Who is writing, and until when that is believed, in Unix milliseconds. */
  typing: Readonly<Record<number, number>>;
  /** Null until they were fetched. */
  members: readonly Member[] | null;
  online: ReadonlySet<number>;
}

export interface InboxState {
  items: readonly InboxItem[];
  unread: number;
  /** The server's cursor for the page after the loaded items; null before the first page was asked for. */
  next: string | null;
  hasOlder: boolean;
}

export interface InboxPage {
  items: InboxItem[];
  unread: number;
  next: string | null;
}

export interface LiveState {
  me: Me;
  rooms: Readonly<Record<number, RoomState>>;
  inbox: InboxState;
}

export interface Snapshot {
  user: Me;
  rooms: Room[];
  inbox: { unread: number; items: InboxItem[] };
  cursors: Record<string, { epoch: string; seq: number }>;
}

export interface HistoryPage {
  items: Message[];
  has_more: boolean;
}
