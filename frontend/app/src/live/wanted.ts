/** What a person has chosen, as far as the page itself has to heed it: what is shown at all, and what may disturb. Pure. */
import { wallClock, weekdayOf } from "../text/zones.ts";
import type { InboxItem, Preferences } from "./model.ts";

/** A line that an audience shares comes to all of it: who turned its kind off in the app does not see it. */
export function isWanted(item: InboxItem, preferences: Preferences | null): boolean {
  if (!item.id.startsWith("b") || item.critical === true || preferences === null) return true;
  const { category } = item;
  return !preferences.choices.some((one) => one.category === category && one.channel === "in_app" && one.frequency === "off");
}

/** Whether it may come up over what the person is doing. The inbox keeps it in any case. */
export function mayDisturb(item: InboxItem, preferences: Preferences | null, now: Date): boolean {
  if (item.critical === true || preferences === null) return true;
  const room = /^\/#\/room\/(\d+)/.exec(item.link)?.[1];
  const rule = preferences.scopes.find(({ scope }) => scope === `room:${room}`);
  return !liesAhead(preferences.muted_until, now) && !liesAhead(rule?.muted_until ?? null, now) && !isSilent(preferences, now);
}

/** Quiet hours, and days off, by the clock on the wall of the person's zone. */
function isSilent({ quiet_hours, working_days, zone }: Preferences, now: Date): boolean {
  const clock = wallClock(now, zone);
  if (!working_days.includes(weekdayOf(clock))) return true;
  if (quiet_hours === null) return false;
  const [time, from, until] = [clock.hour * 60 + clock.minute, minutesOf(quiet_hours.from), minutesOf(quiet_hours.until)];
  return from < until ? from <= time && time < until : time >= from || time < until;
}

function minutesOf(time: string): number {
  const [hours, minutes] = time.split(":").map(Number) as [number, number];
  return hours * 60 + minutes;
}

const liesAhead = (moment: string | null, now: Date) => moment !== null && Date.parse(moment) > now.getTime();
