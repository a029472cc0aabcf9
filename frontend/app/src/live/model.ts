/** What the page knows. Plain, immutable values; how they change is in `apply.ts`. */
import type { CommandMap, EventMap, Mode } from "@carillon/sdk";
import type { Draft } from "./drafts.ts";
import type { Job } from "./jobs.ts";
import type { Mark, Pin } from "./marks.ts";
import type { Queue } from "./moderation.ts";
import type { OwnStatus, Receipt, Status } from "./presence.ts";
import type { Reminder } from "./reminders.ts";
import type { Scheduled } from "./scheduled.ts";

export type Message = EventMap["chat.message_created"]["message"];
/** A file in a message. */
export type SharedFile = NonNullable<Message["files"]>[number];
export type LinkPreview = NonNullable<Message["previews"]>[number];
export type Mention = Message["mentions"][number];
export type Quote = NonNullable<Message["quote"]>;
export type ThreadInfo = NonNullable<Message["thread"]>;
export type FollowedThread = EventMap["chat.thread_followed"]["thread"];
export type NotReached = CommandMap["chat.message_send"]["result"]["not_reached"][number];
export type MentionAll = Room["mention_all"];
export type Room = EventMap["chat.room_added"]["room"];
export type Person = Message["author"];
export type InboxItem = EventMap["notifications.created"]["item"];
export type Unread = EventMap["notifications.read"]["unread"];
/** The inbox, or what was put away. */
export type Box = "inbox" | "archived" | "snoozed";
export type InboxMark = "seen" | "read" | "unread" | "clicked" | "archived" | "restored";
export type Level = "info" | "success" | "warning" | "critical";
export type Role = Room["role"];

/** A level of a newer server is shown as the mildest one. */
export function levelOf(item: InboxItem): Level {
  const { level } = item;
  return level === "success" || level === "warning" || level === "critical" ? level : "info";
}

export interface Me extends Person {
  is_staff: boolean;
  is_guest?: boolean;
}

export interface Member extends Person {
  role: Role;
  /** Known to moderators alone. */
  muted?: boolean;
  muted_until?: string | null;
}

/** A message of one's own that is not in the history yet. */
export interface PendingMessage {
  clientId: string;
  text: string;
  /** Uploads that it has; those that are still on their way are in `files.ts`. */
  files?: readonly number[];
  createdAtMs: number;
  /** The root of the thread in which it is a reply. */
  thread: number | null;
  alsoInRoom: boolean;
  status: "sending" | "stored" | "failed";
  /** The server's sentence; null unless it failed. */
  failure: string | null;
}

/** A change to a message that was not loaded yet, kept while a page of history is on its way. */
export type Amendment =
  | { kind: "edited"; number: number; text: string; html: string; mentions: Mention[]; editedAt: string; author: number; onlyInThread: number | null }
  | { kind: "thread"; number: number; thread: ThreadInfo }
  | { kind: "deleted"; number: number }
  | { kind: "restored"; number: number; me: number; message: Message }
  | { kind: "attached"; number: number; change: Pick<Message, "files"> | Pick<Message, "previews"> }
  | Mark;

export interface RoomState {
  room: Room;
  /** What the timeline shows: ascending by number and without holes; a window of the history, whose newest are among it unless `loadedTo` says otherwise. */
  messages: readonly Message[];
  /** `stale`: they are shown, from the cache or from before a break, and the next page from the server replaces them. */
  history: "none" | "loading" | "stale" | "ready" | "failed";
  hasOlder: boolean;
  /** The number up to which the messages are loaded; null: to the end. */
  loadedTo: number | null;
  amendments: readonly Amendment[];
  pending: readonly PendingMessage[];
  /** Who is writing, and until when that is believed, in Unix milliseconds. */
  typing: Readonly<Record<number, number>>;
  /** Null until they were fetched. */
  members: readonly Member[] | null;
  /** Who is there, and how; in a crowd nobody is named. */
  online: ReadonlyMap<number, Mode>;
  /** How many are there. */
  present: number;
  /** How far others have read, by user; empty in large rooms. */
  receipts: Readonly<Record<number, Receipt>>;
  /** The one pinned last first; null until they were fetched. */
  pins: readonly Pin[] | null;
}

