/** Numbers, sizes and lists as a person reads them, in the page's language. */
import { locale } from "./t.ts";

const UNITS = ["byte", "kilobyte", "megabyte", "gigabyte"] as const;

/** Making a formatter is slow: this one is kept, for as long as the language stays. */
let whole = { locale: "", format: new Intl.NumberFormat() };

export function count(amount: number): string {
  if (whole.locale !== locale()) whole = { locale: locale(), format: new Intl.NumberFormat(locale()) };
  return whole.format.format(amount);
}

export const listed = (names: readonly string[]) => new Intl.ListFormat(locale(), { type: "conjunction" }).format(names);

export function fileSize(bytes: number): string {
  const step = Math.min(UNITS.length - 1, Math.max(0, Math.floor(Math.log10(Math.max(1, bytes)) / 3)));
  const unit = UNITS[step] ?? "byte";
  return new Intl.NumberFormat(locale(), { style: "unit", unit, unitDisplay: step === 0 ? "long" : "short", maximumFractionDigits: 1 }).format(bytes / 1000 ** step);
}
