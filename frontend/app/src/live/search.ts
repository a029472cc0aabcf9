/** Asks the server for messages by what they say. */
import { api } from "./api.ts";
import type { Message } from "./model.ts";
import { store } from "./store.ts";

export type SearchOrder = "newest" | "relevance";

export interface Highlight {
  start: number;
  length: number;
}

export interface Found {
  message: Message;
  /** In one line, without marks, spoilers covered. */
  text: string;
  highlights: Highlight[];
}

export interface SearchPage {
  items: Found[];
  next: string | null;
  up_to_date: boolean;
}

/** The values that `has:` and `is:` know on this server. */
export interface Operators {
  has: string[];
  states: string[];
}

export function search(query: string, order: SearchOrder, cursor: string | null): Promise<SearchPage> {
  const { timeZone } = Intl.DateTimeFormat().resolvedOptions();
  const asked = new URLSearchParams({ q: query, order, time_zone: timeZone });
  if (cursor !== null) asked.set("cursor", cursor);
  return api("GET", `/search?${asked.toString()}`);
}

export function searchOperators(): Promise<Operators> {
  return api("GET", "/search/operators");
}

export function openSearch(initial: string): void {
  store.setState({ search: initial });
}

export function closeSearch(): void {
  store.setState({ search: null });
}
