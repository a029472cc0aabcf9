/** Clocks on the wall of a time zone: what they show at a moment, and when they show something. */

export interface WallClock {
  year: number;
  /** From 1. */
  month: number;
  day: number;
  hour: number;
  minute: number;
}

/** Undefined is the browser's own zone; so is one that this browser does not know. */
export type Zone = string | undefined;

const formats = new Map<string, Intl.DateTimeFormat>();

export function wallClock(at: Date, zone: Zone): WallClock {
  const format = formatOf(zone);
  if (format === null) return { year: at.getFullYear(), month: at.getMonth() + 1, day: at.getDate(), hour: at.getHours(), minute: at.getMinutes() };
  const parts = Object.fromEntries(format.formatToParts(at).map(({ type, value }) => [type, Number(value)]));
  return { year: parts.year!, month: parts.month!, day: parts.day!, hour: parts.hour!, minute: parts.minute! };
}

/** The first moment at which the clocks there show it; the days, hours and minutes may be more than there are. */
export function momentOf({ year, month, day, hour, minute }: WallClock, zone: Zone): Date {
  if (formatOf(zone) === null) return new Date(year, month - 1, day, hour, minute);
  const shown = Date.UTC(year, month - 1, day, hour, minute);
  // By the offsets of a day before and after: where they differ, clocks change around then.
  const moments = [-86_400_000, 86_400_000].map((around) => shown - offsetMs(new Date(shown + around), zone));
  const [first, second] = moments.sort((one, other) => one - other) as [number, number];
  return new Date([first, second].find((at) => at + offsetMs(new Date(at), zone) === shown) ?? second);
}

/** 1 is Monday. */
export function weekdayOf({ year, month, day }: WallClock): number {
  return new Date(Date.UTC(year, month - 1, day)).getUTCDay() || 7;
}

/** For formats of the browser: a zone that it does not know is left out. */
export const zoneOption = (zone: Zone): { timeZone?: string } => (zone === undefined || formatOf(zone) === null ? {} : { timeZone: zone });

function offsetMs(at: Date, zone: Zone): number {
  const { year, month, day, hour, minute } = wallClock(at, zone);
  return Date.UTC(year, month - 1, day, hour, minute) - Math.floor(at.getTime() / 60_000) * 60_000;
}

function formatOf(zone: Zone): Intl.DateTimeFormat | null {
  if (zone === undefined || zone === "") return null;
  const known = formats.get(zone);
  if (known !== undefined) return known;
  try {
    const numbers = { year: "numeric", month: "numeric", day: "numeric", hour: "numeric", minute: "numeric" } as const;
    const format = new Intl.DateTimeFormat("en-US", { ...numbers, timeZone: zone, hourCycle: "h23", calendar: "gregory" });
    formats.set(zone, format);
    return format;
  } catch {
    return null; // of a newer list than this browser has
  }
}
