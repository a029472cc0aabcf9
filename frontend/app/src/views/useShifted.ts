import { type RefObject, useLayoutEffect, useRef } from "react";
import type { VirtualizerHandle } from "virtua";

/** True for the one rendering in which messages came or went at the start: the list then keeps its place from the end. */
export function useShifted(firstNumber: number | undefined, list: RefObject<VirtualizerHandle | null>): boolean {
  const before = useRef(firstNumber);
  const shifted = before.current !== undefined && firstNumber !== undefined && firstNumber !== before.current;
  useLayoutEffect(() => {
    before.current = firstNumber;
  });
  // Before the list has measured the window it shows nothing, so there is no place to keep; and it would wait for a
  // scroll event that a list shorter than the window never has, and stay empty.
  return shifted && (list.current?.viewportSize ?? 0) > 0;
}
