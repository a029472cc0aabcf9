/** Who somebody is, where only their id came: as far as the page has met them in that room. */
import type { LiveState, Person, RoomState } from "./model.ts";

export function personIn(state: RoomState, id: number): Person | undefined {
  return (
    state.members?.find((member) => member.id === id) ??
    state.room.members.find((member) => member.id === id) ??
    state.messages.find(({ author }) => author.id === id)?.author
  );
}

/** Those of `ids` whom the page knows, in that order, without oneself. */
export function othersIn(live: LiveState, room: number, ids: readonly number[]): Person[] {
  const state = live.rooms[room];
  if (state === undefined) return [];
  return ids.flatMap((id) => (id === live.me.id ? [] : (personIn(state, id) ?? [])));
}
