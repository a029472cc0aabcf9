/** Where a link into a room leads, before one follows it. */
import { useEffect, useState } from "react";
import { currentSession } from "../live/account.ts";
import { acceptInvitation, type InvitedTo, lookAtInvitation } from "../live/invitations.ts";
import { forgetInvitation, goToRoom } from "../live/place.ts";
import { t } from "../text/t.ts";
import { useRequest } from "../ui/hooks.ts";
import { Button, Dialog, ErrorText } from "../ui/parts.tsx";

export function JoinDialog({ token }: { token: string }) {
  const [room, setRoom] = useState<InvitedTo | null>(null);
  const looking = useRequest();
  const joining = useRequest();
  useEffect(() => looking.run(async () => setRoom(await lookAtInvitation(token))), [token, looking.run]);
  const join = () => {
    if (room?.joined === true) {
      forgetInvitation();
      return goToRoom(room.room);
    }
    joining.run(() => acceptInvitation(currentSession(), token));
  };
  return (
    <Dialog title={room === null ? t("You were given a link") : t("Join {name}?", { name: room.name })} onClose={forgetInvitation}>
      <ErrorText>{looking.error ?? joining.error}</ErrorText>
      {room === null && looking.error === null && <p className="py-4 text-muted">{t("Looking…")}</p>}
      {room !== null && (
        <p className="mb-5 break-words text-muted">
          {room.kind === "private" ? t("A private room") : t("An open room")}
          {" · "}
          {room.member_count === 1 ? t("1 member") : t("{n} members", { n: room.member_count })}
          {room.topic !== "" && ` · ${room.topic}`}
        </p>
      )}
      <div className="flex justify-end gap-2">
        <Button tone="outline" onClick={forgetInvitation}>
          {room === null ? t("Close") : t("Not now")}
        </Button>
        {room !== null && (
          <Button disabled={joining.busy} onClick={join}>
            {room.joined ? t("Open") : t("Join")}
          </Button>
        )}
      </div>
    </Dialog>
  );
}
