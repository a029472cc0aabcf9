/**
 * Keeping order: roles, rules of rooms, mutes, blocks, and the queue of moderators. Pure functions on the state, and
 * what is asked of the server.
 */
import type { EventMap } from "@carillon/sdk";
import { api } from "./api.ts";
import type { LiveState, Member, Message, Person, Role, Room, RoomState } from "./model.ts";
import { newId } from "./ids.ts";
import type { Job } from "./jobs.ts";
import type { Session } from "./session.ts";

export type Report = EventMap["moderation.report_changed"]["report"];
export type Held = EventMap["moderation.message_held"]["held"];
export type Posting = NonNullable<Room["posting"]>;
export type Why = Report["why"];
export type Action = "dismiss" | "delete" | "warn" | "mute" | "ban" | "ban_everywhere";

/** What waits for this moderator; newest first. */
export interface Queue {
  reports: readonly Report[];
  next: number | null;
  held: readonly Held[];
  /** Whether they moderate everywhere. */
  server: boolean;
}

export interface InContext {
  report: Report;
  messages: Message[];
  muted_until: string | null;
  in_room: boolean;
}

export interface Act {
  id: number;
  at: string;
  actor: string;
  act: string;
  room_name: string;
  person: string;
  reason: string;
  details: Record<string, unknown>;
}

export interface Ban {
  user: Person;
  reason: string;
  until: string | null;
  by: Person | null;
}

export interface RulesChange {
  posting: Posting;
  slow_mode_s: number;
  /** Null: as the installation has it. */
  retention_days: number | null;
}

// ---- who may do what

const RANKS: Record<Role, number> = { guest: 0, member: 1, moderator: 2, owner: 3 };

export const moderates = (role: Role) => RANKS[role] >= RANKS.moderator;

/** Whether somebody with this role may mute, remove and ban one with the other. */
export const outranks = (role: Role, other: Role) => moderates(role) && RANKS[role] > RANKS[other];

/** Whether the person has a queue to look at. */
export function moderatesAnything({ me, rooms }: LiveState): boolean {
  return me.is_staff || Object.values(rooms).some(({ room }) => room.kind !== "direct" && moderates(room.role));
}

// ---- what keeps one from writing

export type Barrier = { kind: "muted"; until: string | null; reason: string } | { kind: "barred" } | { kind: "posting"; posting: Posting };

/** Why the reader cannot write in the room at this moment; null where they can. */
export function barrierOf(room: Room, nowMs: number): Barrier | null {
  const { muted = false, muted_until: until = null, mute_reason: reason = "", barred = false, posting = "everybody", role } = room;
  if (muted && (until === null || Date.parse(until) > nowMs)) return { kind: "muted", until, reason };
  if (barred) return { kind: "barred" };
  const may = posting === "everybody" || role === "owner" || (posting === "moderators" && role === "moderator");
  return may ? null : { kind: "posting", posting };
}

/** Until when slow mode lets the reader wait, in Unix milliseconds; 0 where it does not. */
export function slowUntilMs({ room, messages }: RoomState, me: number): number {
  const { slow_mode_s: pauseS = 0, role } = room;
  if (pauseS === 0 || moderates(role)) return 0;
  const last = messages.findLast(({ author }) => author.id === me);
  return last === undefined ? 0 : Date.parse(last.created_at) + pauseS * 1000;
}

// ---- the state

export function withRole(state: RoomState, me: number, user: number, role: Role): RoomState {
  return {
    ...state,
    room: user === me ? { ...state.room, role } : state.room,
    members: state.members && state.members.map((member) => (member.id === user ? { ...member, role } : member)),
  };
}

/** Owners as a list; who is none keeps the role that they have. */
export function roleAfter(owners: readonly number[], user: number, role: Role): Role {
  if (owners.includes(user)) return "owner";
  return role === "owner" ? "member" : role;
}

export function withoutTrimmed(state: RoomState, upTo: number, hidden: number): RoomState {
  const { room } = state;
  const { last_message: last } = room;
  return {
    ...state,
    messages: state.messages.filter(({ number }) => number > upTo),
    hasOlder: state.hasOlder && (state.messages[0]?.number ?? 0) > upTo + 1,
    room: {
      ...room,
      last_message: last !== null && last.number <= upTo ? null : last,
      read_number: Math.max(room.read_number, upTo),
      read_hidden: room.read_number < upTo ? hidden : (room.read_hidden ?? 0),
      mentioned: room.mentioned.filter((number) => number > upTo),
    },
  };
}

export function withPerson(state: RoomState, person: Person): RoomState {
  const renamed = (message: Message) => (message.author.id === person.id ? { ...message, author: person } : message);
  const { room } = state;
  return {
    ...state,
    messages: state.messages.map(renamed),
    members: state.members && state.members.map((member) => (member.id === person.id ? { ...member, ...person } : member)),
    room: {
      ...room,
      last_message: room.last_message && renamed(room.last_message),
      members: room.members.map((member) => (member.id === person.id ? person : member)),
    },
  };
}

export function withBlock(state: LiveState, { user, blocked, mentions }: EventMap["chat.block_changed"]): LiveState {
  const others = state.blocked.filter((id) => id !== user);
  const rooms = { ...state.rooms };
  for (const { room: id, numbers } of mentions) {
    const known = rooms[id];
    if (known === undefined) continue;
    const kept = known.room.mentioned.filter((number) => !numbers.includes(number));
    const unread = numbers.filter((number) => number > known.room.read_number);
    const mentioned = blocked ? kept : [...kept, ...unread].sort((a, b) => a - b);
    rooms[id] = { ...known, room: { ...known.room, mentioned } };
  }
  return { ...state, rooms, blocked: blocked ? [...others, user].sort((a, b) => a - b) : others };
}

