/** The commands to choose from as one writes "/…", and what a command answered. */
import { useEffect, useState } from "react";
import { matching, type SlashCommand, slashCommands } from "../live/slash.ts";
import { t } from "../text/t.ts";
import { CloseIcon } from "../ui/icons.tsx";
import { IconButton } from "../ui/parts.tsx";

const nothing: SlashCommand[] = [];

/** What matches the text in the field so far. */
export function useSlashCommands(text: string): SlashCommand[] {
  const [commands, setCommands] = useState(nothing);
  const begins = text.startsWith("/");
  useEffect(() => {
    if (begins) slashCommands().then(setCommands, () => undefined); // without the list they work all the same
  }, [begins]);
  return begins ? matching(commands, text) : nothing;
}

export function SlashList({ commands, onChoose }: { commands: readonly SlashCommand[]; onChoose: (text: string) => void }) {
  if (commands.length === 0) return null;
  return (
    <ul
      aria-label={t("Commands")}
      className="rise absolute inset-x-0 bottom-full z-30 mb-2 max-h-72 overflow-y-auto rounded-2xl border border-line bg-raised p-1.5 shadow-float sm:max-w-md"
    >
      {commands.map(({ name, usage, description }) => (
        <li key={name}>
          <button
            type="button"
            className="flex w-full items-baseline gap-2 rounded-xl px-2.5 py-2 text-start hover:bg-hover"
            onMouseDown={(event) => event.preventDefault()} // the field keeps the focus
            onClick={() => onChoose(`/${name} `)}
          >
            <span className="font-medium">/{name}</span>
            <span className="text-sm text-muted">{usage}</span>
            <span className="min-w-0 flex-1 truncate text-right text-sm text-muted">{description}</span>
          </button>
        </li>
      ))}
    </ul>
  );
}

/** Only the person sees it. */
export function SlashAnswer({ text, failed, onClose }: { text: string; failed: boolean; onClose: () => void }) {
  return (
    <div role="status" className="mb-2 flex items-start gap-2 rounded-xl border border-line bg-surface px-3 py-2 text-sm">
      <p className={`min-w-0 flex-1 break-words whitespace-pre-wrap ${failed ? "text-danger" : ""}`}>{text}</p>
      <IconButton label={t("Dismiss")} className="size-7" onClick={onClose}>
        <CloseIcon width={16} height={16} />
      </IconButton>
    </div>
  );
}
