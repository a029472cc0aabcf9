/** The list that the address names, on top of the room. */
import { lazy, Suspense } from "react";
import { usePage } from "../live/store.ts";

const SavedDialog = lazy(async () => ({ default: (await import("./SavedDialog.tsx")).SavedDialog }));
const ScheduledDialog = lazy(async () => ({ default: (await import("./ScheduledDialog.tsx")).ScheduledDialog }));

export function OpenList() {
  const list = usePage((state) => state.list);
  return (
    <Suspense fallback={null}>
      {list === "saved" && <SavedDialog />}
      {list === "scheduled" && <ScheduledDialog />}
    </Suspense>
  );
}
