import { currentSession } from "../live/account.ts";
import type { Person, RoomState } from "../live/model.ts";
import { t } from "../text/t.ts";
import { useRequest } from "../ui/hooks.ts";
import { Dialog } from "../ui/parts.tsx";
import { InviteLinks } from "./InviteLinks.tsx";
import { PeopleFinder } from "./NewRoomDialog.tsx";

export function InviteDialog({ state, onClose }: { state: RoomState; onClose: () => void }) {
  const { busy, error, run } = useRequest();
  const members = new Set(state.members?.map(({ id }) => id));
  const invite = (person: Person) =>
    run(async () => {
      await currentSession().invite(state.room.id, person.id);
      onClose();
    });
  return (
    <Dialog title={t("Invite to {room}", { room: state.room.name })} onClose={onClose}>
      {state.room.role === "owner" && <InviteLinks room={state.room} />}
      <PeopleFinder label={t("Find somebody")} action={t("Invite")} without={(id) => members.has(id)} busy={busy} error={error} onChoose={invite} />
    </Dialog>
  );
}
