/**
 * The page's sentences in the reader's language. The English sentence is the key: `t("{n} of {total}", { n, total })`.
 * Where a number decides on the words: `plural(n, "{n} member", "{n} members")`, whose key is the second.
 * A sentence that is chosen before it is said, as in a table, is marked by `sentence("…")` and said by `t(…)`.
 * A sentence without a translation is shown in English. `tests/languages.test.ts` finds those, and those that nothing says.
 */

/** What is said for one key: a sentence, or one for each way in which the language counts. */
export type Translation = string | Readonly<Partial<Record<Intl.LDMLPluralRule, string>>>;
export type Sentences = Readonly<Record<string, Translation>>;
export type Values = Readonly<Record<string, string | number>>;

let sentences: Sentences = {};
let chosen = "en";
let rules = new Intl.PluralRules("en");
let numbers = new Intl.NumberFormat();
let isolates = false;

const RIGHT_TO_LEFT: ReadonlySet<string> = new Set(["ar", "fa", "he", "ur"]);

export const isRightToLeft = (language: string) => RIGHT_TO_LEFT.has(language.split("-")[0] ?? "");

/** `locale` also says how numbers and dates are written; undefined: as the browser does. */
export function setSentences(translated: Sentences, locale?: string): void {
  sentences = translated;
  chosen = locale ?? "en";
  rules = new Intl.PluralRules(chosen);
  numbers = new Intl.NumberFormat(locale);
  isolates = isRightToLeft(chosen);
}

/** The locale in which everything is said now. */
export const locale = () => chosen;

export function t(key: string, values: Values = {}): string {
  const translated = sentences[key] ?? key;
  return filled(typeof translated === "string" ? translated : (translated.other ?? key), values);
}

/** `one` and `other` are the English words; `{n}` in them is the number. */
export function plural(n: number, one: string, other: string, values: Values = {}): string {
  const translated = sentences[other];
  const said =
    translated === undefined
      ? n === 1
        ? one
        : other
      : typeof translated === "string"
        ? translated
        : (translated[rules.select(n)] ?? translated.other ?? other);
  return filled(said, { n, ...values });
}

/** Marks a sentence for translation where it stands, and leaves it as it is. */
export const sentence = (key: string) => key;

function filled(said: string, values: Values): string {
  return said.replace(/\{(\w+)\}/g, (whole, name: string) => {
    const value = values[name];
    if (typeof value === "number") return numbers.format(value);
    if (value === undefined) return whole;
    return isolates ? `\u2068${value}\u2069` : value; // a Latin name keeps its marks on its own side
  });
}
