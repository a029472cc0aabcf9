/** Who has acknowledged a message, and, for whoever asked, who has not. */
import { useEffect, useState } from "react";
import { acksOf, type AckList } from "../live/marking.ts";
import type { Message } from "../live/model.ts";
import { t } from "../text/t.ts";
import { fullMoment } from "../text/times.ts";
import { useRequest } from "../ui/hooks.ts";
import { Dialog, ErrorText } from "../ui/parts.tsx";
import { PeopleList } from "./PeopleList.tsx";

export function AckDialog({ message, onClose }: { message: Message; onClose: () => void }) {
  const [acks, setAcks] = useState<AckList | null>(null);
  const { error, run } = useRequest();
  const count = message.ack?.count;
  useEffect(() => run(async () => setAcks(await acksOf(message))), [message, count, run]);
  return (
    <Dialog title={t("Acknowledgements")} onClose={onClose}>
      <ErrorText>{error}</ErrorText>
      {acks !== null && (
        <>
          <section aria-label={t("Acknowledged")}>
            <h3 className="font-medium">{t("Acknowledged by {count}", { count: acks.count })}</h3>
            <PeopleList people={acks.given.map(({ person }) => person)} count={acks.count} />
          </section>
          {acks.missing !== null && (
            <section aria-label={t("Not yet")} className="pt-3">
              <h3 className="font-medium">{t("Not yet: {count}", { count: acks.missing.length })}</h3>
              <PeopleList people={acks.missing} />
              {acks.remind_at !== null && acks.missing.length > 0 && (
                <p className="text-sm text-muted">{t("They will be reminded: {when}", { when: fullMoment(new Date(acks.remind_at)) })}</p>
              )}
            </section>
          )}
        </>
      )}
    </Dialog>
  );
}
