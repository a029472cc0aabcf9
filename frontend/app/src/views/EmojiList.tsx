/** Emoji to choose from as one writes ":…". */
import { useEffect, useState } from "react";
import { knownEmoji, loadEmoji } from "../live/emoji.ts";
import { emojiMatching, unfinishedEmojiAt, withEmoji } from "../text/emoji.ts";
import { t } from "../text/t.ts";
import { type Completion, useCaret, useChoices } from "../ui/completion.tsx";
import { EmojiSign } from "./EmojiSign.tsx";
import type { Field } from "./MentionList.tsx";

const SUGGESTED = 8;

export function useEmojiList({ ref, text, onText }: Field): Completion {
  const caret = useCaret(ref);
  const unfinished = caret.at === null ? null : unfinishedEmojiAt(text, caret.at);
  const [all, setAll] = useState(knownEmoji);
  const isWanted = unfinished !== null;
  useEffect(() => {
    // Where they do not load, there is nothing to choose from; the server knows the names all the same.
    if (isWanted) loadEmoji().then(setAll, () => undefined);
  }, [isWanted]);
  return useChoices({
    caret,
    unfinished,
    choices: unfinished === null ? [] : emojiMatching(all, unfinished.query, SUGGESTED),
    completed: (emoji) => withEmoji(text, caret.at ?? text.length, unfinished ?? { start: 0, query: "" }, emoji),
    isWritten: () => false,
    onText,
    label: t("Emoji"),
    announcement: (count) => t("{count} emoji to choose from", { count }),
    keyOf: ({ emoji }) => emoji,
    render: (emoji) => (
      <>
        <EmojiSign emoji={emoji} className="w-7 text-center text-xl" />
        <span className="min-w-0 flex-1 truncate">:{emoji.shortcodes.find((name) => name.includes(unfinished?.query ?? "")) ?? emoji.shortcodes[0]}:</span>
      </>
    ),
  });
}
