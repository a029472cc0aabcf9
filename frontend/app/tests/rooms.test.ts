import { describe, expect, test } from "vitest";
import { fromSnapshot } from "../src/live/apply.ts";
import type { LiveState, Room } from "../src/live/model.ts";
import { favouriteIds, movedBy, movedTo, sectionsOf, withFavourites } from "../src/live/rooms.ts";
import { room as anyRoom, snapshot } from "./builders.ts";

const room = (id: number, more: Partial<Room> = {}) => anyRoom({ id, name: `Room ${id}`, ...more });
const state = (...rooms: Room[]): LiveState => fromSnapshot(snapshot({ rooms }), null);

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
