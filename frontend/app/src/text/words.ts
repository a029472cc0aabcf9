/** What one reads of a notification: in one's own language where it has that, with its marks where they are safe. */
import type { InboxItem } from "../live/model.ts";
import { safeHref } from "./links.ts";

export interface Words {
  title: string;
  text: string;
  /** Null: show `text` instead. */
  html: string | null;
}

const TAGS = new Set("P BR STRONG EM S A UL OL LI CODE PRE BLOCKQUOTE H1 H2 H3 H4 H5 H6 HR".split(" "));
const ATTRIBUTES = new Set(["href", "title", "rel", "start"]);
const PICTURE = /^\/api\/pictures\/[0-9a-f]{64}\.webp$/;

export function wordsOf(item: InboxItem, languages: readonly string[] = navigator.languages): Words {
  const known = item.translations ?? {};
  const codes = languages.flatMap((language) => [language.toLowerCase(), language.split("-")[0]!.toLowerCase()]);
  const code = codes.find((one) => one in known);
  const { title, text, html } = (code === undefined ? undefined : known[code]) ?? item;
  return { title, text, html: safeHtml(html ?? "") };
}

/** The address of an item's picture, or null: only the site's own. */
export function pictureOf(item: InboxItem): string | null {
  return item.image !== undefined && PICTURE.test(item.image) ? item.image : null;
}

/** The server makes it safe; this is the second lock. Null for nothing, and for anything that is not on the list. */
export function safeHtml(html: string): string | null {
  if (html === "") return null;
  const { body } = new DOMParser().parseFromString(html, "text/html");
  for (const element of body.querySelectorAll("*")) {
    if (!TAGS.has(element.tagName)) return null;
    if ([...element.attributes].some(({ name }) => !ATTRIBUTES.has(name))) return null;
    const href = element.getAttribute("href");
    if (href !== null && safeHref(href) === null && !href.startsWith("mailto:")) return null;
  }
  return body.innerHTML;
}
