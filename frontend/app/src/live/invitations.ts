/** Links into rooms. Their tokens travel in bodies, never in addresses. */
import { api } from "./api.ts";
import { forgetInvitation } from "./place.ts";
import { newId } from "./ids.ts";
import type { Session } from "./session.ts";

export interface Invitation {
  id: number;
  room: number;
  created_by: number | null;
  created_at: string;
  expires_at: string | null;
  max_uses: number | null;
  uses: number;
}

export interface InvitedTo {
  room: number;
  kind: "public" | "private";
  name: string;
  topic: string;
  member_count: number;
  joined: boolean;
}

export function listInvitations(room: number): Promise<Invitation[]> {
  return api("GET", `/rooms/${room}/invitations`);
}

/** The link's address; nobody is told it again. */
export async function createInvitation(
  session: Session,
  room: number,
  rule: { lifetime_s: number | null; max_uses: number | null },
): Promise<string> {
  const { path } = await session.call("chat.invitation_create", { room, ...rule, client_id: newId() });
  return new URL(path, location.origin).href;
}

export async function revokeInvitation(session: Session, invitation: number): Promise<void> {
  await session.call("chat.invitation_revoke", { invitation, client_id: newId() });
}

export function lookAtInvitation(token: string): Promise<InvitedTo> {
  return api("POST", "/invitations/look", { token });
}

export async function acceptInvitation(session: Session, token: string): Promise<void> {
  const opened = await session.call("chat.invitation_accept", { token, client_id: newId() });
  forgetInvitation();
  session.enter(opened);
}
