/**
 * Threads: what is unread in them, and the one that is open beside its room. How they change by events (pure, called by
 * `apply.ts`), and what the page asks of the server about them.
 */
import { api } from "./api.ts";
import { newId } from "./ids.ts";
import { isMark } from "./marks.ts";
import { amended, appended, merged, onlyInThread } from "./messages.ts";
import type { Amendment, FollowedThread, LiveState, Message, OpenThread, ThreadMarks, ThreadPage } from "./model.ts";
import type { Session } from "./session.ts";
import { changeLive, store } from "./store.ts";

const PAGE_SIZE = 50;
/** Of threads that are not followed this many are kept in mind, for the moment in which one is. */
const KEPT_UNFOLLOWED = 200;
const READ_AFTER_MS = 300;

// ---- marks

export function threadsFrom(followed: readonly FollowedThread[]): Record<number, ThreadMarks> {
  return Object.fromEntries(followed.map((one) => [one.root, { ...marksOf(one), following: true }]));
}

function marksOf({ root, room, read_number: readNumber, unread, mentioned }: FollowedThread): Omit<ThreadMarks, "following"> {
  return { root, room, readNumber, unread, mentioned };
}

/** A new reply, or one that came back. `meansMe`: it mentions the reader. */
export function withReply(state: LiveState, message: Message, meansMe: boolean): LiveState {
  const root = message.root ?? null;
  if (root === null || state.rooms[message.room] === undefined) return state;
  const mine = message.author.id === state.me.id;
  const after = withMarks(state, root, message.room, (marks) => {
    if (mine) return readUpTo(marks, message.number);
    const unread = withNumber(marks.unread, message.number, marks.readNumber);
    const counts = meansMe && onlyInThread(message) !== null;
    return { ...marks, unread, mentioned: counts ? withNumber(marks.mentioned, message.number, marks.readNumber) : marks.mentioned };
  });
  return inOpenThread(after, root, (open) => {
    const first = open.messages[0];
    const isElsewhere = open.hasNewer || (first !== undefined && message.number < first.number && open.hasOlder);
    return isElsewhere ? open : { ...open, messages: appended(open.messages, message) };
  });
}

/** An amendment of any message of the room, as it shows in threads. `meansMe`: the message mentions the reader now. */
export function withAmendmentInThreads(state: LiveState, roomId: number, amendment: Amendment, meansMe: "yes" | "no" | "perhaps"): LiveState {
  const open = state.openThread;
  const after =
    open === null || open.roomId !== roomId
      ? state
      : {
          ...state,
          openThread: {
            ...open,
            root: open.root === null ? null : amended(open.root, amendment),
            messages: open.messages.map((message) => amended(message, amendment)),
            amendments: open.history === "loading" ? [...open.amendments, amendment] : [],
          },
        };
  if (isMark(amendment)) return after;
  switch (amendment.kind) {
    case "thread":
    case "attached":
      return after;
    case "deleted":
      return withoutNumber(after, roomId, amendment.number);
    case "restored":
      return withReply(after, amendment.message, meansMe === "yes");
    case "edited":
      if (amendment.onlyInThread === null || meansMe === "perhaps") return after;
      return withMarks(after, amendment.onlyInThread, roomId, (marks) => {
        const without = marks.mentioned.filter((one) => one !== amendment.number);
        return { ...marks, mentioned: meansMe === "yes" ? withNumber(without, amendment.number, marks.readNumber) : without };
      });
  }
}

/** The reader was online when a reply said @here. */
export function withMentionInThread(state: LiveState, root: number, roomId: number, number: number): LiveState {
  return withMarks(state, root, roomId, (marks) => ({ ...marks, mentioned: withNumber(marks.mentioned, number, marks.readNumber) }));
}

export function withFollowed(state: LiveState, followed: FollowedThread): LiveState {
  return withMarks(state, followed.root, followed.room, (marks) => {
    const unread = [...marks.unread, ...followed.unread].reduce<readonly number[]>((all, one) => withNumber(all, one, 0), []);
    const mentioned = [...marks.mentioned, ...followed.mentioned].reduce<readonly number[]>((all, one) => withNumber(all, one, 0), []);
    return readUpTo({ ...marks, unread, mentioned, following: true }, Math.max(marks.readNumber, followed.read_number));
  });
}

