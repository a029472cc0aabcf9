/**
 * One logged-in user's time with the page: snapshot, connection, and everything the page asks of the server.
 * Views call it; it changes the store; it knows no view.
 */
import {
  browserChannel,
  browserClock,
  browserEventStream,
  browserLock,
  browserNetwork,
  browserPost,
  browserProbe,
  browserSocket,
  CallError,
  CarillonClient,
  type CommandMap,
  type CommandName,
  type ConnectionState,
  type Cursor,
  type CursorMap,
  type OutboxChange,
  type SocketFactory,
  sseSocket,
  type StreamEvent,
  Tabs,
  withFallback,
  type WriteArgs,
  type WriteName,
} from "@carillon/sdk";
import {
  apply,
  fromSnapshot,
  withCachedMessages,
  withHistory,
  withHistoryFailed,
  withHistoryLoading,
  withInboxMark,
  withInboxPage,
  withInboxReadUpTo,
  withMembers,
  withNewer,
  withNobodyOnline,
  withOlder,
  withOlderInbox,
  withoutInboxItems,
  withOnline,
  withoutPending,
  withoutRoom,
  withPending,
  withPreferences,
  withRead,
  withRoom,
  withRoomLeft,
  withStored,
  withinWindow,
  withWindow,
} from "./apply.ts";
import { api } from "./api.ts";
import { onlyInThread } from "./messages.ts";
import { told } from "./attention.ts";
import type { Cache, Kept } from "./cache.ts";
import { DraftKeeper, withDraft } from "./drafts.ts";
import { discardWaiting, dropFiles, retryWaiting, sayFiles } from "./files.ts";
import { newId } from "./ids.ts";
import { type Job, withJob, withJobs, withoutJob } from "./jobs.ts";
import { Keeper } from "./keeper.ts";
import { levelOf } from "./model.ts";
import type {
  Box,
  DeliveryLine,
  Follow,
  Frequency,
  HistoryPage,
  InboxItem,
  InboxMark,
  InboxPage,
  LiveState,
  Me,
  Member,
  MentionAll,
  Message,
  Person,
  Preferences,
  PreferencesPage,
  Room,
  Snapshot,
  Version,
} from "./model.ts";
import { loadStatuses, watchIdleness } from "./presence.ts";
import { type Reminder, withoutReminder, withReminder, withReminders } from "./reminders.ts";
import { tellMuted, tellRemoved } from "./sanctions.ts";
import { goToRoom, leadsToRoom, returnToLastRoom } from "./place.ts";
import { asSentence } from "../text/errors.ts";
import { plainText } from "../text/rich.ts";
import { announce, changeLive, hideToast, showToast, store } from "./store.ts";
import { t } from "../text/t.ts";
import { fullMoment } from "../text/times.ts";
import { wordsOf } from "../text/words.ts";
import { isWanted, mayDisturb } from "./wanted.ts";

const PAGE_SIZE = 50;
const TYPING_EVERY_MS = 3_000;
const READ_AFTER_MS = 300;
const PRESENCE_TRUSTED_MS = 3_000;
const REPORT_SEEN_AFTER_MS = 500;
/** Older notifications are in the inbox; a toast for each would bury the page after a night away. */
const TOAST_WHILE_FRESH_MS = 60_000;
/** Direct conversations whose dots are shown in the room list. */
const WATCHED_DIRECT_ROOMS = 20;
/** Reasons for being sent away that the person should read where they log in. */
const SAYS_WHY = new Set(["banned", "account_disabled"]);

export interface RoomChange {
  name?: string;
  topic?: string;
  description?: string;
  kind?: "public" | "private";
  mention_all?: MentionAll;
}

/** What a message quotes, and the thread that it replies in. */
export interface Links {
  quote?: number;
  thread?: number;
  also_in_room?: boolean;
}

