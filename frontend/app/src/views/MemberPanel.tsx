/** Who is in the room, those who are online first. */
import { useEffect, useState } from "react";
import { currentSession } from "../live/account.ts";
import type { Member, RoomState } from "../live/model.ts";
import { useLive } from "../live/store.ts";
import { nameOf } from "../text/names.ts";
import { useRequest } from "../ui/hooks.ts";
import { ChatIcon, CloseIcon, InviteIcon, LeaveIcon, MoreIcon } from "../ui/icons.tsx";
import { Menu, MenuItem } from "../ui/menu.tsx";
import { Avatar, ErrorText, IconButton } from "../ui/parts.tsx";
import { InviteDialog } from "./InviteDialog.tsx";

export function MemberPanel({ state, onClose }: { state: RoomState; onClose: () => void }) {
  const { room, members, online } = state;
  const [inviting, setInviting] = useState(false);
  const { error, run } = useRequest();
  const sorted = members?.toSorted((a, b) => nameOf(a).localeCompare(nameOf(b))) ?? null;
  const groups = [
    { title: "Online", people: sorted?.filter(({ id }) => online.has(id)) ?? [] },
    { title: "Not online", people: sorted?.filter(({ id }) => !online.has(id)) ?? [] },
  ];
  useEffect(() => {
    const onKeyDown = (event: KeyboardEvent) => {
      if (event.key === "Escape" && !event.defaultPrevented && window.matchMedia("(max-width: 1023px)").matches) onClose();
    };
    window.addEventListener("keydown", onKeyDown);
    return () => window.removeEventListener("keydown", onKeyDown);
  }, [onClose]);
  return (
    <aside
      aria-label="Members"
      className="flex w-64 shrink-0 flex-col border-l border-line bg-paper max-lg:absolute max-lg:inset-y-0 max-lg:right-0 max-lg:z-20 max-lg:w-[min(18rem,88vw)] max-lg:shadow-float"
    >
      <header className="flex items-center justify-between py-2.5 pr-2 pl-4">
        <h2 className="font-serif text-lg font-semibold">Members</h2>
        <span className="flex">
          {room.kind !== "direct" && (
            <IconButton label="Invite somebody" onClick={() => setInviting(true)}>
              <InviteIcon />
            </IconButton>
          )}
          <IconButton label="Hide members" onClick={onClose}>
            <CloseIcon />
          </IconButton>
        </span>
      </header>
      <div className="min-h-0 flex-1 overflow-y-auto px-2 pb-4">
        <ErrorText>{error}</ErrorText>
        {sorted === null && <p className="p-4 text-center text-muted">Loading…</p>}
        {groups.map(
          ({ title, people }) =>
            people.length > 0 && (
              <section key={title} aria-label={title}>
                <h3 className="px-2 pt-2 pb-1 text-xs font-medium text-muted">
                  {title} · {people.length}
                </h3>
                <ul>
                  {people.map((member) => (
                    <MemberRow key={member.id} member={member} state={state} online={online.has(member.id)} run={run} />
                  ))}
                </ul>
              </section>
            ),
        )}
      </div>
      {inviting && <InviteDialog state={state} onClose={() => setInviting(false)} />}
    </aside>
  );
}

function MemberRow({
  member,
  state,
  online,
  run,
}: {
  member: Member;
  state: RoomState;
  online: boolean;
  run: (request: () => Promise<void>) => void;
}) {
  const me = useLive((live) => live.me.id);
  const { room } = state;
  const mayRemove = room.kind !== "direct" && room.role === "owner";
  return (
    <li className="flex items-center gap-3 rounded-xl px-2 py-1.5 hover:bg-hover">
      <Avatar person={member} size="small" online={online} />
      <span className="min-w-0 flex-1">
        <span className="block truncate leading-tight">
          {nameOf(member)}
          {member.id === me && <span className="text-muted"> (you)</span>}
        </span>
        {member.role === "owner" && room.kind !== "direct" && <span className="block text-xs text-muted">Owner</span>}
        <span className="sr-only">{online ? "online" : "not online"}</span>
      </span>
      {member.id !== me && room.kind !== "direct" && (
        <Menu
          trigger={
            <IconButton label={`Actions for ${nameOf(member)}`} className="size-8">
              <MoreIcon width={18} height={18} />
            </IconButton>
          }
        >
          <MenuItem icon={<ChatIcon />} onSelect={() => run(() => currentSession().openDirect(member.id))}>
            Write to {nameOf(member)}
          </MenuItem>
          {mayRemove && (
            <MenuItem icon={<LeaveIcon />} danger onSelect={() => run(() => currentSession().kick(room.id, member.id))}>
              Remove from the room
            </MenuItem>
          )}
        </Menu>
      )}
    </li>
  );
}
