/** One row of a timeline: a day, where the unread ones begin, a message, or one that is on its way. */
import type { Row } from "../live/timeline.ts";
import { t } from "../text/t.ts";
import { dayName } from "../text/times.ts";
import { MessageRow, PendingRow } from "./MessageRow.tsx";

interface TimelineRowProps {
  row: Row;
  me: number;
  /** The number of the message that was looked for. */
  found: number | null;
  editing: number | null;
  onEdit: (id: number | null) => void;
  inThread?: boolean;
}

export function TimelineRow({ row, me, found, editing, onEdit, inThread = false }: TimelineRowProps) {
  switch (row.kind) {
    case "day":
      return inThread ? <p className="px-5 pt-3 pb-1 text-center text-xs font-semibold text-muted">{dayName(row.at, new Date())}</p> : <DayLine at={row.at} />;
    case "unread":
      return (
        <div className="flex items-center gap-3 px-5 py-1.5 text-xs font-semibold text-bronze" role="separator">
          <span className="h-px flex-1 bg-bronze/50" />
          {t("New")}
        </div>
      );
    case "message":
      return (
        <MessageRow
          message={row.message}
          me={me}
          found={row.message.number === found}
          opensGroup={row.opensGroup}
          editing={editing === row.message.id}
          onEdit={onEdit}
          inThread={inThread}
        />
      );
    case "pending":
      return <PendingRow pending={row.pending} opensGroup={row.opensGroup} />;
  }
}

function DayLine({ at }: { at: Date }) {
  return (
    <div className="flex items-center gap-4 px-5 pt-5 pb-2" role="separator">
      <span className="h-px flex-1 bg-line" />
      <h2 className="text-xs font-semibold text-muted">{dayName(at, new Date())}</h2>
      <span className="h-px flex-1 bg-line" />
    </div>
  );
}
