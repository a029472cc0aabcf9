/**
 * One logged-in user's time with the page: snapshot, connection, and everything the page asks of the server.
 * Views call it; it changes the store; it knows no view.
 */
import {
  browserClock,
  browserEventStream,
  browserNetwork,
  browserPost,
  browserProbe,
  browserSocket,
  browserStorage,
  CallError,
  CarillonClient,
  type ConnectionState,
  type CursorMap,
  type OutboxChange,
  sseSocket,
  type StreamEvent,
  withFallback,
} from "@carillon/sdk";
import {
  apply,
  fromSnapshot,
  withHistory,
  withHistoryFailed,
  withHistoryLoading,
  withInboxRead,
  withInboxReadUpTo,
  withMembers,
  withNobodyOnline,
  withOlderInbox,
  withOnline,
  withoutPending,
  withoutRoom,
  withPending,
  withRead,
  withRoom,
  withRoomLeft,
  withStored,
} from "./apply.ts";
import { api } from "./api.ts";
import { levelOf } from "./model.ts";
import type { HistoryPage, InboxItem, InboxPage, Me, Member, Message, Person, Room, Snapshot } from "./model.ts";
import { goToRoom, returnToLastRoom } from "./place.ts";
import { announce, changeLive, showToast, store } from "./store.ts";

const PAGE_SIZE = 50;
const TYPING_EVERY_MS = 3_000;
const READ_AFTER_MS = 300;
const PRESENCE_TRUSTED_MS = 3_000;
/** Older notifications are in the inbox; a toast for each would bury the page after a night away. */
const TOAST_WHILE_FRESH_MS = 60_000;
/** Direct conversations whose dots are shown in the room list. */
const WATCHED_DIRECT_ROOMS = 20;

export class Session {
  readonly #me: Me;
  readonly #client: CarillonClient;
  #lastTypingAtMs = 0;
  #watchedRoom: number | null = null;
  readonly #reads = new Map<number, number>();
  #readTimer: ReturnType<typeof setTimeout> | null = null;
  #presenceTimer: ReturnType<typeof setTimeout> | null = null;

