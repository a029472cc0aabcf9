/** What the person has saved, the last one first. */
import { useCallback, useEffect, useState } from "react";
import { currentSession } from "../live/account.ts";
import { type SavedItem, savedPage, setSaved } from "../live/marking.ts";
import { backToRoom } from "../live/place.ts";
import { useLive } from "../live/store.ts";
import { nameOf, roomName } from "../text/names.ts";
import { t } from "../text/t.ts";
import { fullMoment } from "../text/times.ts";
import { useRequest } from "../ui/hooks.ts";
import { BookmarkIcon } from "../ui/icons.tsx";
import { Button, Dialog, EmptyState, ErrorText } from "../ui/parts.tsx";
import { MessageText } from "./MessageText.tsx";

export function SavedDialog() {
  const saved = useLive((live) => live.saved);
  const [items, setItems] = useState<SavedItem[] | null>(null);
  const [more, setMore] = useState(false);
  const { busy, error, run } = useRequest();
  const load = useCallback(
    (after: SavedItem[]) =>
      run(async () => {
        const page = await savedPage(after.at(-1)?.id ?? null);
        setItems([...after, ...page.items]);
        setMore(page.has_more);
      }),
    [run],
  );
  useEffect(() => load([]), [load]);
  const shown = items?.filter(({ message }) => saved.includes(message.id)) ?? null;
  return (
    <Dialog title={t("Saved messages")} onClose={backToRoom}>
      {shown === null && error === null && <p className="py-6 text-center text-sm text-muted">{t("Loading…")}</p>}
      {shown?.length === 0 && !more && (
        <EmptyState icon={<BookmarkIcon width={32} height={32} />} title={t("Nothing saved")}>
          <p>{t("Choose “Save for later” at a message, and you will find it here.")}</p>
        </EmptyState>
      )}
      <ul className="divide-y divide-line">
        {shown?.map((item) => (
          <SavedRow key={item.id} item={item} />
        ))}
      </ul>
      <ErrorText>{error}</ErrorText>
      {more && (
        <Button tone="outline" className="mt-3 w-full" disabled={busy} onClick={() => load(items ?? [])}>
          {t("Show more")}
        </Button>
      )}
    </Dialog>
  );
}

function SavedRow({ item: { message } }: { item: SavedItem }) {
  const me = useLive((live) => live.me.id);
  const where = useLive((live) => {
    const room = live.rooms[message.room]?.room;
    return room === undefined ? "" : roomName(room, live.me.id);
  });
  const { busy, error, run } = useRequest();
  return (
    <li className="py-3">
      <p className="flex flex-wrap items-baseline gap-x-2">
        <span className="font-semibold">{nameOf(message.author)}</span>
        <span className="text-xs text-muted">
          {where} · <time dateTime={message.created_at}>{fullMoment(new Date(message.created_at))}</time>
        </span>
      </p>
      {message.deleted ? (
        <p className="text-muted italic">{t("Message deleted")}</p>
      ) : (
        <div className="line-clamp-6 break-words whitespace-pre-wrap">
          <MessageText text={message.text} html={message.html} mentions={message.mentions} me={me} />
        </div>
      )}
      <p className="flex gap-4 pt-1 text-sm font-medium text-accent">
        <a href={`#/room/${message.room}/${message.number}`} className="underline-offset-4 hover:underline">
          {t("Open")}
        </a>
        <button type="button" disabled={busy} className="underline-offset-4 hover:underline" onClick={() => run(() => setSaved(currentSession(), message, false))}>
          {t("Remove")}
        </button>
      </p>
      <ErrorText>{error}</ErrorText>
    </li>
  );
}
