/** Moments as a person reads them, in the page's language and the browser's time zone; what is chosen, in the zone of its chooser. */
import { locale, t } from "./t.ts";
import { momentOf, type WallClock, wallClock, weekdayOf, type Zone, zoneOption } from "./zones.ts";

/** Making a formatter is slow: one of each kind is kept, for as long as the language stays. */
function formatter(options: Intl.DateTimeFormatOptions): (at: Date) => string {
  let kept: { locale: string; format: Intl.DateTimeFormat } | null = null;
  return (at) => {
    if (kept?.locale !== locale()) kept = { locale: locale(), format: new Intl.DateTimeFormat(locale(), options) };
    return kept.format.format(at);
  };
}

export const clockTime = formatter({ hour: "numeric", minute: "2-digit" });
const weekday = formatter({ weekday: "long", day: "numeric", month: "long" });
const fullDay = formatter({ weekday: "long", day: "numeric", month: "long", year: "numeric" });
export const shortDate = formatter({ day: "numeric", month: "short" });
export const fullMoment = formatter({ dateStyle: "full", timeStyle: "short" });

export function dayName(at: Date, now: Date): string {
  const daysAgo = Math.round((startOfDay(now) - startOfDay(at)) / 86_400_000);
  if (daysAgo === 0) return t("Today");
  if (daysAgo === 1) return t("Yesterday");
  return at.getFullYear() === now.getFullYear() ? weekday(at) : fullDay(at);
}

/** The time today, the date before. */
export function shortMoment(at: Date, now: Date): string {
  return startOfDay(at) === startOfDay(now) ? clockTime(at) : shortDate(at);
}

/** Times to put something off to, each with its name; those that are nearer than an hour are left out. */
export function snoozeTimes(now: Date, zone?: Zone): { name: string; at: Date }[] {
  const today = wallClock(now, zone);
  const at = (daysAhead: number, hour: number) => onDay(today, daysAhead, hour, zone);
  const inAnHour = new Date(now.getTime() + 3_600_000);
  const named = [
    { name: t("This evening"), at: at(0, 18) },
    { name: t("Tomorrow"), at: at(1, 9) },
    { name: t("Next week"), at: at(daysToMonday(today), 9) },
  ];
  return [{ name: t("In an hour"), at: inAnHour }, ...named.filter((one) => one.at > inAnHour)];
}

/** Times to be reminded at, each with its name; days begin at nine. */
export function reminderTimes(now: Date, zone?: Zone): { name: string; at: Date }[] {
  const today = wallClock(now, zone);
  const at = (daysAhead: number) => onDay(today, daysAhead, 9, zone);
  return [
    { name: t("In an hour"), at: new Date(now.getTime() + 3_600_000) },
    { name: t("Tomorrow"), at: at(1) },
    { name: t("Next Monday"), at: at(daysToMonday(today)) },
  ];
}

/** As a field for date and time wants it: local, to the minute. */
export function localInputValue(at: Date, zone?: Zone): string {
  const two = (part: number) => String(part).padStart(2, "0");
  const { year, month, day, hour, minute } = wallClock(at, zone);
  return `${year}-${two(month)}-${two(day)}T${two(hour)}:${two(minute)}`;
}

export const endOfDay = (now: Date) => new Date(now.getFullYear(), now.getMonth(), now.getDate() + 1);

/** What such a field says, as a moment. */
export function fromLocalInput(value: string, zone?: Zone): Date {
  const [year, month, day, hour, minute] = value.split(/[-T:]/).map(Number) as [number, number, number, number, number];
  return momentOf({ year, month, day, hour, minute }, zone);
}

export function snoozeMoment(at: Date, now: Date, zone?: Zone): string {
  const option = zoneOption(zone);
  const time = at.toLocaleTimeString(locale(), { hour: "numeric", minute: "2-digit", ...option });
  const [one, other] = [wallClock(at, zone), wallClock(now, zone)];
  if (one.day === other.day && one.month === other.month && one.year === other.year) return time;
  return `${at.toLocaleDateString(locale(), { day: "numeric", month: "short", ...option })}, ${time}`;
}

export const YEAR_MS = 366 * 86_400_000;

/** Times to mute something until, each with its name. The last is one that nobody waits for. */
export function muteTimes(now: Date, zone?: Zone): { name: string; at: Date }[] {
  const morning = onDay(wallClock(now, zone), 1, 8, zone);
  return [
    { name: t("For an hour"), at: new Date(now.getTime() + 3_600_000) },
    { name: t("Until tomorrow"), at: morning },
    { name: t("For a week"), at: new Date(now.getTime() + 7 * 86_400_000) },
    { name: t("Until I end it"), at: new Date(now.getTime() + 9 * YEAR_MS) },
  ];
}

/** The days of a week from Monday, numbered as ISO does. */
export function weekdayNames(): { number: number; short: string; long: string }[] {
  // The first of January 2024 was a Monday.
  const name = (day: number, weekday: "short" | "long") => new Intl.DateTimeFormat(locale(), { weekday }).format(new Date(2024, 0, day));
  return [1, 2, 3, 4, 5, 6, 7].map((number) => ({ number, short: name(number, "short"), long: name(number, "long") }));
}

export function seconds(ms: number): string {
  return t("{n} s", { n: Math.max(1, Math.ceil(ms / 1000)) });
}

/** From tomorrow on: on a Monday, the one after. */
function daysToMonday(today: WallClock): number {
  return 8 - weekdayOf(today);
}

function onDay({ year, month, day }: WallClock, daysAhead: number, hour: number, zone: Zone): Date {
  return momentOf({ year, month, day: day + daysAhead, hour, minute: 0 }, zone);
}

function startOfDay(at: Date): number {
  return new Date(at.getFullYear(), at.getMonth(), at.getDate()).getTime();
}
