/** What the person does with messages beside writing them: asked of the server, shown at once where that is safe. */
import { withAmendment } from "./apply.ts";
import { api } from "./api.ts";
import { describedFiles, handOver, trayOf } from "./files.ts";
import { isMine, type Mark, type Pin, type SentPoll, withPins, withSaved } from "./marks.ts";
import type { LiveState, Message, Person } from "./model.ts";
import { type Scheduled, withAllScheduled, withoutScheduled, withScheduled } from "./scheduled.ts";
import { newId } from "./ids.ts";
import type { Links, Session } from "./session.ts";
import { changeLive, showToast, store } from "./store.ts";
import { asSentence } from "../text/errors.ts";
import { t } from "../text/t.ts";
import { fullMoment } from "../text/times.ts";

export interface SavedItem {
  id: number;
  message: Message;
  saved_at: string;
}

export interface AckList {
  count: number;
  given: { person: Person; at: string }[];
  missing: Person[] | null;
  reminders: number;
  remind_at: string | null;
}

const me = () => store.getState().live?.me.id ?? 0;

function change(message: Message, mark: Mark): void {
  changeLive((live) => withAmendment(live, message.room, mark));
}

// ---- reactions

export async function toggleReaction(session: Session, message: Message, emoji: string): Promise<void> {
  const known = message.reactions?.find((one) => one.emoji === emoji);
  const on = !isMine(known, me());
  const mark = { kind: "toggled", number: message.number, me: me(), emoji } as const;
  change(message, { ...mark, on });
  try {
    await session.call(on ? "chat.reaction_add" : "chat.reaction_remove", { message: message.id, emoji, client_id: newId() });
  } catch (reason) {
    change(message, { ...mark, on: !on });
    showToast({ id: newId(), title: t("The reaction was not saved"), text: asSentence(reason), level: "warning", link: "" });
  }
}

export async function reactorsOf(message: Message, emoji: string): Promise<{ count: number; people: Person[] }> {
  return api("GET", `/messages/${message.id}/reactions?emoji=${encodeURIComponent(emoji)}`);
}

// ---- pins

export async function loadPins(room: number): Promise<void> {
  const pins = await api<Pin[]>("GET", `/rooms/${room}/pins`);
  changeLive((live) => inRoom(live, room, pins));
}

function inRoom(live: LiveState, room: number, pins: readonly Pin[]): LiveState {
  const state = live.rooms[room];
  return state === undefined ? live : { ...live, rooms: { ...live.rooms, [room]: withPins(state, pins) } };
}

export async function setPinned(session: Session, message: Message, pinned: boolean): Promise<void> {
  await session.call(pinned ? "chat.message_pin" : "chat.message_unpin", { message: message.id, client_id: newId() });
}

// ---- saved messages

export async function setSaved(session: Session, message: Message, saved: boolean): Promise<void> {
  const change = await session.call(saved ? "chat.message_save" : "chat.message_unsave", { message: message.id, client_id: newId() });
  changeLive((live) => withSaved(live, change));
}

export async function savedPage(before: number | null): Promise<{ items: SavedItem[]; has_more: boolean }> {
  return api("GET", before === null ? "/saved" : `/saved?before=${before}`);
}

// ---- the read mark

export async function markUnread(session: Session, message: Message): Promise<void> {
  session.keepUnread(message.room);
  await session.call("chat.room_unread", { room: message.room, number: message.number, client_id: newId() });
}

// ---- messages that are sent later

export async function loadScheduled(): Promise<void> {
  const scheduled = await api<Scheduled[]>("GET", "/scheduled");
  changeLive((live) => withAllScheduled(live, scheduled));
}

/** What is written in a room or a thread, with the files of its tray. */
export interface Later extends Links {
  room: number;
  text: string;
}

export async function schedule(session: Session, later: Later, at: Date): Promise<void> {
  const tray = trayOf(later.room, later.thread ?? null);
  const files = await describedFiles(tray);
  const scheduled = await session.call("chat.schedule", { ...later, files, send_at: at.toISOString(), client_id: newId() });
  handOver(tray);
  changeLive((live) => withScheduled(live, scheduled));
  showToast({ id: `scheduled-${scheduled.id}`, title: t("Your message will be sent"), text: fullMoment(at), level: "success", link: "/#/scheduled" });
}

export async function reschedule(session: Session, { id }: Scheduled, text: string, at: Date, keepsQuote: boolean): Promise<void> {
  const scheduled = await session.call("chat.schedule_change", {
    scheduled: id,
    text,
    send_at: at.toISOString(),
    keeps_quote: keepsQuote,
    client_id: newId(),
  });
  changeLive((live) => withScheduled(live, scheduled));
}

export async function cancelScheduled(session: Session, { id }: Scheduled): Promise<void> {
  await session.call("chat.schedule_cancel", { scheduled: id, client_id: newId() });
  changeLive((live) => withoutScheduled(live, id));
}

// ---- polls

export async function createPoll(session: Session, poll: Omit<SentPoll, "client_id">): Promise<void> {
  await session.call("chat.poll_create", { ...poll, client_id: newId() });
}

export async function vote(session: Session, message: Message, options: number[]): Promise<void> {
  const { poll } = await session.call("chat.poll_vote", { message: message.id, options, client_id: newId() });
  change(message, { kind: "voted", number: message.number, me: me(), options: poll.mine ?? [] }); // the numbers come as an event
}

export async function closePoll(session: Session, message: Message): Promise<void> {
  await session.call("chat.poll_close", { message: message.id, client_id: newId() });
}

export async function votersOf(message: Message, option: number): Promise<{ votes: number; people: Person[] }> {
  return api("GET", `/messages/${message.id}/votes?option=${option}`);
}

// ---- acknowledgements

export async function askForAcks(session: Session, room: number, text: string): Promise<void> {
  await session.call("chat.ack_ask", { room, text, client_id: newId() });
}

export async function acknowledge(session: Session, message: Message): Promise<void> {
  await session.call("chat.ack_give", { message: message.id, client_id: newId() });
}

export async function acksOf(message: Message): Promise<AckList> {
  return api("GET", `/messages/${message.id}/acks`);
}
