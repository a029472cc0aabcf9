/** A button that opens the picker above it. The picker itself is loaded when somebody first wants it. */
import * as Popover from "@radix-ui/react-popover";
import { lazy, type ReactElement, Suspense, useRef, useState } from "react";
import { t } from "../text/t.ts";
import { SmileIcon } from "../ui/icons.tsx";
import { IconButton } from "../ui/parts.tsx";

const EmojiPicker = lazy(async () => ({ default: (await import("./EmojiPicker.tsx")).EmojiPicker }));

interface ButtonProps {
  /** A character, or `:name:` of the installation's own. Called as the picker closes. */
  onPick: (emoji: string) => void;
  /** Another button than the usual one; it must take a ref and the props of a button. */
  trigger?: ReactElement;
  /** Whether the button has the focus then; otherwise `onPick` says who has. */
  returnsFocus?: boolean;
  onOpenChange?: (isOpen: boolean) => void;
}

export function EmojiButton({ onPick, trigger, returnsFocus = true, onOpenChange }: ButtonProps) {
  const [isOpen, setIsOpen] = useState(false);
  const picked = useRef<string | null>(null);
  const open = (wanted: boolean) => {
    setIsOpen(wanted);
    onOpenChange?.(wanted);
  };
  return (
    <Popover.Root open={isOpen} onOpenChange={open}>
      <Popover.Trigger asChild>
        {trigger ?? (
          <IconButton label={t("Insert an emoji")}>
            <SmileIcon />
          </IconButton>
        )}
      </Popover.Trigger>
      <Popover.Portal>
        <Popover.Content
          side="top"
          align="end"
          sideOffset={8}
          collisionPadding={8}
          aria-label={t("Emoji")}
          className="rise z-40 flex h-[min(26rem,70dvh)] w-[min(22rem,calc(100vw-1rem))] flex-col overflow-hidden rounded-2xl border border-line bg-raised shadow-float"
          onCloseAutoFocus={(event) => {
            if (picked.current === null) return;
            if (!returnsFocus) event.preventDefault();
            onPick(picked.current);
            picked.current = null;
          }}
        >
          <Suspense fallback={<p className="m-auto text-muted">{t("Loading…")}</p>}>
            <EmojiPicker
              onPick={(emoji) => {
                picked.current = emoji;
                open(false);
              }}
            />
          </Suspense>
        </Popover.Content>
      </Popover.Portal>
    </Popover.Root>
  );
}
