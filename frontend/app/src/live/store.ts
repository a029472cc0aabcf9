/** The one store of the page: the live state, the connection and what is on the screen. */
import type { ConnectionState } from "@carillon/sdk";
import { useStore as useZustand } from "zustand";
import { createStore } from "zustand/vanilla";
import type { Level, LiveState } from "./model.ts";

export interface Toast {
  id: string;
  title: string;
  text: string;
  level: Level;
  link: string;
}

export type Phase =
  | { kind: "starting" }
  | { kind: "signed_out"; notice: string | null }
  | { kind: "unreachable"; message: string }
  | { kind: "ready" };

export interface PageState {
  phase: Phase;
  live: LiveState | null;
  connection: ConnectionState;
  /** The room that the address names. */
  roomId: number | null;
  toasts: readonly Toast[];
  /** The latest sentence for screen readers. */
  announcement: string;
}

export const store = createStore<PageState>(() => ({
  phase: { kind: "starting" },
  live: null,
  connection: { kind: "connecting", sinceMs: Date.now() },
  roomId: null,
  toasts: [],
  announcement: "",
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

export function announce(announcement: string): void {
  store.setState({ announcement });
}
