/** Who is logged in in this browser, and the session that goes with it. */
import { CallError } from "@carillon/sdk";
import { api } from "./api.ts";
import { Cache, type Kept, lastUser, rememberUser } from "./cache.ts";
import { asSentence } from "../text/errors.ts";
import { plural, t } from "../text/t.ts";
import type { Me } from "./model.ts";
import { keepPush } from "./push.ts";
import { Session } from "./session.ts";
import { showToast, store } from "./store.ts";
import { offerTour } from "./tour.ts";

let session: Session | null = null;

export function currentSession(): Session {
  if (session === null) throw new Error("Nobody is logged in.");
  return session;
}

/** Start of the page: at once with what the last time left, then with whoever the cookie names, or the log-in. */
export async function startPage({ showsLastTime = true } = {}): Promise<void> {
  store.setState({ phase: { kind: "starting" } });
  const asked = api<{ user: Me | null }>("GET", "/session");
  asked.catch(() => undefined); // looked at below
  const kept = showsLastTime ? await showLastTime() : null;
  try {
    const { user } = await asked;
    if (user === null) await showLogIn(null);
    else await startSession(user);
  } catch (reason) {
    if (kept !== null && reason instanceof CallError && reason.retry) return session?.resume(kept);
    const message = reason instanceof CallError ? reason.message : t("Something went wrong while starting.");
    if (!(reason instanceof CallError)) console.error("carillon:", reason);
    store.setState({ phase: { kind: "unreachable", message } });
  }
}

/** The page as it was, of the user who was here last. */
async function showLastTime(): Promise<Kept | null> {
  const userId = lastUser();
  if (userId === null || (session !== null && !session.ended)) return null;
  const cache = await Cache.open(userId);
  const kept = await cache.load();
  if (kept === null || kept.live.me.id !== userId) {
    cache.close();
    return null;
  }
  session = new Session(kept.live.me, cache);
  session.show(kept);
  return kept;
}

async function showLogIn(notice: string | null): Promise<void> {
  await session?.forgetState();
  store.setState({ phase: { kind: "signed_out", notice }, live: null });
}

export async function logIn(credentials: { username: string; password: string }): Promise<void> {
  await api("POST", "/auth/login", credentials);
  await startPage({ showsLastTime: false });
}

export async function signUp(account: { username: string; password: string; display_name?: string }): Promise<void> {
  await api("POST", "/auth/signup", account);
  await startPage({ showsLastTime: false });
}

export async function changePassword(passwords: { old_password: string; new_password: string }): Promise<void> {
  await api("POST", "/auth/password", passwords);
}

/** Nothing of the person stays in this browser, once the server has ended the session: what was not sent, only if they are sure. */
export async function logOut({ isSure = false } = {}): Promise<void> {
  const waiting = session?.waiting ?? 0;
  if (waiting > 0 && !isSure) {
    const title = plural(waiting, "{n} thing that you wrote was not sent yet", "{n} things that you wrote were not sent yet");
    const action = { label: t("Log out anyway"), run: () => void logOut({ isSure: true }) };
    return showToast({ id: "unsent", title, text: t("Logging out deletes it."), level: "warning", link: "", action });
  }
  session?.stop();
  try {
    await api("POST", "/auth/logout");
  } catch (reason) {
    await startPage();
    return showToast({ id: "still-here", title: t("You are still logged in"), text: asSentence(reason), level: "warning", link: "" });
  }
  rememberUser(null);
  await session?.forget();
  store.setState({ phase: { kind: "signed_out", notice: null }, live: null, toasts: [] });
}

async function startSession(me: Me): Promise<void> {
  if (session === null || session.ended || session.userId !== me.id) {
    if (session?.ended === false) await session.forgetState();
    session = new Session(me, await Cache.open(me.id));
  }
  await session.start();
  rememberUser(me.id);
  offerTour();
  keepPush(me.id).catch((reason: unknown) => console.warn("carillon: push", reason));
}

export interface Device {
  id: number;
  name: string;
  kind: "browser" | "token";
  created_at: string;
  last_seen_at: string;
  current: boolean;
}

export function listDevices(): Promise<Device[]> {
  return api("GET", "/devices");
}

export async function revokeDevice(id: number): Promise<void> {
  await api("DELETE", `/devices/${id}`);
}
