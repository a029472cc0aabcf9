/** The emojis that suit most messages, and the way to all others. */
import { t } from "../text/t.ts";
import { PlusIcon } from "../ui/icons.tsx";
import { IconButton } from "../ui/parts.tsx";

const COMMON = ["👍", "❤️", "😂", "🎉", "😮", "🙏"] as const;

export function QuickReactions({ onPick, onMore }: { onPick: (emoji: string) => void; onMore: () => void }) {
  return (
    <div role="group" aria-label={t("Reactions")} className="flex items-center gap-0.5 p-1">
      {COMMON.map((emoji) => (
        <button
          key={emoji}
          type="button"
          aria-label={t("React with {emoji}", { emoji })}
          onClick={() => onPick(emoji)}
          className="inline-flex size-9 items-center justify-center rounded-full text-lg hover:bg-hover"
        >
          {emoji}
        </button>
      ))}
      <IconButton label={t("All emoji")} onClick={onMore}>
        <PlusIcon width={17} height={17} />
      </IconButton>
    </div>
  );
}