export class Session {
  /** Nothing comes of it any more. */
  ended = false;
  readonly #me: Me;
  readonly #cache: Cache;
  readonly #tabs: Tabs | null;
  readonly #keeper: Keeper;
  readonly #client: CarillonClient;
  /** What the person is writing; see `views/useDraft.ts`. */
  readonly drafts = new DraftKeeper(
    ({ room, thread }, { text, files }) => this.call("chat.draft_save", { room, thread, text, files: [...files], client_id: newId() }),
    (draft) => changeLive((live) => withDraft(live, draft)),
  );
  #lastTypingAtMs = 0;
  #watchedRoom: number | null = null;
  readonly #reads = new Map<number, number>();
  /** The room on the screen, when the person has marked something in it unread: it stays so until they leave it. */
  #keptUnread: number | null = null;
  readonly #loading = new Set<number>();
  #readTimer: ReturnType<typeof setTimeout> | null = null;
  #presenceTimer: ReturnType<typeof setTimeout> | null = null;
  #seenTimer: ReturnType<typeof setTimeout> | null = null;
  #stopWatchingIdleness: () => void = () => undefined;
  /** Settled when they are known, or cannot be. */
  #preferences: Promise<void> = Promise.resolve();

  /** A page that is hidden may never be seen again. */
  readonly #onVisibility = () => {
    if (document.visibilityState === "hidden") this.drafts.resume();
  };

  constructor(me: Me, cache: Cache) {
    this.#me = me;
    this.#cache = cache;
    const socket = withFallback(
      browserSocket(socketUrl()),
      sseSocket(browserEventStream("/sse"), browserPost("/sse")),
      browserProbe("/healthz"),
    );
    this.#tabs = tabsOf(me, socket);
    const leads = () => this.#tabs?.leads ?? true;
    this.#client = new CarillonClient({
      socket: this.#tabs?.socket ?? socket,
      pages: this.#tabs === null ? null : browserChannel(`carillon.outbox.${me.id}`),
      sendsWrites: leads,
      clock: browserClock,
      random: Math.random,
      network: browserNetwork,
      storage: cache.storage(),
      scope: String(me.id),
      newId,
      onEvent: (event) => this.#onEvent(event),
      onSnapshotRequired: () => this.#fetchSnapshot(),
      onState: (state) => this.#onState(state),
      onOutbox: (change) => this.#onOutbox(change),
      onPresence: (stream, attendance) => changeLive((live) => withOnline(live, roomIdOf(stream), attendance)),
      onRevoked: (stream) => {
        if (stream.startsWith("room:")) changeLive((live) => withoutRoom(live, roomIdOf(stream)));
      },
      onHandlerError: (reason) => console.error("carillon:", reason),
    });
    this.#keeper = new Keeper(cache, () => this.#client.cursors(), leads);
  }

  /** With what the server says now. */
  async start(): Promise<void> {
    this.#client.start(await this.#fetchSnapshot());
    document.addEventListener("visibilitychange", this.#onVisibility);
    this.#ready();
  }

  /** What was kept of the last time, before the server has said anything. */
  show({ live }: Kept): void {
    store.setState({ live });
    this.#showPending();
    this.#ready();
  }

  /** Without the server: on from the last time's cursors, once it is there again. */
  resume({ cursors }: Kept): void {
    this.#client.start(cursors);
  }

  #ready(): void {
    returnToLastRoom((roomId) => store.getState().live?.rooms[roomId] !== undefined);
    store.setState({ phase: { kind: "ready" } });
    this.#watchDirectRooms();
    void loadStatuses(null).catch(() => undefined); // without them, names stand alone
    this.#stopWatchingIdleness();
    this.#stopWatchingIdleness = watchIdleness((idle) => this.#client.setIdle(idle));
  }

  stop(): void {
    this.ended = true;
    this.#keeper.stop();
    this.#stopWatchingIdleness();
    if (this.#seenTimer !== null) clearTimeout(this.#seenTimer);
    this.#client.stop();
    this.drafts.stop();
    document.removeEventListener("visibilitychange", this.#onVisibility);
    this.#tabs?.close();
    dropFiles();
    if (this.#readTimer !== null) clearTimeout(this.#readTimer);
    if (this.#presenceTimer !== null) clearTimeout(this.#presenceTimer);
  }

  get userId(): number {
    return this.#me.id;
  }

  /** The session ended without a log-out: only what was written and not sent stays. */
  async forgetState(): Promise<void> {
    this.stop();
    await this.#cache.forgetAllButOutbox();
  }

  /** Writes that wait for the server. */
  get waiting(): number {
    return this.#client.pendingWrites().length;
  }

  /** The person logs out: nothing of theirs stays in this browser. */
  async forget(): Promise<void> {
    this.stop();
    await this.#cache.forget();
  }

  retryNow(): void {
    this.#client.retryNow();
  }

  // ---- for the files of single features

  newId(): string {
    return newId();
  }

  /** Asks the server for something; fails while there is no connection. */
  call<N extends CommandName>(name: N, args: CommandMap[N]["args"]): Promise<CommandMap[N]["result"]> {
    return this.#client.call(name, args);
  }

  /** Keeps what was written until the server has it, across reloads and lost connections. */
  write<N extends WriteName>(name: N, args: WriteArgs<N>): string {
    return this.#client.write(name, args);
  }

  /** One more stream, whose events `apply` knows; until it is let go, or the next snapshot. */
  follow(stream: string, cursor: Cursor): void {
    this.#client.subscribe(stream, cursor);
  }

  unfollow(stream: string): void {
    this.#client.unsubscribe(stream);
  }

  // ---- messages

  sendMessage(room: number, text: string, links: Links = {}): void {
    this.#client.write("chat.message_send", { room, text, ...links });
    this.#lastTypingAtMs = 0;
  }

  retryMessage(clientId: string): void {
    if (!retryWaiting(clientId)) this.#client.retryWrite(clientId);
  }

  discardMessage(clientId: string): void {
    if (!discardWaiting(clientId)) this.#client.discardWrite(clientId);
  }

  async editMessage(message: Message, text: string): Promise<void> {
    await this.#client.call("chat.message_edit", { message: message.id, text, client_id: newId() });
  }

  /** Gone at once, for everybody; the toast offers to undo it for as long as it is there. */
  async deleteMessage(message: Message): Promise<void> {
    await this.#client.call("chat.message_delete", { message: message.id, client_id: newId() });
    const undo = () => void this.#restoreMessage(message).catch((reason: unknown) => this.#say(t("The message could not be brought back"), reason));
    showToast({ id: `deleted-${message.id}`, title: t("Message deleted"), text: "", level: "info", link: "", action: { label: t("Undo"), run: undo } });
  }

  async #restoreMessage(message: Message): Promise<void> {
    await this.#client.call("chat.message_restore", { message: message.id, client_id: newId() });
  }

  #say(title: string, reason: unknown): void {
    showToast({ id: newId(), title, text: asSentence(reason), level: "warning", link: "" });
  }

  /** What the message said before its edits, oldest first. */
  messageHistory(message: Message): Promise<Version[]> {
    return api("GET", `/messages/${message.id}/history`);
  }

  typing(room: number): void {
    const now = Date.now();
    if (now - this.#lastTypingAtMs < TYPING_EVERY_MS || !this.#connected()) return;
    this.#lastTypingAtMs = now;
    this.#client.call("chat.typing", { room }).catch(() => undefined); // lost, as typing may be
  }

  /** The newest page, and until it is there what the last visit left. */
  async loadHistory(room: number): Promise<void> {
    if (this.#loading.has(room)) return;
    this.#loading.add(room);
    changeLive((live) => withHistoryLoading(live, room));
    try {
      const page = this.#page(room);
      const cached = this.#cache.messages(room).then((messages) => changeLive((live) => withCachedMessages(live, room, messages)));
      const [loaded] = await Promise.allSettled([page, cached]);
      if (loaded.status === "rejected") throw loaded.reason;
      changeLive((live) => withHistory(live, room, loaded.value));
    } catch {
      changeLive((live) => withHistoryFailed(live, room));
    } finally {
      this.#loading.delete(room);
    }
  }

  /** Before a person opens the room: then it is there already. */
  prepareRoom(room: number): void {
    if (store.getState().live?.rooms[room]?.history === "none" && this.#connected()) void this.loadHistory(room);
  }

  async loadOlder(room: number): Promise<void> {
    const oldest = store.getState().live?.rooms[room]?.messages[0];
    if (oldest === undefined) return;
    const page = await this.#page(room, `&before=${oldest.number}`);
    changeLive((live) => withOlder(live, room, page));
    this.#trimLater(room, "end");
  }

  /** The page after a window that does not reach to the end. */
  async loadNewer(room: number): Promise<void> {
    const loadedTo = store.getState().live?.rooms[room]?.loadedTo ?? null;
    if (loadedTo === null) return;
    const page = await this.#page(room, `&after=${loadedTo}`);
    const upTo = page.items.at(-1)?.number ?? Number.MAX_SAFE_INTEGER;
    changeLive((live) => (live.rooms[room]?.loadedTo === loadedTo ? withNewer(live, room, page, upTo) : live));
    this.#trimLater(room, "start");
  }

  /** After what came is on the screen: a list can keep its place while it grows at one end, or shrinks, not both at once. */
  #trimLater(room: number, end: "start" | "end"): void {
    requestAnimationFrame(() => changeLive((live) => withinWindow(live, room, end)));
  }

  /**
   * The messages around one of them, in place of what is shown; around the root of its thread, where that alone shows
   * it. Returns such a reply.
   */
  async openAt(room: number, number: number): Promise<Message | null> {
    const page = await this.#page(room, `&around=${number}`);
    changeLive((live) => withWindow(live, room, page, page.items.at(-1)?.number ?? 0));
    return page.reply ?? null;
  }

  /** The messages from this number on, in place of what is shown. */
  async openFrom(room: number, number: number): Promise<void> {
    const page = await this.#page(room, `&after=${Math.max(number - 1, 0)}`); // 0 is what somebody has read who never was there
    changeLive((live) => withWindow(live, room, page, page.items.at(-1)?.number ?? 0));
  }

  #page(room: number, place = ""): Promise<HistoryPage> {
    return api("GET", `/rooms/${room}/messages?limit=${PAGE_SIZE}${place}`);
  }

  /** The user has seen the room up to this message: told to the server soon, and again until it knows. */
  markRead(room: number, number: number): void {
    const known = store.getState().live?.rooms[room]?.room.read_number ?? 0;
    if (number <= known || room === this.#keptUnread) return;
    changeLive((live) => withRead(live, room, number));
    this.#reads.set(room, number);
    this.#readTimer ??= setTimeout(() => this.#sendReads(), READ_AFTER_MS);
  }

  /** Nothing in the room on the screen is marked as read, until the person leaves it. */
  keepUnread(room: number): void {
    this.#reads.delete(room); // sent without knowing of this
    if (room === this.#watchedRoom) this.#keptUnread = room;
  }

  // ---- rooms and people

  /** The room on the screen: its people and who of them is online. */
  watchRoom(room: number | null): void {
    if (this.#watchedRoom !== null && !this.#isDirect(this.#watchedRoom)) {
      this.#client.unwatchPresence(`room:${this.#watchedRoom}`);
    }
    const left = this.#watchedRoom;
    if (left !== null) changeLive((live) => withRoomLeft(live, left));
    this.#watchedRoom = room;
    this.#keptUnread = null;
    if (room !== null) this.#client.watchPresence(`room:${room}`);
  }

  async loadMembers(room: number): Promise<void> {
    const members = await api<Member[]>("GET", `/rooms/${room}/members`);
    changeLive((live) => withMembers(live, room, members));
  }

  /** A few members whose user name begins with the text, or whose name has it. */
  findMembers(room: number, text: string): Promise<Member[]> {
    return api("GET", `/rooms/${room}/members?q=${encodeURIComponent(text)}`);
  }

  async createRoom(room: { kind: "public" | "private"; name: string; topic: string }): Promise<void> {
    this.enter(await this.#client.call("chat.room_create", { ...room, client_id: newId() }));
  }

  async changeRoom(room: number, change: RoomChange): Promise<void> {
    await this.#client.call("chat.room_change", { room, ...change, client_id: newId() });
  }

  async openDirect(users: readonly number[]): Promise<void> {
    this.enter(await this.#client.call("chat.direct_open", { users: [...users], client_id: newId() }));
  }

  async joinRoom(room: number): Promise<void> {
    this.enter(await this.#client.call("chat.room_join", { room, client_id: newId() }));
  }

  async leaveRoom(room: number): Promise<void> {
    await this.#client.call("chat.room_leave", { room, client_id: newId() });
  }

  async invite(room: number, user: number): Promise<void> {
    await this.#client.call("chat.room_invite", { room, user, client_id: newId() });
  }

  findPeople(text: string): Promise<Person[]> {
    return api("GET", `/users?q=${encodeURIComponent(text)}`);
  }

  findRooms(text: string): Promise<{ id: number; name: string; topic: string; member_count: number; joined: boolean }[]> {
    return api("GET", `/rooms/public?q=${encodeURIComponent(text)}`);
  }

  // ---- inbox

  /** Shown at once, and kept until the server has it. */
  markInboxItems(items: readonly InboxItem[], mark: InboxMark): void {
    const ids = items.map(({ id }) => id);
    if (ids.length === 0) return;
    changeLive((live) => withInboxMark(live, ids, mark));
    this.#client.write("notifications.mark", { items: ids, mark });
  }

  snoozeInboxItem(item: InboxItem, until: Date): void {
    changeLive((live) => withoutInboxItems(live, [item.id]));
    this.#client.write("notifications.snooze", { items: [item.id], until: until.toISOString() });
  }

  readWholeInbox(): void {
    const newest = store.getState().live?.inbox.items[0];
    if (newest === undefined) return;
    changeLive((live) => withInboxReadUpTo(live, newest.created_at));
    this.#client.write("notifications.read_all", {});
  }

  /** The snapshot's page has no cursor, so the first step asks for that page again and goes on from its end. */
  async loadOlderInbox(): Promise<void> {
    const next = store.getState().live?.inbox.next ?? (await this.#inboxPage(null)).next;
    if (next !== null) await this.#inboxPage(next);
  }

  /** The newest page of what was put away. */
  async putAway(box: Box): Promise<InboxItem[]> {
    return (await api<InboxPage>("GET", `/inbox?box=${box}&limit=50`)).items;
  }

  /** Why the person did, or did not, get what this line says, on each channel. */
  async why(item: InboxItem): Promise<DeliveryLine[]> {
    return (await api<{ items: DeliveryLine[] }>("GET", `/deliveries?item=${item.id}&limit=50`)).items;
  }

  async #inboxPage(before: string | null): Promise<InboxPage> {
    const page = await api<InboxPage>("GET", before === null ? "/inbox" : `/inbox?before=${encodeURIComponent(before)}`);
    changeLive((live) => withOlderInbox(live, page));
    return page;
  }

  // ---- preferences

  async loadPreferences(): Promise<PreferencesPage> {
    const page = await api<PreferencesPage>("GET", "/preferences");
    changeLive((live) => withPreferences(live, page.preferences));
    store.setState({ usualZone: page.default_time_zone });
    return page;
  }

  async choosePreference(category: string, channel: string, frequency: Frequency): Promise<void> {
    this.#show(await this.#client.call("notifications.preference_choose", { category, channel, frequency, client_id: newId() }));
  }

  async setHours(hours: Pick<Preferences, "time_zone" | "language" | "quiet_hours" | "working_days">): Promise<void> {
    this.#show(await this.#client.call("notifications.preference_hours", { ...hours, client_id: newId() }));
  }

  async mute(until: Date | null): Promise<void> {
    this.#show(await this.#client.call("notifications.preference_mute", { until: until?.toISOString() ?? null, client_id: newId() }));
  }

  async followRoom(room: number, follow: Follow, mutedUntil: string | null): Promise<void> {
    const rule = { scope: `room:${room}`, follow, muted_until: mutedUntil };
    this.#show(await this.#client.call("notifications.preference_scope", { ...rule, client_id: newId() }));
  }

  #show(preferences: Preferences): void {
    const before = store.getState().live?.preferences ?? null;
    changeLive((live) => withPreferences(live, preferences));
    this.#choicesChanged(before, preferences);
  }

  // ---- reminders

  async loadReminders(): Promise<void> {
    const reminders = await api<Reminder[]>("GET", "/reminders");
    changeLive((live) => withReminders(live, reminders));
  }

  /** `about` is `message:12`, or `notification:` and the id of a line of the inbox. */
  async remind(about: string, at: Date, note: string): Promise<void> {
    const reminder = await api<Reminder>("POST", "/reminders", { about, at: at.toISOString(), note, client_id: newId() });
    changeLive((live) => withReminder(live, reminder));
    showToast({ id: `reminder-${reminder.id}`, title: t("You will be reminded"), text: fullMoment(at), level: "success", link: "" });
  }

  async cancelReminder(reminder: Reminder): Promise<void> {
    await api("POST", `/reminders/${reminder.id}/cancel`, { client_id: newId() });
    changeLive((live) => withoutReminder(live, reminder.id));
  }

  // ---- jobs: over HTTP, so that they work where sockets are blocked

  async loadJobs(): Promise<void> {
    const jobs = await api<Job[]>("GET", "/jobs");
    changeLive((live) => withJobs(live, jobs));
  }

  exportMyData(): Promise<void> {
    return this.#changeJob("/account/export");
  }

  cancelJob(job: Job): Promise<void> {
    return this.#changeJob(`/jobs/${job.id}/cancel`);
  }

  async removeJob(job: Job): Promise<void> {
    await api("POST", `/jobs/${job.id}/remove`, { client_id: newId() });
    changeLive((live) => withoutJob(live, job.id));
  }

  async #changeJob(path: string): Promise<void> {
    const job = await api<Job>("POST", path, { client_id: newId() });
    changeLive((live) => withJob(live, job));
  }

  // ---- what comes from the server

  async #fetchSnapshot(): Promise<CursorMap> {
    const snapshot = await api<Snapshot>("GET", "/snapshot");
    store.setState(({ live }) => ({ live: fromSnapshot(snapshot, live) }));
    this.#showPending();
    this.#preferences = this.loadPreferences().then(
      () => undefined,
      () => undefined, // without them the page shows everything
    );
    return snapshot.cursors;
  }

  #showPending(): void {
    for (const entry of this.#client.pendingWrites()) changeLive((live) => withPending(live, entry));
  }

  #onEvent(event: StreamEvent): void {
    const before = store.getState().live;
    if (before === null) return;
    const live = apply(before, event, Date.now());
    if (live !== before) store.setState({ live });
    switch (event.name) {
      case "chat.message_created":
        if (this.#isDirect(event.data.message.room) && event.data.message.author.id !== this.#me.id) this.#reportSeenSoon();
        return this.#announceMessage(event.data.message);
      case "chat.room_added":
        this.#client.subscribe(`room:${event.data.room.id}`, event.data.cursor);
        return this.#watchDirectRooms();
      case "chat.room_unread":
        return this.keepUnread(event.data.room);
      case "chat.room_removed":
        tellRemoved(before, event.data);
        return this.#client.unsubscribe(`room:${event.data.room}`);
      case "chat.muted":
        return tellMuted(before, event.data);
      case "notifications.created":
        return void this.#toast(event.data.item);
      case "notifications.removed":
        for (const id of event.data.items) hideToast(id);
        return this.#countAgain(before, event.data.items, event.data.shared_unread);
      case "notifications.preferences_changed":
        return this.#choicesChanged(before.preferences, event.data.preferences);
      default:
        return;
    }
  }

  #onState(connection: ConnectionState): void {
    store.setState({ connection });
    if (connection.kind === "live" && this.#reads.size > 0) this.#sendReads();
    if (connection.kind === "live") this.drafts.resume();
    this.#doubtPresence();
    if (connection.kind === "stopped") void this.#stopped();
  }

  /** Dots go out when the connection has been away for longer than a blink. */
  #doubtPresence(): void {
    if (this.#connected()) {
      if (this.#presenceTimer !== null) clearTimeout(this.#presenceTimer);
      this.#presenceTimer = null;
    } else this.#presenceTimer ??= setTimeout(() => changeLive(withNobodyOnline), PRESENCE_TRUSTED_MS);
  }

  /** The server sent this page away. Where the log-in is gone, the log-in page says so. */
  async #stopped(): Promise<void> {
    try {
      const { user } = await api<{ user: Me | null }>("GET", "/session");
      if (user?.id === this.#me.id) return;
      const { connection } = store.getState();
      const said = connection.kind === "stopped" && SAYS_WHY.has(connection.reason.code) ? connection.reason.message : "";
      await this.forgetState();
      store.setState({ phase: { kind: "signed_out", notice: said || t("You have been logged out.") }, live: null });
    } catch {
      // not even this can be asked: the bar goes on telling the reason
    }
  }

  #onOutbox(change: OutboxChange): void {
    switch (change.kind) {
      case "queued":
      case "failed":
        return changeLive((live) => withPending(live, change.entry));
      case "acked":
        this.#noteUnreached(change);
        return changeLive((live) => withStored(live, change.entry));
      case "discarded":
        return changeLive((live) => withoutPending(live, change.entry));
    }
  }

  #noteUnreached({ entry, result }: Extract<OutboxChange, { kind: "acked" }>): void {
    if (entry.name !== "chat.message_send") return;
    const { not_reached: names } = result as CommandMap["chat.message_send"]["result"];
    store.setState({ unreached: names.length === 0 ? null : { roomId: entry.args.room, threadId: entry.args.thread ?? null, names } });
  }

  /** In a direct conversation somebody waits to see that it has arrived. */
  #reportSeenSoon(): void {
    this.#seenTimer ??= setTimeout(() => {
      this.#seenTimer = null;
      this.#client.reportSeen();
    }, REPORT_SEEN_AFTER_MS);
  }

  #announceMessage(message: Message): void {
    const { roomId, threadId } = store.getState();
    if (message.room !== roomId || message.author.id === this.#me.id || !this.#connected()) return;
    const thread = onlyInThread(message);
    if (thread !== null && thread !== threadId) return;
    if (store.getState().live?.blocked.includes(message.author.id)) return;
    announce(`${message.author.display_name || message.author.username}: ${plainText(message) || sayFiles(message.files)}`);
  }

  async #toast(item: InboxItem): Promise<void> {
    await this.#preferences;
    const preferences = store.getState().live?.preferences ?? null;
    if (!isWanted(item, preferences) || !mayDisturb(item, preferences, new Date())) return;
    // Whoever has the room before their eyes sees the message itself.
    if (leadsToRoom(item.link, store.getState().roomId) && document.hasFocus()) return;
    if (item.seen || Date.now() - Date.parse(item.created_at) > TOAST_WHILE_FRESH_MS) return;
    void told(item, { leads: this.#tabs?.leads ?? true });
    const { title, text } = wordsOf(item);
    showToast({ id: item.id, title, text, level: levelOf(item), link: item.link });
  }

  /** What an audience lost may have been unread, further down than the page has loaded: only the server knows. */
  #countAgain(before: LiveState, items: readonly string[], sharedUnread: number | null): void {
    const known = new Set(before.inbox.items.map(({ id }) => id));
    const isInDoubt = sharedUnread === null && items.some((id) => id.startsWith("b") && !known.has(id));
    if (isInDoubt) this.#inboxPage(null).catch(() => undefined); // without an answer, the next snapshot tells
  }

  /** What was turned on again in the app is in the inbox again, with what came meanwhile: only the server knows. */
  #choicesChanged(before: Preferences | null, after: Preferences): void {
    const inApp = ({ choices }: Preferences) => JSON.stringify(choices.filter(({ channel }) => channel === "in_app"));
    if (before === null || inApp(before) === inApp(after)) return;
    const reload = api<InboxPage>("GET", "/inbox").then((page) => changeLive((live) => withInboxPage(live, page)));
    reload.catch(() => undefined); // without an answer, the next snapshot tells
  }

  /** Into a room that the server has just opened. */
  enter({ room, cursor }: { room: Room; cursor: { epoch: string; seq: number } }): void {
    changeLive((live) => (live.rooms[room.id] === undefined ? withRoom(live, room) : live));
    this.#client.subscribe(`room:${room.id}`, cursor);
    goToRoom(room.id);
  }

  #sendReads(): void {
    this.#readTimer = null;
    if (!this.#connected()) return;
    for (const [room, number] of this.#reads) {
      this.#reads.delete(room);
      const version = this.#unreadVersion(room);
      this.#client.call("chat.room_read", { room, number, unread_version: version, client_id: newId() }).catch((error: CallError) => {
        if (error.retry && !this.#reads.has(room) && version === this.#unreadVersion(room)) this.#reads.set(room, number);
      });
    }
  }

  #watchDirectRooms(): void {
    const rooms = Object.values(store.getState().live?.rooms ?? {});
    const direct = rooms.filter(({ room }) => room.kind === "direct").slice(0, WATCHED_DIRECT_ROOMS);
    for (const { room } of direct) this.#client.watchPresence(`room:${room.id}`);
  }

  #unreadVersion(room: number): number {
    return store.getState().live?.rooms[room]?.room.unread_version ?? 0;
  }

  #isDirect(room: number): boolean {
    return store.getState().live?.rooms[room]?.room.kind === "direct";
  }

  #connected(): boolean {
    const { kind } = this.#client.state;
    return kind === "live" || kind === "recovering";
  }
}

/** Null where the browser cannot share: then every page has a socket of its own. */
function tabsOf(me: Me, socket: SocketFactory): Tabs | null {
  const channel = browserChannel(`carillon.socket.${me.id}`);
  const lock = browserLock(`carillon.socket.${me.id}`);
  return channel === null || lock === null ? null : new Tabs({ socket, channel, lock, clock: browserClock, newId });
}

function roomIdOf(stream: string): number {
  return Number(stream.slice("room:".length));
}

function socketUrl(): string {
  const url = new URL("/ws", location.href);
  url.protocol = url.protocol.replace("http", "ws");
  return url.href;
}
