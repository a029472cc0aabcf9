/** Who is in the room, those who are online first. */
import type { Mode } from "@carillon/sdk";
import { type ReactNode, useCallback, useDeferredValue, useEffect, useMemo, useRef, useState } from "react";
import { currentSession } from "../live/account.ts";
import type { Member, RoomState } from "../live/model.ts";
import { loadStatuses, MODES } from "../live/presence.ts";
import { useLive } from "../live/store.ts";
import { count } from "../text/amounts.ts";
import { nameOf } from "../text/names.ts";
import { locale, t } from "../text/t.ts";
import { useFound, useRequest } from "../ui/hooks.ts";
import { ChatIcon, CloseIcon, InviteIcon, MoreIcon } from "../ui/icons.tsx";
import { Menu, MenuItem } from "../ui/menu.tsx";
import { Avatar, ErrorText, IconButton } from "../ui/parts.tsx";
import { InviteDialog } from "./InviteDialog.tsx";
import { RoleBadge, useMemberActions } from "./moderation/MemberActions.tsx";
import { StatusSign } from "./StatusSign.tsx";

const PAGE = 60;
/** From this many on, finding is quicker than looking. */
const WORTH_FINDING = 20;

export function MemberPanel({ state, onClose }: { state: RoomState; onClose: () => void }) {
  const { room, members, online, present } = state;
  const [inviting, setInviting] = useState(false);
  const { error, run } = useRequest();
  const [text, setText] = useState("");
  const found = useFoundMembers(state, text);
  // After the messages of the room, which are looked at first.
  const people = useDeferredValue(found, null);
  const sorted = useMemo(() => people && byName(people), [people]);
  const isCrowd = online.size < present; // then only their number is known
  // The page knows a part of a large room; how many there are, the room says.
  const isPart = text === "" && members !== null && members.length < room.member_count;
  const groups = isCrowd
    ? [{ title: t("{count} online, of everybody", { count: present }), people: sorted ?? [], whole: room.member_count }]
    : [
        { title: t("Online"), people: sorted?.filter(({ id }) => online.has(id)) ?? [], whole: present },
        { title: t("Not online"), people: sorted?.filter(({ id }) => !online.has(id)) ?? [], whole: room.member_count - present },
      ];
  useEffect(() => {
    loadStatuses(room.id).catch(() => undefined); // without them, names stand alone
  }, [room.id]);
  useEffect(() => {
    const onKeyDown = (event: KeyboardEvent) => {
      if (event.key === "Escape" && !event.defaultPrevented && window.matchMedia("(max-width: 1023px)").matches) onClose();
    };
    window.addEventListener("keydown", onKeyDown);
    return () => window.removeEventListener("keydown", onKeyDown);
  }, [onClose]);
  return (
    <aside
      aria-label={t("Members")}
      className="flex w-64 shrink-0 flex-col border-s border-line bg-paper max-lg:absolute max-lg:inset-y-0 max-lg:end-0 max-lg:z-20 max-lg:w-[min(18rem,88vw)] max-lg:shadow-float"
    >
      <header className="flex items-center justify-between py-2.5 pe-2 ps-4">
        <h2 className="font-serif text-lg font-semibold">{t("Members")}</h2>
        <span className="flex">
          {room.kind !== "direct" && (
            <IconButton label={t("Invite somebody")} onClick={() => setInviting(true)}>
              <InviteIcon />
            </IconButton>
          )}
          <IconButton label={t("Hide members")} onClick={onClose}>
            <CloseIcon />
          </IconButton>
        </span>
      </header>
      <div className="min-h-0 flex-1 overflow-y-auto px-2 pb-4">
        <ErrorText>{error}</ErrorText>
        {room.member_count > WORTH_FINDING && (
          <input
            type="search"
            className="field mb-1 py-1.5 text-sm"
            aria-label={t("Find a member")}
            placeholder={t("Find a member")}
            value={text}
            onChange={(event) => setText(event.target.value)}
          />
        )}
        {sorted === null && <PeopleSkeleton />}
        {sorted?.length === 0 && <p className="p-4 text-center text-sm text-muted">{t("Nobody is called so.")}</p>}
        {groups.map(
          ({ title, people, whole }) =>
            people.length > 0 && (
              <section key={title} aria-label={title}>
                <h3 className="px-2 pt-2 pb-1 text-xs font-medium text-muted">
                  {title} · {count(isPart ? whole : people.length)}
                </h3>
                <Pages all={people}>
                  {(member) => <MemberRow key={member.id} member={member} state={state} mode={online.get(member.id) ?? null} run={run} />}
                </Pages>
              </section>
            ),
        )}
        {isPart && (
          <p className="px-2 pt-3 text-xs text-muted">
            {t("{n} of {total} members. Find the others by their names.", { n: members.length, total: room.member_count })}
          </p>
        )}
      </div>
      {inviting && <InviteDialog state={state} onClose={() => setInviting(false)} />}
    </aside>
  );
}

