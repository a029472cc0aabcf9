/** The dialogs about one message, fetched when one is wanted. */
import { lazy, Suspense } from "react";
import type { Message } from "../live/model.ts";
import { plainText } from "../text/rich.ts";

const AckDialog = lazy(() => import("./AckDialog.tsx").then(({ AckDialog: view }) => ({ default: view })));
const ForwardDialog = lazy(() => import("./ForwardDialog.tsx").then(({ ForwardDialog: view }) => ({ default: view })));
const HistoryDialog = lazy(() => import("./HistoryDialog.tsx").then(({ HistoryDialog: view }) => ({ default: view })));
const ReadersDialog = lazy(() => import("./ReadersDialog.tsx").then(({ ReadersDialog: view }) => ({ default: view })));
const RemindDialog = lazy(() => import("./RemindDialog.tsx").then(({ RemindDialog: view }) => ({ default: view })));
const ReportDialog = lazy(() => import("./moderation/ReportDialog.tsx").then(({ ReportDialog: view }) => ({ default: view })));

export type MessageDialogName = "acks" | "forward" | "history" | "readers" | "remind" | "report";

export function MessageDialog({ name, message, onClose }: { name: MessageDialogName; message: Message; onClose: () => void }) {
  return (
    <Suspense>
      {name === "acks" && <AckDialog message={message} onClose={onClose} />}
      {name === "forward" && <ForwardDialog message={message} onClose={onClose} />}
      {name === "history" && <HistoryDialog message={message} onClose={onClose} />}
      {name === "readers" && <ReadersDialog message={message} onClose={onClose} />}
      {name === "remind" && <RemindDialog about={`message:${message.id}`} title={plainText(message)} onClose={onClose} />}
      {name === "report" && <ReportDialog about={{ message: message.id }} shown={message.text} onClose={onClose} />}
    </Suspense>
  );
}
