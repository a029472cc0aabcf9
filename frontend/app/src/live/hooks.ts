/** Webhooks of a room, for its owners: always asked for, as few people look at them. */
import type { CommandMap } from "@carillon/sdk";
import { api } from "./api.ts";
import type { Session } from "./session.ts";

export type Hook = CommandMap["chat.hook_create"]["result"];
export interface HookSecrets {
  path: string;
  secret: string;
  token: string;
}

export const hooksOf = (room: number) => api<Hook[]>("GET", `/rooms/${room}/hooks`);
export const secretsOf = (hook: Hook) => api<HookSecrets>("GET", `/hooks/${hook.id}/secrets`);

export function createHook(session: Session, room: number, hook: Pick<Hook, "direction" | "name" | "url"> & { triggers: string }): Promise<Hook> {
  return session.call("chat.hook_create", { room, ...hook, client_id: session.newId() });
}

export const renewHook = (session: Session, hook: Hook) => session.call("chat.hook_renew", { hook: hook.id, client_id: session.newId() });
export const removeHook = (session: Session, hook: Hook) => session.call("chat.hook_remove", { hook: hook.id, client_id: session.newId() });