export function withUnfollowed(state: LiveState, root: number): LiveState {
  const marks = state.threads[root];
  return marks === undefined ? state : { ...state, threads: { ...state.threads, [root]: { ...marks, following: false } } };
}

export function withThreadRead(state: LiveState, root: number, roomId: number, number: number): LiveState {
  return withMarks(state, root, roomId, (marks) => readUpTo(marks, number));
}

export function withoutThreadsOf(state: LiveState, roomId: number): LiveState {
  const kept = Object.values(state.threads).filter(({ room }) => room !== roomId);
  const openThread = state.openThread?.roomId === roomId ? null : state.openThread;
  return { ...state, openThread, threads: Object.fromEntries(kept.map((marks) => [marks.root, marks])) };
}

/** How many replies are unread in the threads that one follows, and whether one of them mentions the reader. */
export function unreadInThreads({ threads }: LiveState): { unread: number; mentioned: number } {
  const followed = Object.values(threads).filter(({ following }) => following);
  return {
    unread: followed.reduce((sum, { unread }) => sum + unread.length, 0),
    mentioned: followed.reduce((sum, { mentioned }) => sum + mentioned.length, 0),
  };
}

function withMarks(state: LiveState, root: number, room: number, change: (marks: ThreadMarks) => ThreadMarks): LiveState {
  const known = state.threads[root];
  if (known !== undefined) return { ...state, threads: { ...state.threads, [root]: change(known) } };
  const fresh = change({ root, room, following: false, readNumber: 0, unread: [], mentioned: [] });
  return { ...state, threads: { ...withRoomForOne(state.threads), [root]: fresh } };
}

function withRoomForOne(threads: LiveState["threads"]): LiveState["threads"] {
  const unfollowed = Object.values(threads).filter(({ following }) => !following);
  const [oldest] = unfollowed;
  if (oldest === undefined || unfollowed.length < KEPT_UNFOLLOWED) return threads;
  const { [oldest.root]: _forgotten, ...kept } = threads;
  return kept;
}

function withoutNumber(state: LiveState, roomId: number, number: number): LiveState {
  const found = Object.values(state.threads).find(({ room, unread }) => room === roomId && unread.includes(number));
  if (found === undefined) return state;
  const without = (numbers: readonly number[]) => numbers.filter((one) => one !== number);
  return withMarks(state, found.root, roomId, (marks) => ({ ...marks, unread: without(marks.unread), mentioned: without(marks.mentioned) }));
}

function withNumber(numbers: readonly number[], number: number, readNumber: number): readonly number[] {
  return number <= readNumber || numbers.includes(number) ? numbers : [...numbers, number].sort((a, b) => a - b);
}

function readUpTo(marks: ThreadMarks, number: number): ThreadMarks {
  const readNumber = Math.max(marks.readNumber, number);
  const later = (numbers: readonly number[]) => numbers.filter((one) => one > readNumber);
  return { ...marks, readNumber, unread: later(marks.unread), mentioned: later(marks.mentioned) };
}

// ---- the open thread

export function withThreadOpening(state: LiveState, roomId: number, rootId: number): LiveState {
  const known = state.openThread;
  if (known !== null && known.rootId === rootId) return { ...state, openThread: { ...known, history: "loading" } };
  const root = state.rooms[roomId]?.messages.find(({ id }) => id === rootId) ?? null;
  return { ...state, openThread: { rootId, roomId, root, messages: [], hasOlder: false, hasNewer: false, history: "loading", amendments: [] } };
}

/** The first page: what came meanwhile as events is kept, where the page reaches up to that. */
export function withThreadPage(state: LiveState, page: ThreadPage): LiveState {
  const after = inOpenThread(state, page.root.id, (open) => {
    const items = page.items.map((message) => open.amendments.reduce(amended, message));
    const messages = page.has_newer ? items : merged(items, open.messages.filter(({ number }) => number > (items.at(-1)?.number ?? 0)));
    const root = open.amendments.reduce(amended, open.root === null ? page.root : amended(page.root, threadOf(open.root)));
    return { ...open, root, messages, hasOlder: page.has_more, hasNewer: page.has_newer, history: "ready", amendments: [] };
  });
  const stored = withoutStored(after, page);
  return withMarks(stored, page.root.id, page.root.room, (marks) => readUpTo({ ...marks, following: page.following }, page.read_number));
}

