/** What an edited message said before. */
import { useEffect, useState } from "react";
import { currentSession } from "../live/account.ts";
import type { Message, Version } from "../live/model.ts";
import { useLive } from "../live/store.ts";
import { t } from "../text/t.ts";
import { fullMoment } from "../text/times.ts";
import { useRequest } from "../ui/hooks.ts";
import { Dialog, ErrorText } from "../ui/parts.tsx";
import { MessageText } from "./MessageText.tsx";

export function HistoryDialog({ message, onClose }: { message: Message; onClose: () => void }) {
  const me = useLive((live) => live.me.id);
  const [versions, setVersions] = useState<Version[] | null>(null);
  const { error, run } = useRequest();
  useEffect(() => run(async () => setVersions(await currentSession().messageHistory(message))), [message, run]);
  const { text, html = "", mentions } = message;
  const now: Version = { text, html, mentions, written_at: message.edited_at ?? message.created_at };
  return (
    <Dialog title={t("What it said")} onClose={onClose}>
      <ErrorText>{error}</ErrorText>
      <ol className="flex flex-col gap-4">
        {(versions === null ? [now] : [now, ...versions.toReversed()]).map((version, age) => (
          <li key={version.written_at}>
            <p className="text-xs text-muted">
              {age === 0 ? t("Now") : t("Before")} · <time dateTime={version.written_at}>{fullMoment(new Date(version.written_at))}</time>
            </p>
            <div className="break-words whitespace-pre-wrap" dir="auto">
              <MessageText text={version.text} html={version.html} mentions={version.mentions} me={me} />
            </div>
          </li>
        ))}
      </ol>
    </Dialog>
  );
}
