/** Opens the emojis to react with. */
import * as Popover from "@radix-ui/react-popover";
import { lazy, Suspense, useState } from "react";
import { currentSession } from "../live/account.ts";
import { toggleReaction } from "../live/marking.ts";
import type { Message } from "../live/model.ts";
import { t } from "../text/t.ts";
import { SmileIcon } from "../ui/icons.tsx";
import { IconButton } from "../ui/parts.tsx";
import { QuickReactions } from "./QuickReactions.tsx";

const EmojiPicker = lazy(async () => ({ default: (await import("./EmojiPicker.tsx")).EmojiPicker }));

export function ReactionButton({ message, className }: { message: Message; className: string }) {
  const [open, setOpen] = useState(false);
  const [all, setAll] = useState(false);
  const change = (wanted: boolean) => {
    setOpen(wanted);
    setAll(false);
  };
  const pick = (emoji: string) => {
    change(false);
    void toggleReaction(currentSession(), message, emoji);
  };
  return (
    <Popover.Root open={open} onOpenChange={change}>
      <Popover.Trigger asChild>
        <IconButton label={t("Add a reaction")} className={className}>
          <SmileIcon width={16} height={16} />
        </IconButton>
      </Popover.Trigger>
      <Popover.Portal>
        <Popover.Content
          align="end"
          sideOffset={4}
          collisionPadding={8}
          aria-label={t("Add a reaction")}
          className={`rise z-40 border border-line bg-raised shadow-float ${all ? "flex h-[min(26rem,70dvh)] w-[min(22rem,calc(100vw-1rem))] flex-col overflow-hidden rounded-2xl" : "rounded-full"}`}
        >
          {all ? (
            <Suspense fallback={<p className="m-auto text-muted">{t("Loading…")}</p>}>
              <EmojiPicker onPick={pick} />
            </Suspense>
          ) : (
            <QuickReactions onPick={pick} onMore={() => setAll(true)} />
          )}
        </Popover.Content>
      </Popover.Portal>
    </Popover.Root>
  );
}
