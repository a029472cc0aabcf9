/** To which room a message is forwarded. */
import { useState } from "react";
import { currentSession } from "../live/account.ts";
import type { Message } from "../live/model.ts";
import { showToast, useLive } from "../live/store.ts";
import { forwardMessage } from "../live/threads.ts";
import { roomName } from "../text/names.ts";
import { t } from "../text/t.ts";
import { useRequest } from "../ui/hooks.ts";
import { Dialog, ErrorText } from "../ui/parts.tsx";
import { QuotedWords } from "./MessageLinks.tsx";

const SHOWN_ROOMS = 50;

export function ForwardDialog({ message, onClose }: { message: Message; onClose: () => void }) {
  const [filter, setFilter] = useState("");
  const { busy, error, run } = useRequest();
  const me = useLive((live) => live.me.id);
  const rooms = useLive((live) => live.rooms);
  const wanted = filter.trim().toLocaleLowerCase();
  const found = Object.values(rooms)
    .map(({ room }) => ({ id: room.id, name: roomName(room, me), at: room.last_message?.created_at ?? "" }))
    .filter(({ name }) => name.toLocaleLowerCase().includes(wanted))
    .sort((a, b) => b.at.localeCompare(a.at))
    .slice(0, SHOWN_ROOMS);
  const forward = (room: number, name: string) =>
    run(async () => {
      await forwardMessage(currentSession(), message, room);
      showToast({ id: `forwarded-${message.id}`, title: t("Forwarded to {room}", { room: name }), text: "", level: "success", link: `/#/room/${room}` });
      onClose();
    });
  return (
    <Dialog title={t("Forward this message")} onClose={onClose}>
      <div className="mb-3 rounded-e-lg border-s-3 border-line bg-surface px-3 py-1.5 text-sm">
        <QuotedWords quote={message} />
      </div>
      <input
        type="search"
        className="field mb-2"
        aria-label={t("Find a room to forward to")}
        placeholder={t("Find a room to forward to")}
        value={filter}
        onChange={(event) => setFilter(event.target.value)}
        data-autofocus
      />
      <ErrorText>{error}</ErrorText>
      <ul className="flex flex-col">
        {found.map(({ id, name }) => (
          <li key={id}>
            <button type="button" disabled={busy} className="w-full truncate rounded-lg px-3 py-2 text-start hover:bg-hover" onClick={() => forward(id, name)}>
              {name}
            </button>
          </li>
        ))}
      </ul>
      {found.length === 0 && <p className="py-4 text-center text-muted">{t("No room is called so.")}</p>}
    </Dialog>
  );
}
