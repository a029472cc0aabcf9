/**
 * Which room is open is in the address (`#/room/42`), which message is looked for (`#/room/42/310`, its number in the
 * room), and which thread is beside it (`#/room/42/thread/981`, the id of its root; `…/310`, a reply in it). Or that one's
 * threads (`#/threads`) are shown in its place, or a list (`#/jobs`, `#/saved`, `#/scheduled`) or the moderators' queue
 * (`#/moderation/7`) on top of it. So back, reload and links from notifications work. A link into a room (`#/join/…`) has
 * its token there too, because what is behind the "#" reaches no server and no log.
 */
import type { Message } from "./model.ts";
import { remembered } from "./remembered.ts";
import { type List, store } from "./store.ts";

const LAST_ROOM = "carillon.room";
const LISTS: readonly List[] = ["saved", "scheduled"];

export function goToRoom(roomId: number | null): void {
  const hash = roomId === null ? "#/" : `#/room/${roomId}`;
  if (location.hash !== hash) location.hash = hash;
}

/** Whether a link leads to a message that is before one's eyes: in this room, or in the thread beside it. */
export function leadsToRoom(link: string, roomId: number | null): boolean {
  const [, thread] = new RegExp(`^/#/room/${roomId}(?:/thread/(\\d+))?(?:/|$)`).exec(link) ?? [null, null];
  return thread === undefined || (thread !== null && Number(thread) === store.getState().threadId);
}

/** In its context, wherever that is: also when the address named it before. */
export function goToMessage(roomId: number, number: number): void {
  const hash = `#/room/${roomId}/${number}`;
  if (location.hash === hash) read();
  else location.hash = hash;
}

/** The address of a message, to give to others. */
export function linkTo(roomId: number, number: number): string {
  return `${location.origin}/#/room/${roomId}/${number}`;
}

/** The address of a message within the page: a reply that only its thread shows is there. */
export function placeOf({ room, root, also_in_room: isInRoom, number }: Message): string {
  return root == null || isInRoom === true ? `#/room/${room}/${number}` : `#/room/${room}/thread/${root}/${number}`;
}

/** Beside its room. `replaces`: going back leads to where one was before this address. */
export function goToThread(roomId: number, rootId: number, number: number | null = null, { replaces = false } = {}): void {
  const hash = `#/room/${roomId}/thread/${rootId}${number === null ? "" : `/${number}`}`;
  if (replaces || location.hash === hash) {
    history.replaceState(null, "", hash);
    read();
  } else location.hash = hash;
}

/** On top of the room, which stays where it is. */
export function openJobs(): void {
  location.hash = "#/jobs";
}

export function openList(list: List): void {
  location.hash = `#/${list}`;
}

export function backToRoom(): void {
  goToRoom(store.getState().roomId);
}

/** On top of the room too. */
export function openModeration(): void {
  location.hash = "#/moderation";
}

export function followAddress(): void {
  window.addEventListener("hashchange", read);
  read();
}

/** Where the list and a room fit beside each other, a page without a room opens the one of last time. */
export function returnToLastRoom(isThere: (roomId: number) => boolean): void {
  const last = Number(remembered.get(LAST_ROOM));
  if (store.getState().invitation !== null || store.getState().showsThreads) return;
  if (store.getState().roomId !== null || !isThere(last) || !window.matchMedia("(min-width: 768px)").matches) return;
  const { showsJobs, list, moderation } = store.getState();
  if (showsJobs || list !== null || moderation !== null) return store.setState({ roomId: last });
  history.replaceState(null, "", `#/room/${last}`);
  read();
}

/** Back to where one was before the link, without it in the history. */
export function forgetInvitation(): void {
  const { roomId } = store.getState();
  history.replaceState(null, "", roomId === null ? "#/" : `#/room/${roomId}`);
  read();
}

function read(): void {
  const [, token] = /^#\/join\/([\w-]{1,64})$/.exec(location.hash) ?? [];
  store.setState({ invitation: token ?? null });
  if (token !== undefined) return;
  const showsJobs = location.hash === "#/jobs";
  const list = LISTS.find((name) => location.hash === `#/${name}`) ?? null;
  const queue = /^#\/moderation(?:\/(\d+))?$/.exec(location.hash);
  const moderation = queue === null ? null : { report: queue[1] === undefined ? null : Number(queue[1]) };
  store.setState({ showsJobs, list, moderation });
  if (showsJobs || list !== null || moderation !== null) return;
  const showsThreads = location.hash === "#/threads";
  const [, roomId, thread, number] = /^#\/room\/(\d+)(?:\/thread\/(\d+))?(?:\/(\d+))?$/.exec(location.hash) ?? [];
  if (roomId !== undefined) setTimeout(() => remembered.set(LAST_ROOM, roomId)); // it may wait for the disk: after the room is shown
  const sought = number === undefined ? null : { number: Number(number) };
  store.setState({
    roomId: roomId === undefined ? null : Number(roomId),
    target: thread === undefined ? sought : null,
    threadId: thread === undefined ? null : Number(thread),
    threadTarget: thread === undefined ? null : sought,
    showsThreads,
  });
}

/** A browser that keeps nothing only forgets the room. */
