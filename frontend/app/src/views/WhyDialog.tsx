/** Why one got a notification, and why it did, or did not, come by e-mail, push and so on. */
import { useEffect, useState } from "react";
import { currentSession } from "../live/account.ts";
import type { DeliveryLine, InboxItem } from "../live/model.ts";
import { t } from "../text/t.ts";
import { useRequest } from "../ui/hooks.ts";
import { Dialog, ErrorText } from "../ui/parts.tsx";

export function WhyDialog({ item, onClose }: { item: InboxItem; onClose: () => void }) {
  const [lines, setLines] = useState<DeliveryLine[] | null>(null);
  const { error, run } = useRequest();
  useEffect(() => run(async () => setLines(await currentSession().why(item))), [item, run]);
  const notices = [...new Set(lines?.map(({ notice }) => notice))].map((notice) => lines?.filter((line) => line.notice === notice) ?? []);
  return (
    <Dialog title={t("Why did I get this?")} onClose={onClose}>
      <ErrorText>{error}</ErrorText>
      {lines === null && error === null && <p className="py-6 text-center text-muted">{t("Loading…")}</p>}
      {lines?.length === 0 && <p className="text-muted">{t("This was told to a whole audience you belong to, in the app only.")}</p>}
      <div className="flex flex-col gap-5">
        {notices.map((decided) => (
          <section key={decided[0]?.notice} aria-label={decided[0]?.title}>
            <h3 className="pb-1 font-medium break-words">{decided[0]?.title}</h3>
            <dl className="grid grid-cols-[auto_1fr] gap-x-4 gap-y-1.5 text-sm">
              {decided.toReversed().map(({ id, label, sentence }) => (
                <div key={id} className="contents">
                  <dt className="text-muted">{label}</dt>
                  <dd>{sentence}</dd>
                </div>
              ))}
            </dl>
          </section>
        ))}
      </div>
    </Dialog>
  );
}