/** All that the page knows; of a room too large for that, also whom the server finds. */
function useFoundMembers({ room, members }: RoomState, text: string): readonly Member[] | null {
  const sought = text.trim().toLocaleLowerCase();
  const isWhole = members !== null && members.length >= room.member_count;
  const find = useCallback((asked: string) => (asked === "" || isWhole ? Promise.resolve(nobody) : currentSession().findMembers(room.id, asked)), [room.id, isWhole]);
  const { found } = useFound(sought, find);
  if (members === null || sought === "") return members;
  const known = members.filter((member) => `${member.username} ${member.display_name}`.toLocaleLowerCase().includes(sought));
  const ids = new Set(known.map(({ id }) => id));
  return [...known, ...(found ?? nobody).filter(({ id }) => !ids.has(id))];
}

const nobody: Member[] = [];

function byName(people: readonly Member[]): Member[] {
  const { compare } = new Intl.Collator(locale()); // for thousands of names many times as fast as `localeCompare`
  return people.toSorted((a, b) => compare(nameOf(a), nameOf(b)));
}

/** A page of them, and the next when its end comes into sight: a list of thousands opens as quickly as one of ten. */
function Pages({ all, children }: { all: readonly Member[]; children: (member: Member) => ReactNode }) {
  const [shown, setShown] = useState(PAGE);
  const end = useRef<HTMLLIElement>(null);
  const hasMore = shown < all.length;
  useEffect(() => {
    if (!hasMore || end.current === null) return;
    const observer = new IntersectionObserver(([seen]) => {
      if (seen?.isIntersecting) setShown((before) => before + PAGE);
    });
    observer.observe(end.current);
    return () => observer.disconnect();
  }, [hasMore, shown]);
  return (
    <ul>
      {all.slice(0, shown).map(children)}
      {hasMore && <li ref={end} aria-hidden="true" className="h-12" />}
    </ul>
  );
}

function PeopleSkeleton() {
  return (
    <div role="status" aria-label={t("Loading…")} className="flex flex-col gap-3 p-2">
      {["w-1/2", "w-2/3", "w-2/5", "w-3/5"].map((width) => (
        <span key={width} className="flex animate-pulse items-center gap-3">
          <span className="size-7 rounded-full bg-line" />
          <span className={`h-3 rounded bg-line ${width}`} />
        </span>
      ))}
    </div>
  );
}

function MemberRow({
  member,
  state,
  mode,
  run,
}: {
  member: Member;
  state: RoomState;
  mode: Mode | null;
  run: (request: () => Promise<void>) => void;
}) {
  const me = useLive((live) => live.me.id);
  const { room } = state;
  const order = useMemberActions(member, room, run);
  return (
    <li className="flex items-center gap-3 rounded-xl px-2 py-1.5 hover:bg-hover">
      <Avatar person={member} size="small" mode={mode} />
      <span className="min-w-0 flex-1">
        <span className="block truncate leading-tight" dir="auto">
          {nameOf(member)}
          {member.id === me && <span className="text-muted"> {t("(you)")}</span>}
        </span>
        {room.kind !== "direct" && <RoleBadge member={member} />}
        <StatusSign user={member.id} withText />
        <span className="sr-only">{mode === null ? t("not online") : t(MODES[mode])}</span>
      </span>
      {member.id !== me && room.kind !== "direct" && (
        <Menu
          trigger={
            <IconButton label={t("Actions for {name}", { name: nameOf(member) })} className="size-8">
              <MoreIcon width={18} height={18} />
            </IconButton>
          }
        >
          <MenuItem icon={<ChatIcon />} onSelect={() => run(() => currentSession().openDirect([member.id]))}>
            {t("Write to {name}", { name: nameOf(member) })}
          </MenuItem>
          {order.items}
        </Menu>
      )}
      {order.dialog}
    </li>
  );
}
