/** All that can be completed while one writes a message. */
import { combined, type Completion } from "../ui/completion.tsx";
import { useEmojiList } from "./EmojiList.tsx";
import { type Field, useMentionList } from "./MentionList.tsx";

export function useCompletions(field: Field): Completion {
  return combined(useMentionList(field), useEmojiList(field));
}
