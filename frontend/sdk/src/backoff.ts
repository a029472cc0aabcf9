/** When to try again: exponential with full jitter, so that clients cut off together do not come back together. */
import type { Random } from "./ports.ts";

export interface BackoffLimits {
  baseMs: number;
  capMs: number;
}

export const DEFAULT_BACKOFF: BackoffLimits = { baseMs: 250, capMs: 20_000 };

/** The ceiling rests after three doublings for five more tries, about as long as a server takes to start again. */
const DOUBLINGS_BEFORE_REST = 3;
const TRIES_AT_REST = 5;

/**
 * Between 0 and a ceiling of `base * 2^doublings`, at most `cap`; `attempt` counts failures in a row, from 0.
 * A restart is over within 3 s for nearly everybody; a longer absence is asked after less and less often.
 */
export function backoffMs(attempt: number, random: Random, limits: BackoffLimits = DEFAULT_BACKOFF): number {
  const doublings = Math.min(attempt, Math.max(DOUBLINGS_BEFORE_REST, attempt - TRIES_AT_REST), 30);
  const ceilingMs = Math.min(limits.capMs, limits.baseMs * 2 ** doublings);
  return Math.round(random() * ceilingMs);
}
