/** Groups of people that a message can mention: read by everybody, changed by those who may. */
import { api } from "./api.ts";
import { newId } from "./ids.ts";
import type { Person } from "./model.ts";
import type { Session } from "./session.ts";

export interface Group {
  id: number;
  name: string;
  description: string;
  mentioned_by: "everybody" | "members";
  member_count: number;
}

export type GroupDraft = Pick<Group, "name" | "description" | "mentioned_by">;

/** A few whose name begins with the text. */
export function findGroups(text: string): Promise<Group[]> {
  return api("GET", `/groups?q=${encodeURIComponent(text)}`);
}

export const listGroups = () => api<Group[]>("GET", "/groups");

export async function managesGroups(): Promise<boolean> {
  return (await api<{ manages: boolean }>("GET", "/groups/rights")).manages;
}

export async function membersOf(group: Group): Promise<Person[]> {
  return (await api<{ members: Person[] }>("GET", `/groups/${group.id}`)).members;
}

/** `group` is null for a new one. */
export function saveGroup(session: Session, group: Group | null, draft: GroupDraft, members: readonly Person[]): Promise<Group> {
  return session.call("chat.group_save", { group: group?.id ?? null, ...draft, members: members.map(({ id }) => id), client_id: newId() });
}

export async function removeGroup(session: Session, group: Group): Promise<void> {
  await session.call("chat.group_remove", { group: group.id, client_id: newId() });
}
