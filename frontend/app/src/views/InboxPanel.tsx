/** What the bell opens: the inbox, what was put away, and the reminders that are to come. */
import { type ReactNode, useEffect, useState } from "react";
import { currentSession } from "../live/account.ts";
import { type Box, type InboxItem, levelOf } from "../live/model.ts";
import { useLive } from "../live/store.ts";
import { safeHref } from "../text/links.ts";
import { sentence, t } from "../text/t.ts";
import { pictureOf, wordsOf } from "../text/words.ts";
import { fullMoment, shortMoment, snoozeMoment, snoozeTimes } from "../text/times.ts";
import { useRequest } from "../ui/hooks.ts";
import { ArchiveIcon, BellIcon, ClockIcon, MoreIcon, QuestionIcon, SnoozeIcon, TuneIcon } from "../ui/icons.tsx";
import { LevelIcon } from "../ui/levels.tsx";
import { Menu, MenuItem, MenuLabel } from "../ui/menu.tsx";
import { Button, EmptyState, ErrorText, IconButton } from "../ui/parts.tsx";
import type { Opened } from "./Inbox.tsx";
import { PushSwitch } from "./PushSwitch.tsx";
import { ReminderList } from "./ReminderList.tsx";

const TABS = { inbox: sentence("Inbox"), archived: sentence("Archived"), snoozed: sentence("Snoozed"), reminders: sentence("Reminders") } as const;
type Tab = keyof typeof TABS;
const EMPTY = {
  inbox: { title: sentence("All quiet"), text: sentence("What concerns you will be kept here for you.") },
  archived: { title: sentence("Nothing archived"), text: sentence("Archive what you are done with: you will find it here.") },
  snoozed: { title: sentence("Nothing snoozed"), text: sentence("Snooze what can wait: it comes back by itself.") },
} as const;

export function InboxPanel({ unread, onOpen, onPreferences }: { unread: number; onOpen: (dialog: Opened) => void; onPreferences: () => void }) {
  const [tab, setTab] = useState<Tab>("inbox");
  return (
    <>
      <header className="border-b border-line pt-2.5">
        <div className="flex items-center justify-between gap-3 pe-2.5 ps-4">
          <h2 className="font-serif text-lg font-semibold">{t("Notifications")}</h2>
          <span className="flex items-center">
            <Button tone="quiet" className="px-2.5 py-1 text-sm" disabled={unread === 0} onClick={() => currentSession().readWholeInbox()}>
              {t("Mark all as read")}
            </Button>
            <IconButton label={t("What you are told")} onClick={onPreferences}>
              <TuneIcon />
            </IconButton>
          </span>
        </div>
        <div role="tablist" aria-label={t("Which notifications")} className="flex gap-4 px-4 pt-1 text-sm">
          {(Object.keys(TABS) as Tab[]).map((name) => (
            <button
              key={name}
              type="button"
              role="tab"
              aria-selected={name === tab}
              onClick={() => setTab(name)}
              className="border-b-2 border-transparent pb-1.5 text-muted hover:text-ink aria-selected:border-accent aria-selected:font-medium aria-selected:text-ink"
            >
              {t(TABS[name])}
            </button>
          ))}
        </div>
      </header>
      <div role="tabpanel" aria-label={t(TABS[tab])} className="min-h-0 flex-1 overflow-y-auto">
        {tab === "inbox" && <InboxList onOpen={onOpen} />}
        {tab === "reminders" && <ReminderList />}
        {(tab === "archived" || tab === "snoozed") && <PutAwayList key={tab} box={tab} />}
      </div>
      <PushSwitch />
    </>
  );
}

function InboxList({ onOpen }: { onOpen: (dialog: Opened) => void }) {
  const { items, hasOlder } = useLive((live) => live.inbox);
  const { busy, error, run } = useRequest();
  useEffect(() => {
    const unseen = items.filter(({ seen }) => !seen);
    currentSession().markInboxItems(unseen, "seen");
  }, [items]);
  return (
    <>
      {items.length === 0 && <Empty box="inbox" />}
      <ul className="divide-y divide-line">
        {items.map((item) => (
          <InboxRow key={item.id} item={item} onOpen={onOpen} />
        ))}
      </ul>
      {hasOlder && items.length >= 20 && (
        <Button tone="quiet" className="m-2 w-[calc(100%-1rem)] text-sm" disabled={busy} onClick={() => run(() => currentSession().loadOlderInbox())}>
          {busy ? t("Loading…") : t("Show older ones")}
        </Button>
      )}
      <ErrorText>{error}</ErrorText>
    </>
  );
}

