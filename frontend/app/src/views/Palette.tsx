/** Everything by its name: rooms, people, actions. Ctrl-K opens it, and writing finds. */
import { Command } from "cmdk";
import { type ReactNode, useState } from "react";
import { currentSession, logOut } from "../live/account.ts";
import { hasSounds, setSounds } from "../live/attention.ts";
import { unreadIn } from "../live/messages.ts";
import type { RoomState } from "../live/model.ts";
import { goToRoom, openJobs } from "../live/place.ts";
import { openOverlay, showToast, useLive } from "../live/store.ts";
import { setTheme } from "../live/theme.ts";
import { asSentence } from "../text/errors.ts";
import { nameOf, roomName } from "../text/names.ts";
import { t } from "../text/t.ts";
import { useFound } from "../ui/hooks.ts";
import { BellIcon, CheckIcon, HashIcon, InfoIcon, LeaveIcon, LockIcon, PlusIcon, QuestionIcon, SunIcon, TasksIcon, TuneIcon } from "../ui/icons.tsx";
import { Avatar, Badge, Dialog, MentionBadge } from "../ui/parts.tsx";
import { DirectSign } from "./DirectSign.tsx";

const MAX_ROOMS = 50;

interface Action {
  name: string;
  icon: ReactNode;
  run: () => void;
}

const actions = (): Action[] => [
  { name: t("New room or conversation"), icon: <PlusIcon />, run: () => openOverlay("new_room") },
  { name: t("Write to somebody"), icon: <PlusIcon />, run: () => openOverlay("write_to") },
  { name: t("Mark all as read"), icon: <CheckIcon />, run: () => currentSession().readWholeInbox() },
  { name: t("What you are told"), icon: <TuneIcon />, run: () => openOverlay("preferences") },
  { name: t("Your tasks and data"), icon: <TasksIcon />, run: openJobs },
  { name: t("Light"), icon: <SunIcon />, run: () => setTheme("light") },
  { name: t("Dark"), icon: <SunIcon />, run: () => setTheme("dark") },
  { name: hasSounds() ? t("Turn sounds off") : t("Turn sounds on"), icon: <BellIcon />, run: () => setSounds(!hasSounds()) },
  { name: t("Keyboard shortcuts"), icon: <QuestionIcon />, run: () => openOverlay("shortcuts") },
  { name: t("A short tour"), icon: <InfoIcon />, run: () => openOverlay("tour") },
  { name: t("Log out"), icon: <LeaveIcon />, run: () => void logOut() },
];

const findPeople = (text: string) => (text.trim() === "" ? Promise.resolve([]) : currentSession().findPeople(text));

export function Palette({ onClose }: { onClose: () => void }) {
  const [text, setText] = useState("");
  const me = useLive((live) => live.me.id);
  const rooms = useLive((live) => live.rooms);
  const { found: people } = useFound(text, findPeople);
  const others = people?.filter(({ id }) => id !== me) ?? [];
  const run = (action: () => void) => {
    onClose();
    action();
  };
  const write = (person: number) =>
    currentSession()
      .openDirect([person])
      .catch((reason: unknown) => showToast({ id: "not-opened", title: t("The conversation did not open"), text: asSentence(reason), level: "warning", link: "" }));
  return (
    <Dialog title={t("Go to")} onClose={onClose}>
      <Command label={t("Go to")} loop className="flex flex-col gap-3">
        <Command.Input className="field" value={text} onValueChange={setText} placeholder={t("A room, a person, or what to do")} data-autofocus />
        <Command.List className="-mx-2 max-h-96 min-h-48 overflow-y-auto">
          <Command.Empty className="py-8 text-center text-muted">{t("Nothing is called so.")}</Command.Empty>
          <Group heading={t("Rooms")}>
            {foundRooms(rooms, me, text).map((state) => (
              <Item key={state.room.id} value={`room ${state.room.id} ${roomName(state.room, me)}`} onSelect={() => run(() => goToRoom(state.room.id))}>
                <RoomItem state={state} me={me} />
              </Item>
            ))}
          </Group>
          {others.length > 0 && (
            <Group heading={t("People")}>
              {others.map((person) => (
                <Item key={person.id} value={`person ${person.id} ${nameOf(person)} ${person.username}`} onSelect={() => run(() => void write(person.id))}>
                  <Avatar person={person} size="small" />
                  <span className="min-w-0 truncate" dir="auto">
                    {nameOf(person)}
                  </span>
                  <span className="truncate text-sm text-muted">@{person.username}</span>
                </Item>
              ))}
            </Group>
          )}
          <Group heading={t("Actions")}>
            {actions().map(({ name, icon, run: action }) => (
              <Item key={name} value={name} onSelect={() => run(action)}>
                <span className="text-muted">{icon}</span>
                {name}
              </Item>
            ))}
          </Group>
        </Command.List>
      </Command>
    </Dialog>
  );
}

/** Those with the most to read first; the list sorts what is found by how well it fits. */
function foundRooms(rooms: Readonly<Record<number, RoomState>>, me: number, text: string): RoomState[] {
  const sought = text.trim().toLocaleLowerCase();
  return Object.values(rooms)
    .filter(({ room }) => sought === "" || roomName(room, me).toLocaleLowerCase().includes(sought))
    .sort((a, b) => weight(b) - weight(a) || (b.room.last_message?.created_at ?? "").localeCompare(a.room.last_message?.created_at ?? ""))
    .slice(0, MAX_ROOMS);
}

const unreadOf = ({ room }: RoomState) => unreadIn(room);
const weight = (state: RoomState) => (state.room.mentioned.length > 0 ? 2 : unreadOf(state) > 0 ? 1 : 0);

function RoomItem({ state, me }: { state: RoomState; me: number }) {
  const { room } = state;
  const unread = unreadOf(state);
  return (
    <>
      {room.kind === "direct" ? (
        <DirectSign state={state} me={me} />
      ) : (
        <span className="inline-flex size-7 items-center justify-center text-muted">{room.kind === "private" ? <LockIcon /> : <HashIcon />}</span>
      )}
      <span className="min-w-0 flex-1 truncate" dir="auto">
        {roomName(room, me)}
      </span>
      <MentionBadge count={room.mentioned.length} />
      <Badge count={unread} label={t("{n} unread", { n: unread })} />
    </>
  );
}

function Group({ heading, children }: { heading: string; children: ReactNode }) {
  return (
    <Command.Group heading={heading} className="[&_[cmdk-group-heading]]:px-3 [&_[cmdk-group-heading]]:pt-2 [&_[cmdk-group-heading]]:pb-1 [&_[cmdk-group-heading]]:text-xs [&_[cmdk-group-heading]]:font-medium [&_[cmdk-group-heading]]:text-muted">
      {children}
    </Command.Group>
  );
}

function Item({ value, onSelect, children }: { value: string; onSelect: () => void; children: ReactNode }) {
  return (
    <Command.Item
      value={value}
      onSelect={onSelect}
      className="flex cursor-pointer items-center gap-3 rounded-lg px-3 py-2 select-none data-[selected=true]:bg-hover"
    >
      {children}
    </Command.Item>
  );
}
