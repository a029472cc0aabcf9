/** The page of somebody who is logged in: rooms at the left, the open room at the right, on a phone one of the two. */
import { useEffect } from "react";
import { usePage } from "../live/store.ts";
import { BellIcon, Mark } from "../ui/icons.tsx";
import { EmptyState } from "../ui/parts.tsx";
import { ConnectionBar } from "./ConnectionBar.tsx";
import { RoomView } from "./RoomView.tsx";
import { Sidebar } from "./Sidebar.tsx";
import { Toasts } from "./Toasts.tsx";

export function Shell() {
  const roomId = usePage((state) => state.roomId);
  const known = usePage((state) => state.roomId !== null && state.live?.rooms[state.roomId] !== undefined);
  const announcement = usePage((state) => state.announcement);
  useUnreadTitle();
  const open = roomId !== null;
  return (
    <div className="flex h-dvh flex-col">
      <ConnectionBar />
      <main className="grid min-h-0 flex-1 grid-cols-1 md:grid-cols-[17.5rem_minmax(0,1fr)] xl:grid-cols-[19rem_minmax(0,1fr)]">
        <div className={`min-h-0 ${open ? "hidden md:block" : ""}`}>
          <Sidebar />
        </div>
        <div className={`min-h-0 min-w-0 bg-surface md:rounded-tl-2xl md:border-t md:border-l md:border-line ${open ? "flex" : "hidden md:flex"}`}>
          {known && roomId !== null ? <RoomView key={roomId} roomId={roomId} /> : <NoRoom missing={open} />}
        </div>
      </main>
      <p aria-live="polite" className="sr-only">
        {announcement}
      </p>
      <Toasts />
    </div>
  );
}

function NoRoom({ missing }: { missing: boolean }) {
  return missing ? (
    <EmptyState icon={<BellIcon width={40} height={40} />} title="This room is not open to you">
      <p>It does not exist, or you are no longer a member of it.</p>
      <a href="#/" className="font-medium text-accent underline underline-offset-4">
        Back to your rooms
      </a>
    </EmptyState>
  ) : (
    <EmptyState icon={<Mark width={64} height={64} />} title="Choose a room">
      <p>
        Pick a conversation at the left, or press <kbd className="rounded border border-line px-1.5 text-sm">Ctrl K</kbd> to find one.
      </p>
    </EmptyState>
  );
}

function useUnreadTitle(): void {
  const unread = usePage(({ live }) =>
    Object.values(live?.rooms ?? {}).reduce((sum, { room }) => sum + Math.max(0, room.last_number - room.read_number), 0),
  );
  useEffect(() => {
    document.title = unread > 0 ? `(${unread}) Carillon` : "Carillon";
  }, [unread]);
}
