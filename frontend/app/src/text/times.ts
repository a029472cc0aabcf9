/** Moments as a person reads them, in the browser's language and time zone. */

const clock = new Intl.DateTimeFormat(undefined, { hour: "numeric", minute: "2-digit" });
const weekday = new Intl.DateTimeFormat(undefined, { weekday: "long", day: "numeric", month: "long" });
const fullDay = new Intl.DateTimeFormat(undefined, { weekday: "long", day: "numeric", month: "long", year: "numeric" });
const shortDay = new Intl.DateTimeFormat(undefined, { day: "numeric", month: "short" });
const moment = new Intl.DateTimeFormat(undefined, { dateStyle: "full", timeStyle: "short" });

export const clockTime = (at: Date) => clock.format(at);
export const fullMoment = (at: Date) => moment.format(at);

export function dayName(at: Date, now: Date): string {
  const daysAgo = Math.round((startOfDay(now) - startOfDay(at)) / 86_400_000);
  if (daysAgo === 0) return "Today";
  if (daysAgo === 1) return "Yesterday";
  return at.getFullYear() === now.getFullYear() ? weekday.format(at) : fullDay.format(at);
}

/** The time today, the date before. */
export function shortMoment(at: Date, now: Date): string {
  return startOfDay(at) === startOfDay(now) ? clock.format(at) : shortDay.format(at);
}

export function seconds(ms: number): string {
  return `${Math.max(1, Math.ceil(ms / 1000))} s`;
}

function startOfDay(at: Date): number {
  return new Date(at.getFullYear(), at.getMonth(), at.getDate()).getTime();
}
