/** Keys that work everywhere on the page. What each does is also listed in the sheet that "?" opens. */
import { useEffect } from "react";
import { openOverlay } from "../live/store.ts";

export const COMPOSER = "composer";
export const ROOM_LIST = "room-list";

export function useShortcuts(): void {
  useEffect(() => {
    const onKeyDown = (event: KeyboardEvent) => {
      if (event.defaultPrevented || event.isComposing || document.querySelector("dialog[open]") !== null) return;
      if (taken(event)) event.preventDefault();
    };
    window.addEventListener("keydown", onKeyDown);
    return () => window.removeEventListener("keydown", onKeyDown);
  }, []);
}

function taken(event: KeyboardEvent): boolean {
  const { key, altKey, shiftKey } = event;
  const command = event.ctrlKey || event.metaKey;
  if (command && !altKey && !shiftKey && key.toLowerCase() === "k") return did(() => openOverlay("palette"));
  if (command && !altKey && key === "/") return did(() => openOverlay("shortcuts"));
  if (altKey && !command && (key === "ArrowDown" || key === "ArrowUp")) return walk(key === "ArrowDown" ? 1 : -1, shiftKey);
  if (command || altKey || isWriting(event.target)) return false;
  if (key === "?") return did(() => openOverlay("shortcuts"));
  if (key === "Escape") return did(() => document.getElementById(COMPOSER)?.focus());
  return false;
}

function did(run: () => void): true {
  run();
  return true;
}

/** To the next room of the list as it is shown, whatever orders it; or to the next one with something unread. */
function walk(step: 1 | -1, unreadOnly: boolean): boolean {
  const rooms = [...document.querySelectorAll<HTMLAnchorElement>(`#${ROOM_LIST} a`)];
  // By the address: the page follows it only after this task, and keys may come faster.
  const at = rooms.findIndex(({ hash }) => location.hash === hash || location.hash.startsWith(`${hash}/`));
  const onward = step === 1 ? [...rooms.slice(at + 1), ...rooms.slice(0, at + 1)] : [...rooms.slice(0, Math.max(0, at)).reverse(), ...rooms.slice(Math.max(0, at)).reverse()];
  const next = onward.find((room) => !unreadOnly || room.dataset["unread"] === "true");
  next?.click();
  next?.scrollIntoView({ block: "nearest" });
  return next !== undefined;
}

function isWriting(target: EventTarget | null): boolean {
  return target instanceof HTMLElement && (target.isContentEditable || /^(?:INPUT|TEXTAREA|SELECT)$/.test(target.tagName));
}
