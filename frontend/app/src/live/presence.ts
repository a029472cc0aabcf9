/** Who is there and how, what people say of themselves, and how far they have read. Pure functions, and the questions. */
import type { Attendance, CommandMap, EventMap, Mode } from "@carillon/sdk";
import { sentence } from "../text/t.ts";
import { api } from "./api.ts";
import type { LiveState, Message, Person, RoomState } from "./model.ts";
import type { Session } from "./session.ts";
import { changeLive } from "./store.ts";

export type OwnStatus = EventMap["chat.own_status_changed"]["own"];
export type Status = OwnStatus["status"];
export type Availability = OwnStatus["availability"];
export interface Receipt {
  user: number;
  read: number;
  delivered: number;
}
export interface Readers {
  count: number;
  people: Person[];
}

/** Without a key and without a moved pointer for so long, nobody is there. */
export const IDLE_AFTER_MS = 5 * 60_000;

// ---- how the state changes

export function withAttendance(room: RoomState, { modes, count }: Attendance): RoomState {
  return { ...room, online: modes, present: count };
}

export function withStatuses(state: LiveState, statuses: readonly Status[]): LiveState {
  const known = { ...state.statuses };
  for (const status of statuses) known[status.user] = status;
  return { ...state, statuses: known };
}

/** A mark only rises: answers and events may cross. */
export function withReceipts(room: RoomState, receipts: readonly Receipt[]): RoomState {
  const known = { ...room.receipts };
  for (const { user, read, delivered } of receipts) {
    const before = known[user];
    known[user] = { user, read: Math.max(read, before?.read ?? 0), delivered: Math.max(delivered, before?.delivered ?? 0) };
  }
  return { ...room, receipts: known };
}

// ---- what a view asks of the state

export function statusOf(state: LiveState, user: number, now: Date): Status | null {
  const status = user === state.me.id ? state.own.status : state.statuses[user];
  if (status === undefined || (status.emoji === "" && status.text === "")) return null;
  return status.until !== null && new Date(status.until) <= now ? null : status;
}

/** Whose read mark stands at this message: they have read it, and nothing after it. */
export function readUpToHere({ receipts }: RoomState, message: Message, me: number): number[] {
  return Object.values(receipts)
    .filter(({ user, read }) => user !== me && user !== message.author.id && read === message.number)
    .map(({ user }) => user);
}

/** What became of one's own message in a direct conversation: whether all others have got it, and have read it. */
export function fateOf({ room, receipts }: RoomState, message: Message, me: number): "sent" | "delivered" | "read" {
  const others = room.members.filter(({ id }) => id !== me).map(({ id }) => receipts[id]);
  if (others.length === 0) return "sent";
  if (others.every((receipt) => receipt !== undefined && receipt.read >= message.number)) return "read";
  const got = others.every((receipt) => receipt !== undefined && (receipt.delivered >= message.seq || receipt.read >= message.number));
  return got ? "delivered" : "sent";
}

export const MODES: Readonly<Record<Mode, string>> = { online: sentence("Online"), idle: sentence("Away"), dnd: sentence("Do not disturb") };

// ---- what it asks of the server

export async function loadStatuses(room: number | null): Promise<void> {
  const statuses = await api<Status[]>("GET", room === null ? "/statuses" : `/statuses?room=${room}`);
  changeLive((live) => withStatuses(live, statuses));
}

export async function loadReceipts(room: number): Promise<void> {
  const receipts = await api<Receipt[]>("GET", `/rooms/${room}/receipts`);
  changeLive((live) => {
    const state = live.rooms[room];
    return state === undefined ? live : { ...live, rooms: { ...live.rooms, [room]: withReceipts(state, receipts) } };
  });
}

export function readersOf(message: Message): Promise<Readers> {
  return api("GET", `/messages/${message.id}/readers`);
}

type Own = CommandMap["chat.status_set"]["result"];

export async function setAvailability(session: Session, availability: Availability, until: Date | null): Promise<void> {
  show(await session.call("chat.availability_set", { availability, until: until?.toISOString() ?? null, client_id: crypto.randomUUID() }));
}

export async function setStatus(session: Session, emoji: string, text: string, until: Date | null): Promise<void> {
  show(await session.call("chat.status_set", { emoji, text, until: until?.toISOString() ?? null, client_id: crypto.randomUUID() }));
}

export async function setShowsReads(session: Session, shown: boolean): Promise<void> {
  show(await session.call("chat.receipts_set", { shown, client_id: crypto.randomUUID() }));
}

function show(own: Own): void {
  changeLive((live) => ({ ...live, own }));
}

/** Calls `onChange` when the person leaves this device alone, and when they come back. Returns how to stop. */
export function watchIdleness(onChange: (idle: boolean) => void): () => void {
  let idle = false;
  let timer: ReturnType<typeof setTimeout> | null = null;
  const become = (now: boolean) => {
    if (idle !== now) onChange((idle = now));
  };
  const rest = () => {
    if (timer !== null) clearTimeout(timer);
    timer = setTimeout(() => become(true), IDLE_AFTER_MS);
  };
  const stir = () => {
    if (document.visibilityState === "hidden") return;
    become(false);
    rest();
  };
  const signs = ["pointermove", "pointerdown", "keydown", "wheel", "visibilitychange"] as const;
  for (const sign of signs) document.addEventListener(sign, stir, { passive: true });
  rest();
  return () => {
    for (const sign of signs) document.removeEventListener(sign, stir);
    if (timer !== null) clearTimeout(timer);
  };
}
