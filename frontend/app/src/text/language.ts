/** Which language the page speaks: the one in the person's preferences, else the browser's. Its words are fetched on demand. */
import { remembered } from "../live/remembered.ts";
import { store } from "../live/store.ts";
import { isRightToLeft, type Sentences, setSentences } from "./t.ts";

const LANGUAGES: Readonly<Record<string, () => Promise<{ default: Sentences }>>> = {
  de: () => import("./languages/de.json"),
  ar: () => import("./languages/ar.json"),
};
/** What the preferences said last: known before the server has said anything. */
const KEY = "carillon.language";

/** At the start, before anything is shown. */
export function speakAsLastTime(): Promise<void> {
  return speak(remembered.get(KEY) ?? "");
}

/** As the preferences say, from now on; "" is as the browser does. */
export function followPreferences(): void {
  store.subscribe(({ live }, before) => {
    const chosen = live?.preferences?.language;
    if (chosen === undefined || chosen === before.live?.preferences?.language) return;
    remembered.set(KEY, chosen);
    void speak(chosen);
  });
}

async function speak(chosen: string): Promise<void> {
  const language = (chosen === "" ? navigator.languages.map(baseOf).find((one) => one in LANGUAGES || one === "en") : baseOf(chosen)) ?? "en";
  const locale = navigator.languages.find((one) => baseOf(one) === language) ?? language;
  if (store.getState().locale === locale) return;
  try {
    const words = (await LANGUAGES[language]?.())?.default ?? {};
    setSentences(words, locale);
  } catch {
    return; // without a network the words that are there go on being used
  }
  document.documentElement.lang = locale;
  document.documentElement.dir = isRightToLeft(language) ? "rtl" : "ltr";
  store.setState({ locale });
}

const baseOf = (language: string) => language.toLowerCase().split("-")[0] ?? "en";
