/** Numbers, sizes and lists as a person reads them, in the page's language. */
import { locale } from "./t.ts";

const UNITS = ["byte", "kilobyte", "megabyte", "gigabyte"] as const;

export const count = (amount: number) => new Intl.NumberFormat(locale()).format(amount);

export const listed = (names: readonly string[]) => new Intl.ListFormat(locale(), { type: "conjunction" }).format(names);

export function fileSize(bytes: number): string {
  const step = Math.min(UNITS.length - 1, Math.max(0, Math.floor(Math.log10(Math.max(1, bytes)) / 3)));
  const unit = UNITS[step] ?? "byte";
  return new Intl.NumberFormat(locale(), { style: "unit", unit, unitDisplay: step === 0 ? "long" : "short", maximumFractionDigits: 1 }).format(bytes / 1000 ** step);
}