/** Of what was on its way, what the page brings. */
function withoutStored(state: LiveState, { root, items }: ThreadPage): LiveState {
  const room = state.rooms[root.room];
  if (room === undefined) return state;
  const pending = room.pending.filter(({ clientId }) => !items.some(({ client_id }) => client_id === clientId));
  return pending.length === room.pending.length ? state : { ...state, rooms: { ...state.rooms, [root.room]: { ...room, pending } } };
}

/** Replies before those that are there, or after them. */
export function withMoreReplies(state: LiveState, page: ThreadPage, side: "older" | "newer"): LiveState {
  return inOpenThread(state, page.root.id, (open) => ({
    ...open,
    messages: merged(page.items, open.messages),
    hasOlder: side === "older" ? page.has_more : open.hasOlder,
    hasNewer: side === "newer" ? page.has_newer : open.hasNewer,
  }));
}

export function withThreadFailed(state: LiveState, rootId: number): LiveState {
  return inOpenThread(state, rootId, (open) => ({ ...open, history: open.messages.length > 0 ? "ready" : "failed" }));
}

export function withThreadClosed(state: LiveState): LiveState {
  return { ...state, openThread: null };
}

function inOpenThread(state: LiveState, rootId: number, change: (open: OpenThread) => OpenThread): LiveState {
  const open = state.openThread;
  return open === null || open.rootId !== rootId ? state : { ...state, openThread: change(open) };
}

/** What the page knows of the thread already, which may be newer than what is just fetched. */
function threadOf({ number, thread }: Message): Amendment {
  return { kind: "thread", number, thread: thread ?? { replies: 0, last_at: null, participants: [], version: -1 } };
}

// ---- what is asked of the server

/** `number`: of the reply that is looked for, or null for the newest. */
export async function loadThread(roomId: number, rootId: number, number: number | null): Promise<void> {
  changeLive((live) => withThreadOpening(live, roomId, rootId));
  try {
    const page = await pageOf(rootId, number === null ? "" : `&around=${number}`);
    changeLive((live) => withThreadPage(live, page));
  } catch {
    changeLive((live) => withThreadFailed(live, rootId));
  }
}

export async function loadMoreReplies(side: "older" | "newer"): Promise<void> {
  const open = store.getState().live?.openThread ?? null;
  const edge = side === "older" ? open?.messages[0] : open?.messages.at(-1);
  if (open === null || edge === undefined) return;
  const page = await pageOf(open.rootId, side === "older" ? `&before=${edge.number}` : `&after=${edge.number}`);
  changeLive((live) => withMoreReplies(live, page, side));
}

function pageOf(rootId: number, place: string): Promise<ThreadPage> {
  return api<ThreadPage>("GET", `/threads/${rootId}?limit=${PAGE_SIZE}${place}`);
}

export interface ListedThread {
  thread: FollowedThread;
  root: Message;
}

export function threadList(offset: number): Promise<{ items: ListedThread[]; has_more: boolean }> {
  return api("GET", `/threads?offset=${offset}&limit=20`);
}

/** Shown at once, and kept until the server has it. */
export function followThread(session: Session, rootId: number, roomId: number, following: boolean): void {
  changeLive((live) => withMarks(live, rootId, roomId, (marks) => ({ ...marks, following })));
  session.write(following ? "chat.thread_follow" : "chat.thread_unfollow", { thread: rootId });
}

const reads = new Map<number, number>();
let readTimer: ReturnType<typeof setTimeout> | null = null;

/** The user has seen the thread up to this reply: told to the server soon. */
export function markThreadRead(session: Session, rootId: number, roomId: number, number: number): void {
  changeLive((live) => withThreadRead(live, rootId, roomId, number));
  reads.set(rootId, number);
  readTimer ??= setTimeout(() => {
    readTimer = null;
    for (const [thread, upTo] of reads) session.write("chat.thread_read", { thread, number: upTo });
    reads.clear();
  }, READ_AFTER_MS);
}

export async function forwardMessage(session: Session, message: Message, room: number): Promise<void> {
  await session.call("chat.message_forward", { message: message.id, room, client_id: newId() });
}
