/** What can be done with a message that concerns where it is said: reply in its thread, quote, forward, copy its link. */
import { type KeyboardEvent, lazy, type ReactNode, Suspense, useState } from "react";
import { newId } from "../live/ids.ts";
import type { Message } from "../live/model.ts";
import { goToThread, linkTo } from "../live/place.ts";
import { showToast, store } from "../live/store.ts";
import { copyText } from "../text/copy.ts";
import { t } from "../text/t.ts";
import { ForwardIcon, LinkIcon, MoreIcon, QuoteIcon, ThreadIcon } from "../ui/icons.tsx";
import { Menu, MenuItem } from "../ui/menu.tsx";
import { IconButton } from "../ui/parts.tsx";

const ForwardDialog = lazy(() => import("./ForwardDialog.tsx").then(({ ForwardDialog: view }) => ({ default: view })));

export interface MessageActions {
  menu: ReactNode;
  dialog: ReactNode;
  /** T, Q, F and C, as long as the focus is in the message and nothing is written there. */
  onKeyDown: (event: KeyboardEvent<HTMLElement>) => void;
}

export function useMessageActions(message: Message, inThread: boolean): MessageActions {
  const [forwarding, setForwarding] = useState(false);
  const actions = [
    { key: "t", label: t("Reply in thread"), icon: <ThreadIcon />, run: () => goToThread(message.room, message.root ?? message.id) },
    { key: "q", label: t("Quote"), icon: <QuoteIcon />, run: () => quote(message, inThread) },
    { key: "f", label: t("Forward"), icon: <ForwardIcon />, run: () => setForwarding(true) },
    { key: "c", label: t("Copy link"), icon: <LinkIcon />, run: () => void copyLink(message) },
  ].filter(({ key }) => !inThread || key !== "t");
  const onKeyDown = (event: KeyboardEvent<HTMLElement>) => {
    const isElsewhere = event.target instanceof HTMLElement && event.target.closest("input, textarea, select, [contenteditable], dialog") !== null;
    if (message.deleted || isElsewhere || event.ctrlKey || event.metaKey || event.altKey || event.defaultPrevented) return;
    const action = actions.find(({ key }) => key === event.key.toLowerCase());
    if (action === undefined || !event.currentTarget.contains(event.target as Node)) return;
    event.preventDefault();
    action.run();
  };
  const menu = (
    <Menu
      trigger={
        <IconButton label={t("More actions for this message")} className="size-8">
          <MoreIcon width={16} height={16} />
        </IconButton>
      }
    >
      {actions.map(({ key, label, icon, run }) => (
        <MenuItem key={key} icon={icon} onSelect={run}>
          <span className="flex-1">{label}</span>
          <kbd aria-hidden="true" className="text-xs text-muted uppercase max-sm:hidden">
            {key}
          </kbd>
        </MenuItem>
      ))}
    </Menu>
  );
  const dialog = forwarding && (
    <Suspense>
      <ForwardDialog message={message} onClose={() => setForwarding(false)} />
    </Suspense>
  );
  return { menu, dialog, onKeyDown };
}

/** Has the composer of where the message is shown quote it. */
function quote(message: Message, inThread: boolean): void {
  const threadId = inThread ? (message.root ?? message.id) : null;
  store.setState({ quoting: { roomId: message.room, threadId, message } });
}

async function copyLink(message: Message): Promise<void> {
  const link = linkTo(message.room, message.number);
  const copied = await copyText(link);
  const title = copied ? t("Link copied") : t("The browser does not allow copying. This is the link:");
  showToast({ id: newId(), title, text: copied ? "" : link, level: copied ? "success" : "warning", link: "" });
}
