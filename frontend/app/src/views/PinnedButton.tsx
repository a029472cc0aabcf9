/** In the head of a room: how many messages are pinned, and the way to them. */
import { useEffect, useState } from "react";
import { currentSession } from "../live/account.ts";
import { loadPins, setPinned } from "../live/marking.ts";
import type { Pin } from "../live/marks.ts";
import type { RoomState } from "../live/model.ts";
import { useLive, usePage } from "../live/store.ts";
import { nameOf } from "../text/names.ts";
import { t } from "../text/t.ts";
import { fullMoment } from "../text/times.ts";
import { useRequest } from "../ui/hooks.ts";
import { PinIcon } from "../ui/icons.tsx";
import { Dialog, ErrorText } from "../ui/parts.tsx";
import { MessageText } from "./MessageText.tsx";

export function PinnedButton({ state }: { state: RoomState }) {
  const [open, setOpen] = useState(false);
  const connected = usePage(({ connection }) => connection.kind === "live");
  const roomId = state.room.id;
  const known = state.pins !== null;
  useEffect(() => {
    // Where it fails, the next connection tries again.
    if (!known && connected) void loadPins(roomId).catch(() => undefined);
  }, [roomId, known, connected]);
  const pins = (state.pins ?? []).filter(({ message }) => !message.deleted);
  if (pins.length === 0 && !open) return null;
  const label = pins.length === 1 ? t("1 pinned message") : t("{count} pinned messages", { count: pins.length });
  return (
    <>
      <button
        type="button"
        aria-label={label}
        title={label}
        onClick={() => setOpen(true)}
        className="inline-flex h-9 shrink-0 items-center gap-1 rounded-full px-2.5 text-sm text-muted hover:bg-hover hover:text-ink"
      >
        <PinIcon width={17} height={17} />
        <span aria-hidden="true" className="tabular-nums">
          {pins.length}
        </span>
      </button>
      {open && (
        <Dialog title={t("Pinned messages")} onClose={() => setOpen(false)}>
          {pins.length === 0 && <p className="py-6 text-center text-muted">{t("Nothing is pinned in this room.")}</p>}
          <ul className="divide-y divide-line">
            {pins.map((pin) => (
              <PinRow key={pin.message.id} pin={pin} onOpen={() => setOpen(false)} />
            ))}
          </ul>
        </Dialog>
      )}
    </>
  );
}

function PinRow({ pin, onOpen }: { pin: Pin; onOpen: () => void }) {
  const me = useLive((live) => live.me.id);
  const { busy, error, run } = useRequest();
  const { message, pinned_by } = pin;
  return (
    <li className="py-3">
      <p className="flex flex-wrap items-baseline gap-x-2">
        <span className="font-semibold">{nameOf(message.author)}</span>
        <time dateTime={message.created_at} className="text-xs text-muted">
          {fullMoment(new Date(message.created_at))}
        </time>
      </p>
      <div className="line-clamp-6 break-words whitespace-pre-wrap">
        <MessageText text={message.text} html={message.html} mentions={message.mentions} me={me} />
      </div>
      {pinned_by !== null && <p className="text-xs text-muted">{t("Pinned by {name}", { name: nameOf(pinned_by) })}</p>}
      <p className="flex gap-4 pt-1 text-sm font-medium text-accent">
        <a href={`#/room/${message.room}/${message.number}`} className="underline-offset-4 hover:underline" onClick={onOpen}>
          {t("Open")}
        </a>
        <button type="button" disabled={busy} className="underline-offset-4 hover:underline" onClick={() => run(() => setPinned(currentSession(), message, false))}>
          {t("Unpin")}
        </button>
      </p>
      <ErrorText>{error}</ErrorText>
    </li>
  );
}
