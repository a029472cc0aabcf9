/** Above the field: whom one's last message in this room named and did not reach, and what can be done about it. */
import { currentSession } from "../live/account.ts";
import type { NotReached, Room } from "../live/model.ts";
import { dropUnreached, usePage } from "../live/store.ts";
import { listed } from "../text/amounts.ts";
import { plural, t } from "../text/t.ts";
import { useRequest } from "../ui/hooks.ts";
import { AlertIcon, CloseIcon } from "../ui/icons.tsx";
import { ErrorText, IconButton } from "../ui/parts.tsx";

export function UnreachedNote({ room, threadId }: { room: Room; threadId: number | null }) {
  const unreached = usePage((state) => state.unreached);
  const { busy, error, run } = useRequest();
  if (unreached === null || unreached.roomId !== room.id || unreached.threadId !== threadId) return null;
  const outside = unreached.names.filter(({ why }) => why === "not_a_member");
  const refused = unreached.names.filter(({ why }) => why === "not_allowed");
  const invite = ({ user }: NotReached) =>
    run(async () => {
      if (user !== null) await currentSession().invite(room.id, user);
      dropUnreached(user);
    });
  return (
    <div role="status" className="mb-2 flex items-start gap-2.5 rounded-xl border border-line bg-bronze-soft py-2 pe-1.5 ps-3 text-sm">
      <AlertIcon width={17} height={17} className="mt-0.5 shrink-0 text-bronze" />
      <div className="min-w-0 flex-1">
        {outside.map((name) => (
          <p key={name.user} className="break-words">
            {t("{name} is not in this conversation, and was not notified.", { name: name.name })}{" "}
            {room.kind !== "direct" && (
              <button type="button" disabled={busy} onClick={() => invite(name)} className="font-semibold text-accent underline underline-offset-4">
                {t("Invite")}
              </button>
            )}
          </p>
        ))}
        {refused.length > 0 && (
          <p>
            {plural(refused.length, "{names} notified nobody: in this room only its owners may use it.", "{names} notified nobody: in this room only its owners may use them.", {
              names: listed(refused.map(({ name }) => `@${name}`)),
            })}
          </p>
        )}
        <ErrorText>{error}</ErrorText>
      </div>
      <IconButton label={t("Dismiss")} className="-my-1 size-8" onClick={() => dropUnreached()}>
        <CloseIcon width={16} height={16} />
      </IconButton>
    </div>
  );
}