export function withQueue(state: LiveState, queue: Queue): LiveState {
  return { ...state, queue };
}

/** An open report is new, or another one by now; one that was closed is gone from the queue. */
export function withReport(state: LiveState, report: Report): LiveState {
  if (state.queue === null) return state;
  const others = state.queue.reports.filter(({ id }) => id !== report.id);
  const reports = report.outcome === "" ? [...others, report].sort((a, b) => b.id - a.id) : others;
  return { ...state, queue: { ...state.queue, reports } };
}

export function withHeld(state: LiveState, held: Held): LiveState {
  if (state.queue === null) return state;
  const others = state.queue.held.filter(({ id }) => id !== held.id);
  return { ...state, queue: { ...state.queue, held: [...others, held].sort((a, b) => b.id - a.id) } };
}

export function withoutHeld(state: LiveState, id: number): LiveState {
  if (state.queue === null) return state;
  return { ...state, queue: { ...state.queue, held: state.queue.held.filter((held) => held.id !== id) } };
}

// ---- asked of the server

const write = () => ({ client_id: newId() });
const iso = (until: Date | null) => until?.toISOString() ?? null;

export async function setRole(session: Session, room: number, member: Member, role: Role): Promise<void> {
  await session.call("chat.role_change", { room, user: member.id, role, ...write() });
}

export async function changeRules(session: Session, room: number, rules: RulesChange): Promise<void> {
  const { retention_days, ...others } = rules;
  await session.call("chat.rules_change", { room, ...others, retention_days, default_retention: retention_days === null, ...write() });
}

export async function mute(session: Session, room: number, user: number, until: Date | null, reason: string): Promise<void> {
  await session.call("chat.member_mute", { room, user, until: iso(until), reason, ...write() });
  await session.loadMembers(room);
}

export async function unmute(session: Session, room: number, user: number): Promise<void> {
  await session.call("chat.member_unmute", { room, user, ...write() });
  await session.loadMembers(room);
}

export async function kick(session: Session, room: number, user: number, reason: string): Promise<void> {
  await session.call("chat.room_kick", { room, user, reason, ...write() });
}

export async function ban(session: Session, room: number, user: number, until: Date | null, reason: string): Promise<void> {
  await session.call("chat.member_ban", { room, user, until: iso(until), reason, ...write() });
}

export async function liftBan(session: Session, room: number, user: number): Promise<void> {
  await session.call("chat.ban_lift", { room, user, ...write() });
}

export const bansOf = (room: number) => api<Ban[]>("GET", `/rooms/${room}/bans`);

export async function block(session: Session, user: number, blocked: boolean): Promise<void> {
  await session.call("chat.person_block", { user, blocked, ...write() });
}

export const blockedPeople = () => api<Person[]>("GET", "/blocks");

export async function report(session: Session, about: { message: number } | { user: number }, why: Why, text: string): Promise<void> {
  await session.call("chat.report", { ...about, why, text, ...write() });
}

export const exportRoom = (room: number) => api<Job>("POST", `/rooms/${room}/export`, write());

interface QueueAnswer {
  reports: { items: Report[]; next: number | null };
  held: Held[];
  server: boolean;
  cursors: Record<string, { epoch: string; seq: number }>;
}

/** Reads the queue, and follows it from there. Returns how to stop that. */
export async function followQueue(session: Session, show: (queue: Queue) => void): Promise<() => void> {
  const { reports, held, server, cursors } = await api<QueueAnswer>("GET", "/moderation");
  show({ reports: reports.items, next: reports.next, held, server });
  for (const [stream, cursor] of Object.entries(cursors)) session.follow(stream, cursor);
  return () => Object.keys(cursors).forEach((stream) => session.unfollow(stream));
}

export const closedReports = () => api<{ items: Report[] }>("GET", "/moderation/reports?state=closed");
export const reportInContext = (report: number) => api<InContext>("GET", `/moderation/reports/${report}`);

export async function claim(session: Session, report: number): Promise<Report> {
  return (await session.call("chat.report_claim", { report, ...write() })).report;
}

export async function release(session: Session, report: number): Promise<Report> {
  return (await session.call("chat.report_release", { report, ...write() })).report;
}

export async function close(session: Session, report: number, action: Action, reason: string, until: Date | null): Promise<Report> {
  return (await session.call("chat.report_close", { report, action, reason, until: iso(until), ...write() })).report;
}

export async function judge(session: Session, held: number, pass: boolean): Promise<void> {
  await session.call(pass ? "chat.held_release" : "chat.held_drop", { held, ...write() });
}

/** Of a room, or of everything where none is given. */
export function actsOf(room: number | null, person: string, before: number | null): Promise<{ items: Act[]; next: number | null }> {
  const asked = new URLSearchParams({ person, ...(before === null ? {} : { before: String(before) }) });
  return api("GET", `${room === null ? "/moderation/audit" : `/rooms/${room}/audit`}?${asked}`);
}

// ---- one's own account

export const deactivateAccount = (password: string) => api<object>("POST", "/account/deactivate", { password });

export const eraseAccount = (password: string, withMessages: boolean) =>
  api<Job>("POST", "/account/erase", { password, with_messages: withMessages, ...write() });
