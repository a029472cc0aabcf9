/** What the server pushes, and what becomes of it. Pure. */

export interface Payload {
  id: string;
  title: string;
  text: string;
  link: string;
  tag: string;
  level: string;
  language: string;
  unread: number;
}

/** Null for what is no push of this server: a later one may have learnt other words. */
export function payloadOf(data: unknown): Payload | null {
  if (typeof data !== "object" || data === null) return null;
  const fields = data as Partial<Record<keyof Payload, unknown>>;
  const texts = [fields.id, fields.title, fields.text, fields.link, fields.tag, fields.level, fields.language];
  return texts.every((text) => typeof text === "string") && typeof fields.unread === "number" ? (data as Payload) : null;
}

/** The address to open: the link where it leads to this site, else the site's first page. */
export function addressOf(link: unknown, origin: string): string {
  const home = `${origin}/`;
  if (typeof link !== "string" || !URL.canParse(link, home)) return home;
  const url = new URL(link, home);
  return url.origin === origin ? url.href : home;
}
