/** What the person wants to be told of again, in the order of when. Pure functions. */
import type { EventMap } from "@carillon/sdk";
import type { LiveState } from "./model.ts";

export type Reminder = EventMap["notifications.reminder_set"]["reminder"];

/** Before they were fetched nothing is known of them, and there is nothing to change. */
export function withReminder(state: LiveState, reminder: Reminder): LiveState {
  if (state.reminders === null) return state;
  const others = state.reminders.filter(({ id }) => id !== reminder.id);
  return withReminders(state, [...others, reminder]);
}

export function withReminders(state: LiveState, reminders: readonly Reminder[]): LiveState {
  return { ...state, reminders: [...reminders].sort((a, b) => Date.parse(a.due_at) - Date.parse(b.due_at) || a.id - b.id) };
}

export function withoutReminder(state: LiveState, id: number): LiveState {
  return state.reminders === null ? state : withReminders(state, state.reminders.filter((one) => one.id !== id));
}
