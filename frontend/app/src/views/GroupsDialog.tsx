/** Groups of people that a message can mention, and who is in them; for those who may, the way to make and change them. */
import { type FormEvent, useCallback, useEffect, useState } from "react";
import { currentSession } from "../live/account.ts";
import { type Group, listGroups, managesGroups, membersOf, removeGroup, saveGroup } from "../live/groups.ts";
import type { Person } from "../live/model.ts";
import { nameOf } from "../text/names.ts";
import { plural, t } from "../text/t.ts";
import { useRequest } from "../ui/hooks.ts";
import { CloseIcon, PlusIcon } from "../ui/icons.tsx";
import { Avatar, Button, Dialog, ErrorText, Field, IconButton } from "../ui/parts.tsx";
import { PeopleFinder } from "./NewRoomDialog.tsx";
import { PeopleList } from "./PeopleList.tsx";

export function GroupsDialog({ onClose }: { onClose: () => void }) {
  const [groups, setGroups] = useState<Group[] | null>(null);
  const [manages, setManages] = useState(false);
  const [open, setOpen] = useState<Group | "new" | null>(null);
  const { error, run } = useRequest();
  const load = useCallback(
    () =>
      run(async () => {
        setManages(await managesGroups());
        setGroups(await listGroups());
      }),
    [run],
  );
  useEffect(load, [load]);
  const back = () => {
    setOpen(null);
    load();
  };
  if (open !== null) {
    const group = open === "new" ? null : open;
    return (
      <Dialog key="one" title={group === null ? t("New group") : `@${group.name}`} onClose={onClose}>
        {manages ? <GroupForm group={group} onDone={back} /> : group !== null && <Members group={group} onDone={back} />}
      </Dialog>
    );
  }
  return (
    <Dialog key="all" title={t("Groups of people")} onClose={onClose}>
      <p className="pb-3 text-sm text-muted">{t("A message that names a group, as in @designers, tells those of it who are in the room.")}</p>
      <ErrorText>{error}</ErrorText>
      {groups === null && error === null && <p className="py-6 text-center text-muted">{t("Loading…")}</p>}
      {groups?.length === 0 && <p className="py-6 text-center text-muted">{t("There is no group yet.")}</p>}
      <ul className="-mx-2 flex flex-col">
        {groups?.map((group) => (
          <li key={group.id}>
            <button type="button" onClick={() => setOpen(group)} className="flex w-full items-baseline gap-3 rounded-xl px-2 py-2 text-start hover:bg-hover">
              <span className="min-w-0 flex-1">
                <span className="block truncate font-medium">@{group.name}</span>
                <span className="block truncate text-sm text-muted" dir="auto">
                  {group.description}
                </span>
              </span>
              <span className="shrink-0 text-sm text-muted">{plural(group.member_count, "{n} person", "{n} people")}</span>
            </button>
          </li>
        ))}
      </ul>
      {manages && (
        <Button className="mt-3" onClick={() => setOpen("new")}>
          <PlusIcon width={17} height={17} />
          {t("New group")}
        </Button>
      )}
    </Dialog>
  );
}

/** Null until they were fetched; of a new group, nobody. */
function useMembers(group: Group | null) {
  const [members, setMembers] = useState<readonly Person[] | null>(group === null ? [] : null);
  const { error, run } = useRequest();
  useEffect(() => {
    if (group !== null) run(async () => setMembers(await membersOf(group)));
  }, [group, run]);
  return { members, setMembers, error };
}

function Members({ group, onDone }: { group: Group; onDone: () => void }) {
  const { members, error } = useMembers(group);
  return (
    <>
      {group.description !== "" && <p className="text-muted" dir="auto">{group.description}</p>}
      <ErrorText>{error}</ErrorText>
      {members === null && error === null && <p className="py-6 text-center text-muted">{t("Loading…")}</p>}
      {members !== null && <PeopleList people={members} />}
      <Button tone="outline" className="mt-3" onClick={onDone}>
        {t("Back")}
      </Button>
    </>
  );
}

function GroupForm({ group, onDone }: { group: Group | null; onDone: () => void }) {
  const { members, setMembers, error: loadError } = useMembers(group);
  const [finding, setFinding] = useState(false);
  const [removing, setRemoving] = useState(false);
  const { busy, error, run } = useRequest();
  if (members === null) return loadError === null ? <p className="py-6 text-center text-muted">{t("Loading…")}</p> : <ErrorText>{loadError}</ErrorText>;
  const ids = new Set(members.map(({ id }) => id));
  const submit = (event: FormEvent<HTMLFormElement>) => {
    event.preventDefault();
    const form = new FormData(event.currentTarget);
    run(async () => {
      const mentioned_by = form.get("mentioned_by") === "members" ? "members" : "everybody";
      await saveGroup(currentSession(), group, { name: String(form.get("name")), description: String(form.get("description")), mentioned_by }, members);
      onDone();
    });
  };
  const remove = (one: Group) =>
    run(async () => {
      await removeGroup(currentSession(), one);
      onDone();
    });
  return (
    <div className="flex flex-col gap-4">
      <form id="group" onSubmit={submit} className="flex flex-col gap-4">
        <Field label={t("Name")} hint={t("By which messages mention it: letters and digits, without spaces.")}>
          <input className="field" name="name" required maxLength={32} autoComplete="off" defaultValue={group?.name} data-autofocus />
        </Field>
        <Field label={t("Description")}>
          <input className="field" name="description" maxLength={250} autoComplete="off" dir="auto" defaultValue={group?.description} />
        </Field>
        <Field label={t("Who may mention it")}>
          <select className="field" name="mentioned_by" defaultValue={group?.mentioned_by}>
            <option value="everybody">{t("Everybody")}</option>
            <option value="members">{t("Only who is in it")}</option>
          </select>
        </Field>
      </form>
      <section aria-label={t("Members")}>
        <h3 className="text-sm font-medium">{t("Members")}</h3>
        {members.length === 0 && <p className="py-2 text-sm text-muted">{t("Nobody yet")}</p>}
        <ul className="flex flex-col">
          {members.map((person) => (
            <li key={person.id} className="flex items-center gap-2.5 py-1">
              <Avatar person={person} size="small" />
              <span className="min-w-0 flex-1 truncate">{nameOf(person)}</span>
              <IconButton label={t("Remove {name}", { name: nameOf(person) })} className="size-8" onClick={() => setMembers(members.filter(({ id }) => id !== person.id))}>
                <CloseIcon width={16} height={16} />
              </IconButton>
            </li>
          ))}
        </ul>
        {finding ? (
          <div className="pt-2">
            <PeopleFinder
              label={t("Find somebody")}
              action={t("Add")}
              without={(id) => ids.has(id)}
              busy={busy}
              error={null}
              onChoose={(person) => setMembers([...members, person])}
            />
          </div>
        ) : (
          <Button tone="outline" className="mt-1 px-3! py-1! text-sm" onClick={() => setFinding(true)}>
            {t("Add people")}
          </Button>
        )}
      </section>
      <ErrorText>{error}</ErrorText>
      <div className="flex flex-wrap justify-end gap-2">
        {group !== null && (
          <Button tone={removing ? "danger" : "quiet"} className="me-auto" disabled={busy} onClick={() => (removing ? remove(group) : setRemoving(true))}>
            {removing ? t("Remove it for good") : t("Remove group")}
          </Button>
        )}
        <Button tone="outline" onClick={onDone}>
          {t("Cancel")}
        </Button>
        <Button type="submit" form="group" disabled={busy}>
          {t("Save")}
        </Button>
      </div>
    </div>
  );
}
