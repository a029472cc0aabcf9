/** Swipes, for fingers. Whatever a swipe does, a button does too. */
import { type RefObject, useEffect, useEffectEvent } from "react";

/** As one reads: toward the start is to the left where lines begin there. */
export type Toward = "start" | "end";

const LEAST_PX = 64;
const LONGEST_MS = 700;
/** What moves sideways itself, or is being written or chosen in. */
const OWN_SWIPE = "pre, table, textarea, input, audio, video, [role=slider], [role=listbox], dialog";

export function useSwipe(ref: RefObject<HTMLElement | null>, onSwipe: (toward: Toward, from: Element) => void): void {
  const swiped = useEffectEvent(onSwipe);
  useEffect(() => {
    const element = ref.current;
    if (element === null) return;
    const listening = new AbortController();
    const options = { passive: true, signal: listening.signal };
    let start: { x: number; y: number; atMs: number; from: Element } | null = null;
    element.addEventListener(
      "touchstart",
      ({ touches, target }) => {
        const [touch, another] = touches;
        const isOurs = touch !== undefined && another === undefined && target instanceof Element && target.closest(OWN_SWIPE) === null;
        start = isOurs ? { x: touch.clientX, y: touch.clientY, atMs: Date.now(), from: target } : null;
      },
      options,
    );
    element.addEventListener(
      "touchend",
      ({ changedTouches }) => {
        const touch = changedTouches[0];
        if (start === null || touch === undefined || !window.getSelection()?.isCollapsed) return;
        const [dx, dy] = [touch.clientX - start.x, touch.clientY - start.y];
        if (Math.abs(dx) < LEAST_PX || Math.abs(dy) > Math.abs(dx) / 2 || Date.now() - start.atMs > LONGEST_MS) return;
        const isRightToLeft = document.documentElement.dir === "rtl";
        swiped(dx > 0 !== isRightToLeft ? "end" : "start", start.from);
      },
      options,
    );
    return () => listening.abort();
  }, [ref]);
}