/** What is unread of a thread. Of one that is not followed too: that one follows it may be heard after its replies. */
export interface ThreadMarks {
  root: number;
  room: number;
  following: boolean;
  readNumber: number;
  /** The numbers of unread replies, ascending. */
  unread: readonly number[];
  /** Of these, those that mention the reader. */
  mentioned: readonly number[];
}

/** The thread beside the room. */
export interface OpenThread {
  rootId: number;
  roomId: number;
  /** Null until it was fetched. */
  root: Message | null;
  /** As in a room. */
  messages: readonly Message[];
  hasOlder: boolean;
  hasNewer: boolean;
  history: "loading" | "ready" | "failed";
  amendments: readonly Amendment[];
}

export interface InboxState {
  /** Newest first, and without holes. */
  items: readonly InboxItem[];
  unread: Unread;
  /** The server's cursor for the page after the loaded items; null before the first page was asked for. */
  next: string | null;
  hasOlder: boolean;
}

export interface InboxPage {
  items: InboxItem[];
  unread: Unread;
  next: string | null;
}

export type Preferences = EventMap["notifications.preferences_changed"]["preferences"];
export type Frequency = "instant" | "hourly" | "daily" | "end_of_day" | "off";
export type Follow = "all" | "mentions" | "nothing";

/** What a person can choose, what happens without a choice, and what they chose. */
export interface PreferencesPage {
  categories: { name: string; label: string; defaults: { channel: string; frequency: Frequency }[]; fixed: boolean }[];
  channels: { name: string; label: string; digests: boolean }[];
  default_time_zone: string;
  default_language: string;
  languages: Record<string, string>;
  preferences: Preferences;
}

/** What was decided about one notice on one channel, and why. */
export interface DeliveryLine {
  id: number;
  notice: number;
  title: string;
  label: string;
  sentence: string;
}

export interface LiveState {
  me: Me;
  /** Null until they were fetched. */
  preferences: Preferences | null;
  rooms: Readonly<Record<number, RoomState>>;
  /** By the id of the root. */
  threads: Readonly<Record<number, ThreadMarks>>;
  openThread: OpenThread | null;
  inbox: InboxState;
  /** Newest first. */
  jobs: readonly Job[];
  /** The next one first; null until they were fetched. */
  reminders: readonly Reminder[] | null;
  /** What was begun, by `keyOf` its place. */
  drafts: Readonly<Record<string, Draft>>;
  /** The ids of saved messages. */
  saved: readonly number[];
  /** The next one first; null until they were fetched. */
  scheduled: readonly Scheduled[] | null;
  /** Words that notify like a mention; null until they were fetched. */
  keywords: readonly string[] | null;
  own: OwnStatus;
  /** What others say of themselves, as far as it was asked for. */
  statuses: Readonly<Record<number, Status>>;
  /** The ids of people whom this person blocks. */
  blocked: readonly number[];
  /** What waits for this moderator; null until they look at it. */
  queue: Queue | null;
}

export interface Snapshot {
  user: Me;
  rooms: Room[];
  threads: FollowedThread[];
  inbox: { unread: Unread; items: InboxItem[] };
  jobs: Job[];
  drafts: Draft[];
  saved: number[];
  status: OwnStatus;
  blocked?: number[];
  cursors: Record<string, { epoch: string; seq: number }>;
}

export interface HistoryPage {
  items: Message[];
  has_more: boolean;
  /** What was looked for, where only its thread shows it. */
  reply?: Message | null;
}

export interface ThreadPage extends HistoryPage {
  root: Message;
  has_newer: boolean;
  following: boolean;
  read_number: number;
}

/** What a message said before an edit. */
export interface Version {
  text: string;
  mentions: Mention[];
  written_at: string;
  html?: string;
}
