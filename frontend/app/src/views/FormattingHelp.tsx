/** What can be done with a text, and how: under a button beside the field. */
import * as Popover from "@radix-ui/react-popover";
import type { ReactNode } from "react";
import { t } from "../text/t.ts";
import { LettersIcon } from "../ui/icons.tsx";
import { IconButton } from "../ui/parts.tsx";

const lines = (): [string, ReactNode, string?][] => [
  ["**bold**", <strong key="bold">{t("bold")}</strong>, "B"],
  ["_italic_", <em key="italic">{t("italic")}</em>, "I"],
  ["~~struck~~", <s key="struck">{t("struck")}</s>],
  ["`code`", <code key="code">{t("code")}</code>, "E"],
  ["```python", t("a block of code, until ```")],
  ["> quoted", t("a quote")],
  ["- one", t("a list; 1. for numbers")],
  ["[words](https://…)", t("a link")],
  ["||secret||", t("a spoiler, shown when somebody wants it")],
  ["$x^2$", t("a formula, as it is")],
  [":tada:", "🎉"],
  ["@name", t("tells that person")],
];

export function FormattingHelp() {
  const key = /Mac|iPhone|iPad/.test(navigator.userAgent) ? "⌘" : "Ctrl+";
  return (
    <Popover.Root>
      <Popover.Trigger asChild>
        <IconButton label={t("How to format")} className="max-sm:hidden">
          <LettersIcon />
        </IconButton>
      </Popover.Trigger>
      <Popover.Portal>
        <Popover.Content
          side="top"
          align="end"
          sideOffset={8}
          collisionPadding={8}
          aria-label={t("How to format")}
          className="rise z-40 max-h-[70dvh] w-[min(24rem,calc(100vw-1rem))] overflow-y-auto rounded-2xl border border-line bg-raised p-4 shadow-float"
        >
          <dl className="grid grid-cols-[auto_1fr] items-baseline gap-x-4 gap-y-1.5 text-sm">
            {lines().map(([written, shown, letter]) => (
              <div key={written} className="contents">
                <dt className="font-mono text-[13px] whitespace-nowrap">{written}</dt>
                <dd className="flex items-baseline justify-between gap-3 text-muted">
                  <span>{shown}</span>
                  {letter !== undefined && <kbd className="text-xs">{`${key}${letter}`}</kbd>}
                </dd>
              </div>
            ))}
          </dl>
          <p className="mt-3 border-t border-line pt-2 text-xs text-muted">{t("A \\ before a mark shows it as it is. Code that you paste from an editor becomes a block.")}</p>
        </Popover.Content>
      </Popover.Portal>
    </Popover.Root>
  );
}
