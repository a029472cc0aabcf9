/** Beside the send button: other ways to send what is written, and a poll. */
import { lazy, type ReactNode, Suspense, useCallback, useState } from "react";
import { createPortal } from "react-dom";
import { currentSession } from "../live/account.ts";
import { askForAcks } from "../live/marking.ts";
import type { Room } from "../live/model.ts";
import type { Links } from "../live/session.ts";
import { showToast } from "../live/store.ts";
import { asSentence } from "../text/errors.ts";
import { t } from "../text/t.ts";
import { AckIcon, ClockIcon, MoreIcon, PollIcon } from "../ui/icons.tsx";
import { Menu, MenuItem } from "../ui/menu.tsx";
import { IconButton } from "../ui/parts.tsx";

const PollEditor = lazy(async () => ({ default: (await import("./PollEditor.tsx")).PollEditor }));
const SendLaterDialog = lazy(async () => ({ default: (await import("./SendLaterDialog.tsx")).SendLaterDialog }));

interface SendingProps {
  room: Room;
  text: string;
  /** What the message replies to and quotes. */
  links: Links;
  canSend: boolean;
  /** Empties the field. */
  onSent: () => void;
}

/** In a thread there is only "later". */
export function SendingMenu({ room, text, links, canSend, onSent }: SendingProps) {
  const [dialog, setDialog] = useState<"later" | "poll" | null>(null);
  const close = useCallback(() => setDialog(null), []);
  const ask = async () => {
    try {
      await askForAcks(currentSession(), room.id, text.trim());
      onSent();
    } catch (reason) {
      showToast({ id: "ask", title: t("The message was not sent"), text: asSentence(reason), level: "warning", link: "" });
    }
  };
  return (
    <>
      <Menu
        trigger={
          <IconButton label={t("More ways to send")}>
            <MoreIcon />
          </IconButton>
        }
      >
        <MenuItem icon={<ClockIcon />} disabled={!canSend} onSelect={() => setDialog("later")}>
          {t("Send later…")}
        </MenuItem>
        {links.thread === undefined && (
          <>
            <MenuItem icon={<AckIcon />} disabled={!canSend} onSelect={() => void ask()}>
              {t("Send, and ask to acknowledge it")}
            </MenuItem>
            <MenuItem icon={<PollIcon />} onSelect={() => setDialog("poll")}>
              {t("Make a poll…")}
            </MenuItem>
          </>
        )}
      </Menu>
      <Apart>
        {dialog === "later" && <SendLaterDialog later={{ room: room.id, text: text.trim(), ...links }} onSent={onSent} onClose={close} />}
        {dialog === "poll" && <PollEditor room={room} question={text.trim()} onSent={onSent} onClose={close} />}
      </Apart>
    </>
  );
}

/** The menu stands in a form, and no form may hold another: what these send is none of that one's business. */
function Apart({ children }: { children: ReactNode }) {
  return createPortal(
    <div onSubmit={(event) => event.stopPropagation()}>
      <Suspense fallback={null}>{children}</Suspense>
    </div>,
    document.body,
  );
}
