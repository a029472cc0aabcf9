/** The one store of the page: the live state, the connection and what is on the screen. */
import type { ConnectionState } from "@carillon/sdk";
import { useStore as useZustand } from "zustand";
import { createStore } from "zustand/vanilla";
import type { Level, LiveState, Message, NotReached } from "./model.ts";

export interface Toast {
  id: string;
  title: string;
  text: string;
  level: Level;
  link: string;
  action?: { label: string; run: () => void };
}

/** Names in one's last message to a room that reached nobody. */
export interface Unreached {
  roomId: number;
  threadId: number | null;
  names: readonly NotReached[];
}

/** The message that the next one to a room, or to a thread in it, quotes. */
export interface Quoting {
  roomId: number;
  threadId: number | null;
  message: Message;
}

/** What is shown on top of the room. */
export type List = "saved" | "scheduled";

export type Phase =
  | { kind: "starting" }
  | { kind: "signed_out"; notice: string | null }
  | { kind: "unreachable"; message: string }
  | { kind: "ready" };

/** What is on top of the page, one at a time; views that only one button opens keep that to themselves. */
export type Overlay = "palette" | "shortcuts" | "preferences" | "new_room" | "write_to" | "tour";

export interface PageState {
  phase: Phase;
  live: LiveState | null;
  connection: ConnectionState;
  /** The room that the address names. */
  roomId: number | null;
  /** The message that the address names; each address anew. */
  target: { number: number } | null;
  /** The thread that the address names, by its root, and the reply in it. */
  threadId: number | null;
  threadTarget: { number: number } | null;
  /** Whether the list of one's threads is shown in place of a room. */
  showsThreads: boolean;
  quoting: Quoting | null;
  unreached: Unreached | null;
  /** The token of the link that the person followed into a room, until they have answered it. */
  invitation: string | null;
  /** What the search that is open begins with; null while none is. */
  search: string | null;
  /** Whether the person's tasks are on top of it. */
  showsJobs: boolean;
  /** Whether the moderators' queue is, and the report that the address names. */
  moderation: { report: number | null } | null;
  list: List | null;
  toasts: readonly Toast[];
  overlay: Overlay | null;
  /** The latest sentence for screen readers. */
  announcement: string;
  /** In which everything is said; what is shown is made anew with it. */
  locale: string;
  /** The time zone of whoever has chosen none; "" is the browser's. */
  usualZone: string;
}

export const store = createStore<PageState>(() => ({
  phase: { kind: "starting" },
  live: null,
  connection: { kind: "connecting", sinceMs: Date.now() },
  roomId: null,
  target: null,
  threadId: null,
  threadTarget: null,
  showsThreads: false,
  quoting: null,
  unreached: null,
  invitation: null,
  search: null,
  showsJobs: false,
  moderation: null,
  list: null,
  toasts: [],
  overlay: null,
  announcement: "",
  locale: "",
  usualZone: "",
}));

export function usePage<T>(select: (state: PageState) => T): T {
  return useZustand(store, select);
}

/** The live state, in views that are only shown while there is one. */
export function useLive<T>(select: (live: LiveState) => T): T {
  return useZustand(store, (state) => {
    if (state.live === null) throw new Error("This view needs somebody who is logged in.");
    return select(state.live);
  });
}

export function changeLive(change: (live: LiveState) => LiveState): void {
  store.setState(({ live }) => (live === null ? {} : { live: change(live) }));
}

export function showToast(toast: Toast): void {
  store.setState(({ toasts }) => ({ toasts: [...toasts.filter(({ id }) => id !== toast.id), toast].slice(-4) }));
}

export function hideToast(id: string): void {
  store.setState(({ toasts }) => ({ toasts: toasts.filter((toast) => toast.id !== id) }));
}

/** Without that person, or as a whole. */
export function dropUnreached(user: number | null = null): void {
  store.setState(({ unreached }) => {
    const names = user === null ? [] : (unreached?.names.filter((name) => name.user !== user) ?? []);
    return { unreached: unreached === null || names.length === 0 ? null : { ...unreached, names } };
  });
}

export function openOverlay(overlay: Overlay | null): void {
  store.setState({ overlay });
}

export function announce(announcement: string): void {
  store.setState({ announcement });
}
