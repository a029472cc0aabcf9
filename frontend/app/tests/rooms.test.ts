import { describe, expect, test } from "vitest";
import { fromSnapshot } from "../src/live/apply.ts";
import type { LiveState, Room } from "../src/live/model.ts";
import { OWN } from "./own.ts";
import { favouriteIds, movedBy, movedTo, sectionsOf, withFavourites } from "../src/live/rooms.ts";

function room(id: number, more: Partial<Room> = {}): Room {
  return {
    id,
    kind: "public",
    name: `Room ${id}`,
    topic: "",
    role: "member",
    last_number: 0,
    read_number: 0,
    mentioned: [],
    member_count: 2,
    mention_all: "small_rooms",
    members: [],
    last_message: null,
    description: "",
    archived: false,
    favourite: false,
    position: 0,
    ...more,
  };
}

function state(...rooms: Room[]): LiveState {
  const user = { id: 1, username: "ana", display_name: "Ana", is_staff: false };
  return fromSnapshot({ user, rooms, inbox: { unread: { own: 0, shared: 0 }, items: [] }, threads: [], jobs: [], drafts: [], saved: [], status: OWN, cursors: {} }, null);
}

describe("favourites", () => {
  test("are those that the server says, in its order, and no others", () => {
    const before = state(room(1, { favourite: true, position: 1 }), room(2), room(3));
    const after = withFavourites(before, [
      { room: 3, position: 1 },
      { room: 2, position: 2 },
    ]);
    expect(favouriteIds(after)).toEqual([3, 2]);
    expect(after.rooms[1]?.room).toMatchObject({ favourite: false, position: 0 });
    expect(withFavourites(after, [{ room: 3, position: 1 }, { room: 2, position: 2 }]).rooms).toEqual(after.rooms);
  });

  test("move to the place of another one, or by one", () => {
    expect(movedTo([1, 2, 3], 3, 1)).toEqual([3, 1, 2]);
    expect(movedTo([1, 2, 3], 1, 3)).toEqual([2, 3, 1]);
    expect(movedTo([1, 2], 9, 1)).toEqual([1, 2]);
    expect(movedBy([1, 2, 3], 2, -1)).toEqual([2, 1, 3]);
    expect(movedBy([1, 2, 3], 3, 1)).toEqual([1, 2, 3]);
  });
});

test("the list has favourites, rooms, conversations and archived rooms apart", () => {
  const rooms = [room(1), room(2, { kind: "direct" }), room(3, { favourite: true, position: 1 }), room(4, { archived: true, favourite: true, position: 2 })];
  const { favourites, open, direct, archived } = sectionsOf(Object.values(state(...rooms).rooms));
  const ids = [favourites, open, direct, archived].map((some) => some.map((one) => one.room.id));
  expect(ids).toEqual([[3], [1], [2], [4]]);
});
