/** Who did what to whom, and why: of one room, for its owners. */
import { useState } from "react";
import type { Room } from "../../live/model.ts";
import { t } from "../../text/t.ts";
import { Dialog } from "../../ui/parts.tsx";
import { AuditList } from "./AuditList.tsx";

export function AuditDialog({ room, onClose }: { room: Room; onClose: () => void }) {
  const [person, setPerson] = useState("");
  return (
    <Dialog title={t("What was done in {name}", { name: room.name })} wide onClose={onClose}>
      <AuditList room={room.id} person={person} onPerson={setPerson} />
    </Dialog>
  );
}
