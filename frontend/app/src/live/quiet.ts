/** Whether a person wants to be disturbed now, by their own preferences, as the server judges for e-mail and push. Pure. */
import type { InboxItem, Preferences } from "./model.ts";

const ROOM = /^\/#\/room\/(\d+)(?:\/|$)/;

export function mayDisturb(item: Pick<InboxItem, "level" | "link">, preferences: Preferences | null, usualZone: string, now: Date): boolean {
  if (item.level === "critical" || preferences === null) return true;
  if (isUntil(preferences.muted_until, now)) return false;
  const room = ROOM.exec(item.link)?.[1];
  const rule = preferences.scopes.find(({ scope }) => scope === `room:${room}`);
  if (rule !== undefined && (rule.follow === "nothing" || isUntil(rule.muted_until, now))) return false;
  const { day, time } = localTime(now, preferences.time_zone || usualZone);
  if (!preferences.working_days.includes(day)) return false;
  const { quiet_hours: quiet } = preferences;
  return quiet === null || !isWithin(time, quiet.from, quiet.until);
}

const isUntil = (end: string | null, now: Date) => end !== null && Date.parse(end) > now.getTime();

/** "HH:MM" in order of the day; over midnight where `until` is the earlier one. */
function isWithin(time: string, from: string, until: string): boolean {
  return from <= until ? time >= from && time < until : time >= from || time < until;
}

/** The ISO weekday, 1 is Monday, and the time "HH:MM" in that zone. */
function localTime(now: Date, timeZone: string): { day: number; time: string } {
  const zone = timeZone === "" ? {} : { timeZone };
  const parts = new Intl.DateTimeFormat("en-GB", { ...zone, weekday: "short", hour: "2-digit", minute: "2-digit", hourCycle: "h23" }).formatToParts(now);
  const part = (type: string) => parts.find((one) => one.type === type)?.value ?? "";
  return { day: ["Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"].indexOf(part("weekday")) + 1, time: `${part("hour")}:${part("minute")}` };
}
