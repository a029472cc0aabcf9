import { afterEach, describe, expect, test } from "vitest";
import ar from "../src/text/languages/ar.json";
import de from "../src/text/languages/de.json";
import { plural, type Sentences, setSentences, t, type Translation } from "../src/text/t.ts";
import { saidIn } from "./sentences.ts";

const sources = import.meta.glob<string>("../src/**/*.{ts,tsx}", { query: "?raw", import: "default", eager: true });
const said = new Map(
  Object.entries(sources)
    .filter(([path]) => !path.endsWith("/text/t.ts"))
    .flatMap(([, source]) => saidIn(source))
    .map(({ key, counted }) => [key, counted] as const),
);
const LANGUAGES: Record<string, Sentences> = { de, ar };

const forms = (translation: Translation) => (typeof translation === "string" ? [translation] : Object.values(translation));
const places = (sentence: string) => [...new Set(sentence.match(/\{\w+\}/g))].sort();

describe.each(Object.entries(LANGUAGES))("%s", (language, words) => {
  test("has every sentence of the page", () => {
    expect([...said.keys()].filter((key) => !(key in words))).toEqual([]);
  });

  test("has no sentence that nothing says", () => {
    expect(Object.keys(words).filter((key) => !said.has(key))).toEqual([]);
  });

  test("fills in nothing that the English does not", () => {
    const strange = Object.entries(words).filter(([key, translation]) =>
      forms(translation).some((form) => places(form).some((place) => !places(key).includes(place))),
    );
    expect(strange).toEqual([]);
  });

  test("leaves out nothing but a number that its words say", () => {
    const forgetful = Object.entries(words).filter(([key, translation]) => {
      const needed = places(key).filter((place) => place !== "{n}" || typeof translation === "string");
      return forms(translation).some((form) => needed.some((place) => !places(form).includes(place)));
    });
    expect(forgetful).toEqual([]);
  });

  test("counts as it does, wherever a number decides", () => {
    const needed = new Intl.PluralRules(language).resolvedOptions().pluralCategories;
    const plain = Object.entries(words).filter(([key, translation]) => said.get(key) === true && (typeof translation === "string" || translation.other === undefined));
    expect(plain).toEqual([]);
    expect(needed).toContain("other");
  });
});

describe("a sentence", () => {
  afterEach(() => setSentences({}));

  test("is English where there is no translation, with its values in place", () => {
    expect(t("{n} of {total}", { n: 2, total: 5 })).toBe("2 of 5");
    expect(plural(1, "{n} member", "{n} members")).toBe("1 member");
    expect(plural(1234, "{n} member", "{n} members")).toBe("1,234 members");
  });

  test("counts as its language does", () => {
    setSentences(ar, "ar-u-nu-latn");
    expect([1, 2, 3, 11, 100].map((n) => plural(n, "{n} member", "{n} members"))).toEqual(["عضو واحد", "عضوان", "3 أعضاء", "11 عضوًا", "100 عضو"]);
    setSentences(de, "de");
    expect(plural(1, "{n} member", "{n} members")).toBe("1 Mitglied");
    expect(plural(1234, "{n} member", "{n} members")).toBe("1.234 Mitglieder");
  });

  test("is found in the sources however it stands there", () => {
    const source = `t("a, b") + t(\n  isNew ? "c" : "d",\n) + plural(f(x, 1), "{n} e", "{n} es", { n: "no" }) + sentence("f") + set("g")`;
    expect(saidIn(source).map(({ key }) => key)).toEqual(["a, b", "c", "d", "{n} es", "f"]);
  });
});
