/** All rooms that anybody may join: sorted, filtered, a page at a time. */
import { useCallback, useEffect, useRef, useState } from "react";
import { currentSession } from "../live/account.ts";
import { goToRoom } from "../live/place.ts";
import { type Browse, type BrowsedRoom, browseRooms } from "../live/rooms.ts";
import { asSentence } from "../text/errors.ts";
import { t } from "../text/t.ts";
import { useRequest } from "../ui/hooks.ts";
import { ArchiveIcon, HashIcon } from "../ui/icons.tsx";
import { Button, Dialog, ErrorText } from "../ui/parts.tsx";

const ASK_AFTER_MS = 200;

export function RoomBrowser({ onClose }: { onClose: () => void }) {
  const [browse, setBrowse] = useState<Browse>({ text: "", sort: "members", joined: "any", archived: false });
  const { rooms, error, more } = useRooms(browse);
  const joining = useRequest();
  const open = (room: BrowsedRoom) =>
    joining.run(async () => {
      if (room.joined) goToRoom(room.id);
      else await currentSession().joinRoom(room.id);
      onClose();
    });
  return (
    <Dialog title={t("Browse rooms")} wide onClose={onClose}>
      <div className="flex min-h-[min(26rem,60dvh)] flex-col gap-3">
        <input
          className="field"
          type="search"
          aria-label={t("Find an open room")}
          placeholder={t("Find an open room")}
          value={browse.text}
          onChange={(event) => setBrowse({ ...browse, text: event.target.value })}
          data-autofocus
        />
        <div className="flex flex-wrap items-center gap-2 text-sm">
          <select className="field w-auto py-1 text-sm" aria-label={t("Sort by")} value={browse.sort} onChange={(event) => setBrowse({ ...browse, sort: event.target.value as Browse["sort"] })}>
            <option value="members">{t("Most members")}</option>
            <option value="name">{t("By name")}</option>
            <option value="newest">{t("Newest")}</option>
          </select>
          <select className="field w-auto py-1 text-sm" aria-label={t("Which rooms")} value={browse.joined} onChange={(event) => setBrowse({ ...browse, joined: event.target.value as Browse["joined"] })}>
            <option value="any">{t("All rooms")}</option>
            <option value="no">{t("Not joined")}</option>
            <option value="yes">{t("Joined")}</option>
          </select>
          <label className="flex items-center gap-2">
            <input type="checkbox" className="accent-accent" checked={browse.archived} onChange={(event) => setBrowse({ ...browse, archived: event.target.checked })} />
            {t("Archived too")}
          </label>
        </div>
        <ErrorText>{error ?? joining.error}</ErrorText>
        {rooms === null && error === null && <p className="py-6 text-center text-muted">{t("Looking…")}</p>}
        {rooms?.length === 0 && <p className="py-6 text-center text-muted">{t("There is no such open room.")}</p>}
        <ul aria-label={t("Open rooms")} className="-mx-2 flex flex-col">
          {rooms?.map((room) => (
            <BrowsedItem key={room.id} room={room} disabled={joining.busy} onOpen={() => open(room)} />
          ))}
        </ul>
        {more !== null && (
          <Button tone="outline" className="self-center" onClick={more}>
            {t("Show more")}
          </Button>
        )}
      </div>
    </Dialog>
  );
}

function BrowsedItem({ room, disabled, onOpen }: { room: BrowsedRoom; disabled: boolean; onOpen: () => void }) {
  const members = room.member_count === 1 ? t("1 member") : t("{n} members", { n: room.member_count });
  const Sign = room.archived ? ArchiveIcon : HashIcon;
  return (
    <li>
      <button type="button" disabled={disabled} onClick={onOpen} className="flex w-full items-center gap-3 rounded-xl px-2 py-2 text-start hover:bg-hover">
        <span className="inline-flex size-9 shrink-0 items-center justify-center rounded-xl bg-tower text-muted">
          <Sign width={18} height={18} />
        </span>
        <span className="min-w-0 flex-1">
          <span className="block truncate font-medium">{room.name}</span>
          <span className="block truncate text-sm text-muted">{[members, room.topic].filter(Boolean).join(" · ")}</span>
          {room.description !== "" && <span className="line-clamp-2 text-sm break-words text-muted">{room.description}</span>}
        </span>
        <span className="text-sm font-medium text-accent">{room.joined ? t("Open") : t("Join")}</span>
      </button>
    </li>
  );
}

/** The pages so far; anew, a moment after the last change of what is asked for. */
function useRooms(browse: Browse): { rooms: readonly BrowsedRoom[] | null; error: string | null; more: (() => void) | null } {
  const [rooms, setRooms] = useState<readonly BrowsedRoom[] | null>(null);
  const [next, setNext] = useState<string | null>(null);
  const [error, setError] = useState<string | null>(null);
  const asked = useRef(browse);
  const ask = useCallback(
    async (cursor: string | null, before: readonly BrowsedRoom[]) => {
      try {
        const page = await browseRooms(browse, cursor);
        if (asked.current !== browse) return;
        setRooms([...before, ...page.items]);
        setNext(page.next);
        setError(null);
      } catch (reason) {
        if (asked.current === browse) setError(asSentence(reason));
      }
    },
    [browse],
  );
  useEffect(() => {
    asked.current = browse;
    const timer = setTimeout(() => void ask(null, []), ASK_AFTER_MS);
    return () => clearTimeout(timer);
  }, [browse, ask]);
  return { rooms, error, more: next === null || rooms === null ? null : () => void ask(next, rooms) };
}
