/** What the person sends later, in the order of when. Pure functions. */
import type { EventMap } from "@carillon/sdk";
import type { LiveState } from "./model.ts";

export type Scheduled = EventMap["chat.schedule_changed"]["scheduled"];

/** Before they were fetched nothing is known of them, and there is nothing to change. */
export function withScheduled(state: LiveState, scheduled: Scheduled): LiveState {
  if (state.scheduled === null) return state;
  return withAllScheduled(state, [...state.scheduled.filter(({ id }) => id !== scheduled.id), scheduled]);
}

export function withAllScheduled(state: LiveState, scheduled: readonly Scheduled[]): LiveState {
  return { ...state, scheduled: [...scheduled].sort((a, b) => Date.parse(a.send_at) - Date.parse(b.send_at) || a.id - b.id) };
}

export function withoutScheduled(state: LiveState, id: number): LiveState {
  return state.scheduled === null ? state : withAllScheduled(state, state.scheduled.filter((one) => one.id !== id));
}
