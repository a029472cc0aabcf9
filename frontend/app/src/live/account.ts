/** Who is logged in in this browser, and the session that goes with it. */
import { CallError } from "@carillon/sdk";
import { api } from "./api.ts";
import type { Me } from "./model.ts";
import { Session } from "./session.ts";
import { store } from "./store.ts";

let session: Session | null = null;

export function currentSession(): Session {
  if (session === null) throw new Error("Nobody is logged in.");
  return session;
}

/** Start of the page: whoever the cookie names, or the log-in. */
export async function startPage(): Promise<void> {
  store.setState({ phase: { kind: "starting" } });
  try {
    const { user } = await api<{ user: Me | null }>("GET", "/session");
    if (user === null) store.setState({ phase: { kind: "signed_out", notice: null } });
    else await startSession(user);
  } catch (reason) {
    const message = reason instanceof CallError ? reason.message : "Something went wrong while starting.";
    if (!(reason instanceof CallError)) console.error("carillon:", reason);
    store.setState({ phase: { kind: "unreachable", message } });
  }
}

export async function logIn(credentials: { username: string; password: string }): Promise<void> {
  await api("POST", "/auth/login", credentials);
  await startPage();
}

export async function signUp(account: { username: string; password: string; display_name?: string }): Promise<void> {
  await api("POST", "/auth/signup", account);
  await startPage();
}

export async function changePassword(passwords: { old_password: string; new_password: string }): Promise<void> {
  await api("POST", "/auth/password", passwords);
}

export async function logOut(): Promise<void> {
  session?.stop();
  await api("POST", "/auth/logout");
  store.setState({ phase: { kind: "signed_out", notice: null }, live: null, toasts: [] });
}

async function startSession(me: Me): Promise<void> {
  session?.stop();
  session = new Session(me);
  await session.start();
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
