/** Commands that are written like messages. */
import { api } from "./api.ts";
import type { Session } from "./session.ts";

export interface SlashCommand {
  name: string;
  usage: string;
  description: string;
}

let known: Promise<SlashCommand[]> | null = null;

/** All there are: asked for once, at the first slash. */
export function slashCommands(): Promise<SlashCommand[]> {
  known ??= api<SlashCommand[]>("GET", "/slash-commands").catch((reason: unknown) => {
    known = null;
    throw reason;
  });
  return known;
}

/** Whether a text is one. A path such as "/etc/hosts" or a lone slash is not. */
export const isSlash = (text: string) => /^\/{1,2}[a-z][\w-]*(\s|$)/i.test(text);

/** The commands whose name begins with what was written so far; none once the name is complete and something follows. */
export function matching(commands: readonly SlashCommand[], text: string): SlashCommand[] {
  const begun = /^\/([\w-]*)$/.exec(text)?.[1]?.toLowerCase();
  return begun === undefined ? [] : commands.filter(({ name }) => name.startsWith(begun));
}

/** The answer for oneself; empty where there is none. */
export async function runSlash(session: Session, room: number, text: string): Promise<string> {
  return (await session.call("chat.slash_run", { room, text, client_id: session.newId() })).whisper;
}
