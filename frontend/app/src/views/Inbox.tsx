/** The bell: what the administrators, and one's rooms, let everybody know. */
import * as Popover from "@radix-ui/react-popover";
import { useState } from "react";
import { currentSession } from "../live/account.ts";
import { type InboxItem, levelOf } from "../live/model.ts";
import { useLive } from "../live/store.ts";
import { safeHref } from "../text/links.ts";
import { fullMoment, shortMoment } from "../text/times.ts";
import { useRequest } from "../ui/hooks.ts";
import { BellIcon } from "../ui/icons.tsx";
import { LevelIcon } from "../ui/levels.tsx";
import { Button, EmptyState, ErrorText, IconButton } from "../ui/parts.tsx";

export function Inbox() {
  const [open, setOpen] = useState(false);
  const unread = useLive((live) => live.inbox.unread);
  return (
    <Popover.Root open={open} onOpenChange={setOpen}>
      <Popover.Trigger asChild>
        <IconButton label={unread > 0 ? `Notifications, ${unread} unread` : "Notifications"}>
          <BellIcon key={unread} className={unread > 0 ? "swing text-bronze" : ""} />
          {unread > 0 && (
            <span
              aria-hidden="true"
              className="absolute -top-0.5 -right-0.5 inline-flex h-4.5 min-w-4.5 items-center justify-center rounded-full bg-bronze-fill px-1 text-[11px] font-semibold text-on-bronze tabular-nums"
            >
              {unread > 99 ? "99+" : unread}
            </span>
          )}
        </IconButton>
      </Popover.Trigger>
      <Popover.Portal>
        <Popover.Content
          align="start"
          sideOffset={8}
          collisionPadding={10}
          aria-label="Notifications"
          className="rise z-40 flex max-h-[min(36rem,80dvh)] w-[min(24rem,calc(100vw-1.25rem))] flex-col overflow-hidden rounded-2xl border border-line bg-raised shadow-float"
        >
          <InboxList unread={unread} />
        </Popover.Content>
      </Popover.Portal>
    </Popover.Root>
  );
}

function InboxList({ unread }: { unread: number }) {
  const { items, hasOlder } = useLive((live) => live.inbox);
  const { busy, error, run } = useRequest();
  return (
    <>
      <header className="flex items-center justify-between gap-3 border-b border-line py-2.5 pr-2.5 pl-4">
        <h2 className="font-serif text-lg font-semibold">Notifications</h2>
        <Button tone="quiet" className="px-2.5 py-1 text-sm" disabled={unread === 0} onClick={() => currentSession().readWholeInbox()}>
          Mark all as read
        </Button>
      </header>
      <div className="min-h-0 flex-1 overflow-y-auto">
        {items.length === 0 && (
          <EmptyState icon={<BellIcon width={32} height={32} />} title="All quiet">
            <p>Announcements will be kept here for you.</p>
          </EmptyState>
        )}
        <ul className="divide-y divide-line">
          {items.map((item) => (
            <InboxRow key={item.id} item={item} />
          ))}
        </ul>
        {hasOlder && items.length >= 20 && (
          <Button tone="quiet" className="m-2 w-[calc(100%-1rem)] text-sm" disabled={busy} onClick={() => run(() => currentSession().loadOlderInbox())}>
            {busy ? "Loading…" : "Show older ones"}
          </Button>
        )}
        <ErrorText>{error}</ErrorText>
      </div>
    </>
  );
}

function InboxRow({ item }: { item: InboxItem }) {
  const at = new Date(item.created_at);
  const href = safeHref(item.link);
  const read = () => currentSession().readInboxItem(item);
  return (
    <li className={`flex gap-3 px-4 py-3 ${item.read ? "" : "bg-accent-soft/45"}`}>
      <LevelIcon level={levelOf(item)} className="mt-0.5 shrink-0" />
      <div className="min-w-0 flex-1">
        <p className="flex items-baseline gap-2">
          <span className={`min-w-0 flex-1 break-words ${item.read ? "" : "font-semibold"}`}>{item.title}</span>
          <time dateTime={item.created_at} title={fullMoment(at)} className="shrink-0 text-xs text-muted">
            {shortMoment(at, new Date())}
          </time>
        </p>
        {item.text !== "" && <p className="text-sm break-words whitespace-pre-wrap text-muted">{item.text}</p>}
        <p className="flex gap-4 pt-1 text-sm font-medium text-accent empty:hidden">
          {href !== null && (
            <a href={href} onClick={read} className="underline-offset-4 hover:underline">
              Open
            </a>
          )}
          {!item.read && (
            <button type="button" onClick={read} className="underline-offset-4 hover:underline">
              Mark as read
            </button>
          )}
        </p>
      </div>
    </li>
  );
}
