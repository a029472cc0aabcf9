/** Links into a room, for its owners: made, copied, revoked. A link is shown once. */
import { type FormEvent, useCallback, useEffect, useState } from "react";
import { currentSession } from "../live/account.ts";
import { createInvitation, type Invitation, listInvitations, revokeInvitation } from "../live/invitations.ts";
import type { Room } from "../live/model.ts";
import { announce } from "../live/store.ts";
import { t } from "../text/t.ts";
import { fullMoment } from "../text/times.ts";
import { useRequest } from "../ui/hooks.ts";
import { LinkIcon } from "../ui/icons.tsx";
import { Button, ErrorText } from "../ui/parts.tsx";

const DAY_S = 86_400;
const LIFETIMES: Record<string, () => string> = {
  [DAY_S]: () => t("for a day"),
  [7 * DAY_S]: () => t("for a week"),
  [30 * DAY_S]: () => t("for 30 days"),
  "": () => t("without end"),
};
const USES: Record<string, () => string> = {
  "": () => t("for any number of people"),
  "1": () => t("for one person"),
  "10": () => t("for 10 people"),
  "100": () => t("for 100 people"),
};

export function InviteLinks({ room }: { room: Room }) {
  const [links, setLinks] = useState<readonly Invitation[]>([]);
  const [address, setAddress] = useState<string | null>(null);
  const { busy, error, run } = useRequest();
  const load = useCallback(async () => setLinks(await listInvitations(room.id)), [room.id]);
  useEffect(() => run(load), [run, load]);
  const make = (event: FormEvent<HTMLFormElement>) => {
    event.preventDefault();
    const form = new FormData(event.currentTarget);
    run(async () => {
      setAddress(
        await createInvitation(currentSession(), room.id, { lifetime_s: numberIn(form.get("lifetime")), max_uses: numberIn(form.get("uses")) }),
      );
      await load();
    });
  };
  const revoke = (link: Invitation) =>
    run(async () => {
      await revokeInvitation(currentSession(), link.id);
      setAddress(null);
      await load();
    });
  return (
    <details className="mb-4 rounded-xl border border-line px-3 py-2">
      <summary className="flex cursor-pointer items-center gap-2 font-medium">
        <LinkIcon width={17} height={17} className="text-muted" />
        {t("Invite with a link")}
      </summary>
      <div className="flex flex-col gap-3 pt-3 pb-1">
        <form onSubmit={make} className="flex flex-wrap gap-2 text-sm">
          <select className="field w-auto py-1" name="lifetime" aria-label={t("How long it works")} defaultValue={String(7 * DAY_S)}>
            {Object.entries(LIFETIMES).map(([value, text]) => (
              <option key={value} value={value}>
                {text()}
              </option>
            ))}
          </select>
          <select className="field w-auto py-1" name="uses" aria-label={t("For how many people it works")} defaultValue="">
            {Object.entries(USES).map(([value, text]) => (
              <option key={value} value={value}>
                {text()}
              </option>
            ))}
          </select>
          <Button type="submit" tone="outline" className="py-1" disabled={busy}>
            {t("Make a link")}
          </Button>
        </form>
        <ErrorText>{error}</ErrorText>
        {address !== null && <NewLink address={address} />}
        {links.length > 0 && (
          <ul aria-label={t("Links that work")} className="divide-y divide-line text-sm">
            {links.map((link) => (
              <li key={link.id} className="flex items-center gap-3 py-1.5">
                <span className="min-w-0 flex-1 text-muted">{described(link)}</span>
                <Button tone="quiet" className="px-2 py-1 text-danger" disabled={busy} onClick={() => revoke(link)}>
                  {t("Revoke")}
                </Button>
              </li>
            ))}
          </ul>
        )}
      </div>
    </details>
  );
}

function NewLink({ address }: { address: string }) {
  const { error, run } = useRequest();
  const copy = () =>
    run(async () => {
      await navigator.clipboard.writeText(address);
      announce(t("The link is copied"));
    });
  return (
    <div className="flex flex-col gap-1">
      <div className="flex gap-2">
        <input className="field min-w-0 text-sm" readOnly aria-label={t("The new link")} value={address} onFocus={(event) => event.currentTarget.select()} />
        <Button onClick={copy}>{t("Copy")}</Button>
      </div>
      <p className="text-xs text-muted">{t("It is shown only now. Whoever has it can join.")}</p>
      <ErrorText>{error}</ErrorText>
    </div>
  );
}

function described({ expires_at: until, max_uses: most, uses }: Invitation): string {
  const used = most === null ? t("used {n} times", { n: uses }) : t("used {n} of {total} times", { n: uses, total: most });
  return until === null ? used : `${used}, ${t("until {moment}", { moment: fullMoment(new Date(until)) })}`;
}

function numberIn(value: FormDataEntryValue | null): number | null {
  return value === null || value === "" ? null : Number(value);
}
