/** Small hooks that several views share. */
import { useCallback, useEffect, useRef, useState, useSyncExternalStore } from "react";
import { asSentence } from "../text/errors.ts";

/** The time, renewed every `everyMs` while `running`. */
export function useNow(everyMs: number, running: boolean): number {
  const [now, setNow] = useState(() => Date.now());
  useEffect(() => {
    if (!running) return;
    setNow(Date.now());
    const timer = setInterval(() => setNow(Date.now()), everyMs);
    return () => clearInterval(timer);
  }, [everyMs, running]);
  return now;
}

/** Runs on a key press anywhere on the page that `matches`. */
export function useShortcut(matches: (event: KeyboardEvent) => boolean, run: (event: KeyboardEvent) => void): void {
  const latest = useRef({ matches, run });
  useEffect(() => {
    latest.current = { matches, run };
  });
  useEffect(() => {
    const onKeyDown = (event: KeyboardEvent) => {
      if (!latest.current.matches(event)) return;
      event.preventDefault();
      latest.current.run(event);
    };
    window.addEventListener("keydown", onKeyDown);
    return () => window.removeEventListener("keydown", onKeyDown);
  }, []);
}

/** True once `value` has been true for `forMs`; false at once. */
export function useLasting(value: boolean, forMs: number): boolean {
  const [lasting, setLasting] = useState(false);
  useEffect(() => {
    if (!value) return setLasting(false);
    const timer = setTimeout(() => setLasting(true), forMs);
    return () => clearTimeout(timer);
  }, [value, forMs]);
  return lasting;
}

/** Whether a person is looking: the page is shown and its window has the focus. */
export function useLooking(): boolean {
  return useSyncExternalStore(listenToLooking, () => document.visibilityState === "visible" && document.hasFocus());
}

function listenToLooking(changed: () => void): () => void {
  const controller = new AbortController();
  const { signal } = controller;
  window.addEventListener("focus", changed, { signal });
  window.addEventListener("blur", changed, { signal });
  document.addEventListener("visibilitychange", changed, { signal });
  return () => controller.abort();
}

/** Runs one request at a time and keeps its error as a sentence. */
export function useRequest(): { busy: boolean; error: string | null; run: (request: () => Promise<void>) => void } {
  const [busy, setBusy] = useState(false);
  const [error, setError] = useState<string | null>(null);
  const run = useCallback((request: () => Promise<void>) => {
    setBusy(true);
    setError(null);
    request()
      .catch((reason: unknown) => setError(asSentence(reason)))
      .finally(() => setBusy(false));
  }, []);
  return { busy, error, run };
}

/** What `find` answers to the text, asked a moment after the last keystroke. Null while the first answer is awaited. */
export function useFound<T>(text: string, find: (text: string) => Promise<T[]>): { found: T[] | null; error: string | null } {
  const [found, setFound] = useState<T[] | null>(null);
  const [error, setError] = useState<string | null>(null);
  useEffect(() => {
    let wanted = true;
    const timer = setTimeout(() => {
      find(text).then(
        (answer) => {
          if (!wanted) return;
          setFound(answer);
          setError(null);
        },
        (reason: unknown) => wanted && setError(asSentence(reason)),
      );
    }, 200);
    return () => {
      wanted = false;
      clearTimeout(timer);
    };
  }, [text, find]);
  return { found, error };
}
