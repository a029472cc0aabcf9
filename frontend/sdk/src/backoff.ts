/** When to try again: exponential with full jitter, so that clients cut off together do not come back together. */
import type { Random } from "./ports.ts";

export interface BackoffLimits {
  baseMs: number;
  capMs: number;
}

export const DEFAULT_BACKOFF: BackoffLimits = { baseMs: 250, capMs: 20_000 };

/** Between 0 and `min(cap, base * 2^attempt)`; `attempt` counts failures in a row, from 0. */
export function backoffMs(attempt: number, random: Random, limits: BackoffLimits = DEFAULT_BACKOFF): number {
  const ceilingMs = Math.min(limits.capMs, limits.baseMs * 2 ** Math.min(attempt, 30));
  return Math.round(random() * ceilingMs);
}
