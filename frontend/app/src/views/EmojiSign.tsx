/** One emoji to look at: a character, or a picture of this installation. */
import { useEffect, useState } from "react";
import { knownEmoji, loadEmoji } from "../live/emoji.ts";
import type { Emoji } from "../text/emoji.ts";

export function EmojiSign({ emoji, className = "" }: { emoji: Pick<Emoji, "emoji" | "url">; className?: string }) {
  return (
    <span aria-hidden="true" className={`inline-flex items-center justify-center leading-none ${className}`}>
      {emoji.url === undefined ? emoji.emoji : <img src={emoji.url} alt="" className="emoji" draggable={false} loading="lazy" />}
    </span>
  );
}

/** What `EmojiPicker` picked: the character, or the picture that `:name:` stands for. One that is gone is its name. */
export function PickedEmoji({ picked, className = "" }: { picked: string; className?: string }) {
  const [all, setAll] = useState(knownEmoji);
  const isOwn = picked.startsWith(":");
  useEffect(() => {
    if (isOwn) loadEmoji().then(setAll, () => undefined);
  }, [isOwn, picked]);
  const own = isOwn ? all.find(({ emoji }) => emoji === picked) : undefined;
  return <EmojiSign emoji={own ?? { emoji: picked }} className={className} />;
}