function PutAwayList({ box }: { box: Exclude<Box, "inbox"> }) {
  const [items, setItems] = useState<InboxItem[] | null>(null);
  const { error, run } = useRequest();
  useEffect(() => {
    void run(async () => setItems(await currentSession().putAway(box)));
  }, [box]);
  const restore = (item: InboxItem) => {
    setItems((shown) => shown?.filter(({ id }) => id !== item.id) ?? null);
    currentSession().markInboxItems([item], "restored");
  };
  return (
    <>
      {items === null && error === null && <p className="px-4 py-6 text-center text-sm text-muted">{t("Loading…")}</p>}
      {items?.length === 0 && <Empty box={box} />}
      <ul className="divide-y divide-line">
        {items?.map((item) => (
          <Line key={item.id} item={item}>
            <LineButton onClick={() => restore(item)}>{t("Move to inbox")}</LineButton>
          </Line>
        ))}
      </ul>
      <ErrorText>{error}</ErrorText>
    </>
  );
}

function InboxRow({ item, onOpen }: { item: InboxItem; onOpen: (dialog: Opened) => void }) {
  const href = safeHref(item.link);
  const mark = (name: "read" | "unread" | "clicked" | "archived") => currentSession().markInboxItems([item], name);
  return (
    <Line item={item} menu={<RowMenu item={item} onOpen={onOpen} />}>
      {href !== null && (
        <a href={href} onClick={() => mark("clicked")} className="underline-offset-4 hover:underline">
          {t("Open")}
        </a>
      )}
      {!item.read && <LineButton onClick={() => mark("read")}>{t("Mark as read")}</LineButton>}
    </Line>
  );
}

function RowMenu({ item, onOpen }: { item: InboxItem; onOpen: (dialog: Opened) => void }) {
  const now = new Date();
  const session = currentSession();
  const zone = useLive((live) => live.preferences?.zone);
  return (
    <Menu
      trigger={
        <IconButton label={t("More for “{title}”", { title: wordsOf(item).title })} className="-mt-1.5 -me-2.5 -ms-2">
          <MoreIcon />
        </IconButton>
      }
    >
      {item.read && (
        <MenuItem icon={<BellIcon />} onSelect={() => session.markInboxItems([item], "unread")}>
          {t("Mark as unread")}
        </MenuItem>
      )}
      <MenuItem icon={<ArchiveIcon />} onSelect={() => session.markInboxItems([item], "archived")}>
        {t("Archive")}
      </MenuItem>
      <MenuItem icon={<QuestionIcon />} onSelect={() => onOpen({ kind: "why", item })}>
        {t("Why did I get this?")}
      </MenuItem>
      <MenuItem icon={<ClockIcon />} onSelect={() => onOpen({ kind: "remind", item })}>
        {t("Remind me…")}
      </MenuItem>
      <MenuLabel>{t("Snooze")}</MenuLabel>
      {snoozeTimes(now, zone).map(({ name, at }) => (
        <MenuItem key={name} icon={at.getTime() - now.getTime() <= 3_600_000 ? <SnoozeIcon /> : <ClockIcon />} onSelect={() => session.snoozeInboxItem(item, at)}>
          <span className="flex-1">{name}</span>
          <span className="text-sm text-muted">{snoozeMoment(at, now, zone)}</span>
        </MenuItem>
      ))}
    </Menu>
  );
}

function Line({ item, menu, children }: { item: InboxItem; menu?: ReactNode; children: ReactNode }) {
  const at = new Date(item.created_at);
  const { title, text, html } = wordsOf(item);
  const picture = pictureOf(item);
  return (
    <li className={`flex gap-3 px-4 py-3 ${item.read ? "" : "bg-accent-soft/45"}`}>
      <LevelIcon level={levelOf(item)} className="mt-0.5 shrink-0" />
      <div className="min-w-0 flex-1">
        <p className="flex items-baseline gap-2">
          <span className={`min-w-0 flex-1 break-words ${item.read ? "" : "font-semibold"}`} dir="auto">{title}</span>
          <time dateTime={item.created_at} title={fullMoment(at)} className="shrink-0 text-xs text-muted">
            {shortMoment(at, new Date())}
          </time>
        </p>
        {html !== null && <div className="rich text-sm break-words text-muted" dir="auto" dangerouslySetInnerHTML={{ __html: html }} />}
        {html === null && text !== "" && (
          <p className="text-sm break-words whitespace-pre-wrap text-muted" dir="auto">
            {text}
          </p>
        )}
        {picture !== null && <img src={picture} alt="" loading="lazy" className="mt-2 max-h-56 rounded-lg border border-line" />}
        <p className="flex gap-4 pt-1 text-sm font-medium text-accent empty:hidden">{children}</p>
      </div>
      {menu}
    </li>
  );
}

function LineButton({ onClick, children }: { onClick: () => void; children: ReactNode }) {
  return (
    <button type="button" onClick={onClick} className="underline-offset-4 hover:underline">
      {children}
    </button>
  );
}

function Empty({ box }: { box: Box }) {
  return (
    <EmptyState icon={<BellIcon width={32} height={32} />} title={t(EMPTY[box].title)}>
      <p>{t(EMPTY[box].text)}</p>
    </EmptyState>
  );
}