  constructor(me: Me) {
    this.#me = me;
    this.#client = new CarillonClient({
      socket: withFallback(
        browserSocket(socketUrl()),
        sseSocket(browserEventStream("/sse"), browserPost("/sse")),
        browserProbe("/healthz"),
      ),
      clock: browserClock,
      random: Math.random,
      network: browserNetwork,
      storage: browserStorage(),
      scope: String(me.id),
      newId,
      onEvent: (event) => this.#onEvent(event),
      onSnapshotRequired: () => this.#fetchSnapshot(),
      onState: (state) => this.#onState(state),
      onOutbox: (change) => this.#onOutbox(change),
      onPresence: (stream, online) => changeLive((live) => withOnline(live, roomIdOf(stream), online)),
      onRevoked: (stream) => {
        if (stream.startsWith("room:")) changeLive((live) => withoutRoom(live, roomIdOf(stream)));
      },
      onHandlerError: (reason) => console.error("carillon:", reason),
    });
  }

  async start(): Promise<void> {
    this.#client.start(await this.#fetchSnapshot());
    returnToLastRoom((roomId) => store.getState().live?.rooms[roomId] !== undefined);
    store.setState({ phase: { kind: "ready" } });
    this.#watchDirectRooms();
  }

  stop(): void {
    this.#client.stop();
    if (this.#readTimer !== null) clearTimeout(this.#readTimer);
    if (this.#presenceTimer !== null) clearTimeout(this.#presenceTimer);
  }

  retryNow(): void {
    this.#client.retryNow();
  }

  // ---- messages

  sendMessage(room: number, text: string): void {
    this.#client.write("chat.message_send", { room, text });
    this.#lastTypingAtMs = 0;
  }

  retryMessage(clientId: string): void {
    this.#client.retryWrite(clientId);
  }

  discardMessage(clientId: string): void {
    this.#client.discardWrite(clientId);
  }

  async editMessage(message: Message, text: string): Promise<void> {
    await this.#client.call("chat.message_edit", { message: message.id, text, client_id: newId() });
  }

  async deleteMessage(message: Message): Promise<void> {
    await this.#client.call("chat.message_delete", { message: message.id, client_id: newId() });
  }

  typing(room: number): void {
    const now = Date.now();
    if (now - this.#lastTypingAtMs < TYPING_EVERY_MS || !this.#connected()) return;
    this.#lastTypingAtMs = now;
    this.#client.call("chat.typing", { room }).catch(() => undefined); // lost, as typing may be
  }

  async loadHistory(room: number): Promise<void> {
    changeLive((live) => withHistoryLoading(live, room));
    try {
      const page = await api<HistoryPage>("GET", `/rooms/${room}/messages?limit=${PAGE_SIZE}`);
      changeLive((live) => withHistory(live, room, page));
    } catch {
      changeLive((live) => withHistoryFailed(live, room));
    }
  }

  async loadOlder(room: number): Promise<void> {
    const oldest = store.getState().live?.rooms[room]?.messages[0];
    if (oldest === undefined) return;
    const page = await api<HistoryPage>("GET", `/rooms/${room}/messages?before=${oldest.number}&limit=${PAGE_SIZE}`);
    changeLive((live) => withHistory(live, room, page));
  }

  /** The user has seen the room up to this message: told to the server soon, and again until it knows. */
  markRead(room: number, number: number): void {
    const known = store.getState().live?.rooms[room]?.room.read_number ?? 0;
    if (number <= known) return;
    changeLive((live) => withRead(live, room, number));
    this.#reads.set(room, number);
    this.#readTimer ??= setTimeout(() => this.#sendReads(), READ_AFTER_MS);
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
    if (room !== null) this.#client.watchPresence(`room:${room}`);
  }

  async loadMembers(room: number): Promise<void> {
    const members = await api<Member[]>("GET", `/rooms/${room}/members`);
    changeLive((live) => withMembers(live, room, members));
  }

  async createRoom(room: { kind: "public" | "private"; name: string; topic: string }): Promise<void> {
    this.#enter(await this.#client.call("chat.room_create", { ...room, client_id: newId() }));
  }

  async changeRoom(room: number, change: { name: string; topic: string }): Promise<void> {
    await this.#client.call("chat.room_change", { room, ...change, client_id: newId() });
  }

  async openDirect(user: number): Promise<void> {
    this.#enter(await this.#client.call("chat.direct_open", { user, client_id: newId() }));
  }

  async joinRoom(room: number): Promise<void> {
    this.#enter(await this.#client.call("chat.room_join", { room, client_id: newId() }));
  }

  async leaveRoom(room: number): Promise<void> {
    await this.#client.call("chat.room_leave", { room, client_id: newId() });
  }

  async invite(room: number, user: number): Promise<void> {
    await this.#client.call("chat.room_invite", { room, user, client_id: newId() });
  }

  async kick(room: number, user: number): Promise<void> {
    await this.#client.call("chat.room_kick", { room, user, client_id: newId() });
  }

  findPeople(text: string): Promise<Person[]> {
    return api("GET", `/users?q=${encodeURIComponent(text)}`);
  }

  findRooms(text: string): Promise<{ id: number; name: string; topic: string; member_count: number; joined: boolean }[]> {
    return api("GET", `/rooms/public?q=${encodeURIComponent(text)}`);
  }

  // ---- inbox

  readInboxItem(item: InboxItem): void {
    if (item.read) return;
    changeLive((live) => withInboxRead(live, [item.id]));
    this.#client.write("notifications.read", { items: [item.id] });
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

  async #inboxPage(before: string | null): Promise<InboxPage> {
    const page = await api<InboxPage>("GET", before === null ? "/inbox" : `/inbox?before=${encodeURIComponent(before)}`);
    changeLive((live) => withOlderInbox(live, page));
    return page;
  }

  // ---- what comes from the server

  async #fetchSnapshot(): Promise<CursorMap> {
    const snapshot = await api<Snapshot>("GET", "/snapshot");
    store.setState(({ live }) => ({ live: fromSnapshot(snapshot, live) }));
    for (const entry of this.#client.pendingWrites()) changeLive((live) => withPending(live, entry));
    return snapshot.cursors;
  }

  #onEvent(event: StreamEvent): void {
    const before = store.getState().live;
    if (before === null) return;
    const live = apply(before, event, Date.now());
    if (live !== before) store.setState({ live });
    switch (event.name) {
      case "chat.message_created":
        return this.#announceMessage(event.data.message);
      case "chat.room_added":
        this.#client.subscribe(`room:${event.data.room.id}`, event.data.cursor);
        return this.#watchDirectRooms();
      case "chat.room_removed":
        return this.#client.unsubscribe(`room:${event.data.room}`);
      case "notifications.created":
        return this.#toast(event.data.item);
      default:
        return;
    }
  }

  #onState(connection: ConnectionState): void {
    store.setState({ connection });
    if (connection.kind === "live" && this.#reads.size > 0) this.#sendReads();
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
      this.stop();
      store.setState({ phase: { kind: "signed_out", notice: "You have been logged out." }, live: null });
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
        return changeLive((live) => withStored(live, change.entry));
      case "discarded":
        return changeLive((live) => withoutPending(live, change.entry));
    }
  }

  #announceMessage(message: Message): void {
    const { roomId } = store.getState();
    if (message.room !== roomId || message.author.id === this.#me.id || !this.#connected()) return;
    announce(`${message.author.display_name || message.author.username}: ${message.text}`);
  }

  #toast(item: InboxItem): void {
    if (item.read || Date.now() - Date.parse(item.created_at) > TOAST_WHILE_FRESH_MS) return;
    showToast({ id: item.id, title: item.title, text: item.text, level: levelOf(item), link: item.link });
  }

  #enter({ room, cursor }: { room: Room; cursor: { epoch: string; seq: number } }): void {
    changeLive((live) => (live.rooms[room.id] === undefined ? withRoom(live, room) : live));
    this.#client.subscribe(`room:${room.id}`, cursor);
    goToRoom(room.id);
  }

  #sendReads(): void {
    this.#readTimer = null;
    if (!this.#connected()) return;
    for (const [room, number] of this.#reads) {
      this.#reads.delete(room);
      this.#client.call("chat.room_read", { room, number, client_id: newId() }).catch((error: CallError) => {
        if (error.retry && !this.#reads.has(room)) this.#reads.set(room, number);
      });
    }
  }

  #watchDirectRooms(): void {
    const rooms = Object.values(store.getState().live?.rooms ?? {});
    const direct = rooms.filter(({ room }) => room.kind === "direct").slice(0, WATCHED_DIRECT_ROOMS);
    for (const { room } of direct) this.#client.watchPresence(`room:${room.id}`);
  }

  #isDirect(room: number): boolean {
    return store.getState().live?.rooms[room]?.room.kind === "direct";
  }

  #connected(): boolean {
    const { kind } = this.#client.state;
    return kind === "live" || kind === "recovering";
  }
}

function roomIdOf(stream: string): number {
  return Number(stream.slice("room:".length));
}

function socketUrl(): string {
  const url = new URL("/ws", location.href);
  url.protocol = url.protocol.replace("http", "ws");
  return url.href;
}

/** `crypto.randomUUID` exists on secure origins only; a server on a home network may not be one. */
function newId(): string {
  if (typeof crypto.randomUUID === "function") return crypto.randomUUID();
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");
}
