/** What can be done with a member of a room: items of their menu, and the dialogs that some of them open. */
import { lazy, type ReactNode, Suspense, useState } from "react";
import { currentSession } from "../../live/account.ts";
import { ban, block, kick, moderates, mute, outranks, setRole, unmute } from "../../live/moderation.ts";
import type { Member, Person, Role, Room } from "../../live/model.ts";
import { useLive } from "../../live/store.ts";
import { nameOf } from "../../text/names.ts";
import { sentence, t } from "../../text/t.ts";
import { BlockIcon, ClockIcon, FlagIcon, LeaveIcon, PeopleIcon, ShieldIcon } from "../../ui/icons.tsx";
import { MenuItem, MenuLine } from "../../ui/menu.tsx";

const SanctionDialog = lazy(() => import("./Sanction.tsx").then((module) => ({ default: module.SanctionDialog })));
const ReportDialog = lazy(() => import("./ReportDialog.tsx").then((module) => ({ default: module.ReportDialog })));

type Run = (request: () => Promise<void>) => void;
type Open = "mute" | "kick" | "ban" | "report" | null;

/** `items` goes into a menu, `dialog` beside it: a menu that closes takes with it what is inside. */
export function useMemberActions(member: Member, room: Room, run: Run): { items: ReactNode; dialog: ReactNode } {
  const [open, setOpen] = useState<Open>(null);
  const person = usePersonActions(member, run, () => setOpen("report"));
  const close = () => setOpen(null);
  const name = nameOf(member);
  const act = (work: Promise<void>) => run(() => work);
  const roles: { role: Role; text: string }[] = [
    { role: "owner", text: t("Make an owner") },
    { role: "moderator", text: t("Make a moderator") },
    { role: "member", text: t("Make an ordinary member") },
  ];
  const mayRank = room.role === "owner" && member.role !== "guest";
  const mayAct = outranks(room.role, member.role);
  const items = (
    <>
      {mayRank && <MenuLine />}
      {mayRank &&
        roles
          .filter(({ role }) => role !== member.role)
          .map(({ role, text }) => (
            <MenuItem key={role} icon={role === "member" ? <PeopleIcon /> : <ShieldIcon />} onSelect={() => act(setRole(currentSession(), room.id, member, role))}>
              {text}
            </MenuItem>
          ))}
      <MenuLine />
      {mayAct && member.muted !== true && (
        <MenuItem icon={<ClockIcon />} onSelect={() => setOpen("mute")}>
          {t("Mute…")}
        </MenuItem>
      )}
      {mayAct && member.muted === true && (
        <MenuItem icon={<ClockIcon />} onSelect={() => act(unmute(currentSession(), room.id, member.id))}>
          {t("Let them write again")}
        </MenuItem>
      )}
      {mayAct && (
        <MenuItem icon={<LeaveIcon />} danger onSelect={() => setOpen("kick")}>
          {t("Remove from the room…")}
        </MenuItem>
      )}
      {mayAct && (
        <MenuItem icon={<BlockIcon />} danger onSelect={() => setOpen("ban")}>
          {t("Ban from the room…")}
        </MenuItem>
      )}
      {person}
    </>
  );
  const dialog = open !== null && (
    <Suspense>
      {open === "report" && <ReportDialog about={{ user: member.id }} shown={name} onClose={close} />}
      {open === "mute" && (
        <SanctionDialog
          title={t("Mute {name}?", { name })}
          consequence={t("They can read on, and cannot write.")}
          action={t("Mute")}
          timed
          run={(until, reason) => mute(currentSession(), room.id, member.id, until, reason)}
          onClose={close}
        />
      )}
      {open === "kick" && (
        <SanctionDialog
          title={t("Remove {name}?", { name })}
          consequence={t("They may come back, by an invitation or by joining.")}
          action={t("Remove")}
          timed={false}
          run={(_until, reason) => kick(currentSession(), room.id, member.id, reason)}
          onClose={close}
        />
      )}
      {open === "ban" && (
        <SanctionDialog
          title={t("Ban {name}?", { name })}
          consequence={t("They leave the room, and cannot come back or be invited until it is over.")}
          action={t("Ban")}
          timed
          run={(until, reason) => ban(currentSession(), room.id, member.id, until, reason)}
          onClose={close}
        />
      )}
    </Suspense>
  );
  return { items, dialog };
}

/** Blocking and reporting somebody: for everybody, wherever their name stands. */
function usePersonActions(person: Person, run: Run, onReport: () => void): ReactNode {
  const isBlocked = useLive((live) => live.blocked.includes(person.id));
  return (
    <>
      <MenuItem icon={<BlockIcon />} onSelect={() => run(() => block(currentSession(), person.id, !isBlocked))}>
        {isBlocked ? t("Unblock {name}", { name: nameOf(person) }) : t("Block {name}", { name: nameOf(person) })}
      </MenuItem>
      <MenuItem icon={<FlagIcon />} onSelect={onReport}>
        {t("Report {name}…", { name: nameOf(person) })}
      </MenuItem>
    </>
  );
}

/** The same for the name of an author. */
export function usePersonMenu(person: Person, run: Run): { items: ReactNode; dialog: ReactNode } {
  const [reporting, setReporting] = useState(false);
  const items = usePersonActions(person, run, () => setReporting(true));
  const dialog = reporting && (
    <Suspense>
      <ReportDialog about={{ user: person.id }} shown={nameOf(person)} onClose={() => setReporting(false)} />
    </Suspense>
  );
  return { items, dialog };
}

const ROLES: Partial<Record<Role, string>> = { owner: sentence("Owner"), moderator: sentence("Moderator"), guest: sentence("Guest") };

/** What a member is in the room, where it is more or less than the others are. */
export function RoleBadge({ member }: { member: Member }) {
  const role = ROLES[member.role];
  const muted = member.muted === true;
  if (role === undefined && !muted) return null;
  return (
    <span className="flex gap-1.5 text-xs text-muted">
      {role !== undefined && <span className={moderates(member.role) ? "font-medium text-accent" : ""}>{t(role)}</span>}
      {muted && <span className="text-danger">{t("Muted")}</span>}
    </span>
  );
}
