/** Which room is open is in the address (`#/room/42`), so that back, reload and links from notifications work. */
import { store } from "./store.ts";

const LAST_ROOM = "carillon.room";

export function goToRoom(roomId: number | null): void {
  const hash = roomId === null ? "#/" : `#/room/${roomId}`;
  if (location.hash !== hash) location.hash = hash;
}

export function followAddress(): void {
  window.addEventListener("hashchange", read);
  read();
}

/** Where the list and a room fit beside each other, a page without a room opens the one of last time. */
export function returnToLastRoom(isThere: (roomId: number) => boolean): void {
  const last = Number(ifAllowed(() => localStorage.getItem(LAST_ROOM)));
  if (store.getState().roomId !== null || !isThere(last) || !window.matchMedia("(min-width: 768px)").matches) return;
  history.replaceState(null, "", `#/room/${last}`);
  read();
}

function read(): void {
  const roomId = /^#\/room\/(\d+)$/.exec(location.hash)?.[1];
  if (roomId !== undefined) ifAllowed(() => localStorage.setItem(LAST_ROOM, roomId));
  store.setState({ roomId: roomId === undefined ? null : Number(roomId) });
}

/** A browser that keeps nothing only forgets the room. */
function ifAllowed<T>(run: () => T): T | null {
  try {
    return run();
  } catch {
    return null;
  }
}
