/** Which room is open is in the address (`#/room/42`), so that back, reload and links from notifications work. */
import { store } from "./store.ts";

export function goToRoom(roomId: number | null): void {
  const hash = roomId === null ? "#/" : `#/room/${roomId}`;
  if (location.hash !== hash) location.hash = hash;
}

export function followAddress(): void {
  const read = () => {
    const roomId = /^#\/room\/(\d+)$/.exec(location.hash)?.[1];
    store.setState({ roomId: roomId === undefined ? null : Number(roomId) });
  };
  window.addEventListener("hashchange", read);
  read();
}
