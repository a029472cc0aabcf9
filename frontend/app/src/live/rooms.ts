/** Favourite and archived rooms, and the open rooms there are. */
import { api } from "./api.ts";
import type { LiveState, RoomState } from "./model.ts";
import { newId } from "./ids.ts";
import type { Session } from "./session.ts";
import { changeLive } from "./store.ts";

export interface Favourite {
  room: number;
  position: number;
}

export interface BrowsedRoom {
  id: number;
  name: string;
  topic: string;
  description: string;
  member_count: number;
  created_at: string;
  archived: boolean;
  joined: boolean;
}

export interface BrowsePage {
  items: BrowsedRoom[];
  next: string | null;
}

export interface Browse {
  text: string;
  sort: "name" | "members" | "newest";
  joined: "any" | "yes" | "no";
  archived: boolean;
}

// ---- the state

/** These are the favourites now, and no other room is one. */
export function withFavourites(state: LiveState, favourites: readonly Favourite[]): LiveState {
  const positions = new Map(favourites.map(({ room, position }) => [room, position]));
  const rooms = Object.values(state.rooms).map((one): [number, RoomState] => {
    const position = positions.get(one.room.id) ?? 0;
    const changed = (one.room.position ?? 0) !== position;
    return [one.room.id, changed ? { ...one, room: { ...one.room, favourite: position > 0, position } } : one];
  });
  return { ...state, rooms: Object.fromEntries(rooms) };
}

export interface Sections {
  favourites: RoomState[];
  open: RoomState[];
  direct: RoomState[];
  archived: RoomState[];
}

/** The rooms as the list shows them: favourites in the person's order, all others in that of `rooms`. */
export function sectionsOf(rooms: readonly RoomState[]): Sections {
  const archived = rooms.filter(({ room }) => room.archived === true);
  const others = rooms.filter(({ room }) => room.archived !== true);
  const position = ({ room }: RoomState) => room.position ?? 0;
  const favourites = others.filter((one) => position(one) > 0).sort((a, b) => position(a) - position(b));
  const rest = others.filter((one) => position(one) === 0);
  return {
    favourites,
    open: rest.filter(({ room }) => room.kind !== "direct"),
    direct: rest.filter(({ room }) => room.kind === "direct"),
    archived,
  };
}

/** The ids of the favourites, in their order. */
export function favouriteIds(state: LiveState): number[] {
  return sectionsOf(Object.values(state.rooms)).favourites.map(({ room }) => room.id);
}

/** The list with `id` at the place where `target` is. */
export function movedTo(ids: readonly number[], id: number, target: number): number[] {
  const at = ids.indexOf(target);
  const from = ids.indexOf(id);
  if (at < 0 || from < 0) return [...ids];
  const others = ids.filter((one) => one !== id);
  return [...others.slice(0, at), id, ...others.slice(at)];
}

/** The list with `id` one place up or down, where there is one. */
export function movedBy(ids: readonly number[], id: number, step: 1 | -1): number[] {
  const target = ids[ids.indexOf(id) + step];
  return target === undefined ? [...ids] : movedTo(ids, id, target);
}

// ---- what is asked of the server

export async function archiveRoom(session: Session, room: number, archived: boolean): Promise<void> {
  await session.call("chat.room_archive", { room, archived, client_id: newId() });
}

export async function setFavourite(session: Session, room: number, favourite: boolean): Promise<void> {
  const { favourites } = await session.call("chat.room_favourite", { room, favourite, client_id: newId() });
  changeLive((live) => withFavourites(live, favourites));
}

/** Shown at once; what the server says comes after it. */
export async function orderFavourites(session: Session, ids: readonly number[]): Promise<void> {
  changeLive((live) => withFavourites(live, ids.map((room, at) => ({ room, position: at + 1 }))));
  const { favourites } = await session.call("chat.favourites_order", { rooms: [...ids], client_id: newId() });
  changeLive((live) => withFavourites(live, favourites));
}

export function browseRooms({ text, sort, joined, archived }: Browse, cursor: string | null): Promise<BrowsePage> {
  const query = new URLSearchParams({ q: text, sort, joined, archived: String(archived) });
  if (cursor !== null) query.set("cursor", cursor);
  return api("GET", `/rooms/public/browse?${query.toString()}`);
}
