/** Words of one's own that notify like a mention. */
import { api } from "./api.ts";
import type { LiveState } from "./model.ts";
import { newId } from "./ids.ts";
import type { Session } from "./session.ts";
import { changeLive } from "./store.ts";

export function withKeywords(state: LiveState, keywords: readonly string[]): LiveState {
  return { ...state, keywords };
}

export async function loadKeywords(): Promise<void> {
  const { words } = await api<{ words: string[] }>("GET", "/keywords");
  changeLive((live) => withKeywords(live, words));
}

export async function setKeywords(session: Session, words: readonly string[]): Promise<void> {
  const kept = await session.call("chat.keywords_set", { words: [...words], client_id: newId() });
  changeLive((live) => withKeywords(live, kept.words));
}
