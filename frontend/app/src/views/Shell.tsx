/** The page of somebody who is logged in: rooms at the left, the open room at the right, on a phone one of the two. */
import { lazy, Suspense } from "react";
import { openOverlay, type Overlay, usePage } from "../live/store.ts";
import { t } from "../text/t.ts";
import { BellIcon, Mark } from "../ui/icons.tsx";
import { EmptyState } from "../ui/parts.tsx";
import { useShortcuts } from "../ui/shortcuts.ts";
import { ConnectionBar } from "./ConnectionBar.tsx";
import { RoomView } from "./RoomView.tsx";
import { OpenList } from "./OpenList.tsx";
import { Sidebar } from "./Sidebar.tsx";
import { Toasts } from "./Toasts.tsx";

const Threads = lazy(() => import("./ThreadList.tsx").then(({ Threads: view }) => ({ default: view })));
const SearchDialog = lazy(() => import("./SearchDialog.tsx").then(({ SearchDialog: view }) => ({ default: view })));
const JoinDialog = lazy(() => import("./JoinDialog.tsx").then(({ JoinDialog: view }) => ({ default: view })));

const ModerationPage = lazy(() => import("./moderation/ModerationPage.tsx").then((module) => ({ default: module.ModerationPage })));

export function Shell() {
  const roomId = usePage((state) => state.roomId);
  const known = usePage((state) => state.roomId !== null && state.live?.rooms[state.roomId] !== undefined);
  const showsJobs = usePage((state) => state.showsJobs);
  const search = usePage((state) => state.search);
  const invitation = usePage((state) => state.invitation);
  const moderation = usePage((state) => state.moderation !== null);
  const announcement = usePage((state) => state.announcement);
  useShortcuts();
  const showsThreads = usePage((state) => state.showsThreads);
  const open = roomId !== null || showsThreads;
  return (
    <div className="flex h-dvh flex-col">
      <ConnectionBar />
      <main className="grid min-h-0 flex-1 grid-cols-1 md:grid-cols-[17.5rem_minmax(0,1fr)] xl:grid-cols-[19rem_minmax(0,1fr)]">
        <div className={`min-h-0 ${open ? "hidden md:block" : ""}`}>
          <Sidebar />
        </div>
        <div className={`min-h-0 min-w-0 bg-surface md:rounded-ss-2xl md:border-t md:border-s md:border-line ${open ? "flex" : "hidden md:flex"}`}>
          {showsThreads ? (
            <Suspense>
              <Threads />
            </Suspense>
          ) : known && roomId !== null ? (
            <RoomView key={roomId} roomId={roomId} />
          ) : (
            <NoRoom missing={open} />
          )}
        </div>
      </main>
      <p aria-live="polite" className="sr-only">
        {announcement}
      </p>
      <Toasts />
      <Suspense>
        {showsJobs && <JobsDialog />}
        {search !== null && <SearchDialog initial={search} />}
        {invitation !== null && <JoinDialog key={invitation} token={invitation} />}
        {moderation && <ModerationPage />}
        <OnTop />
        <OpenList />
      </Suspense>
    </div>
  );
}

const JobsDialog = lazy(() => import("./JobsDialog.tsx").then((module) => ({ default: module.JobsDialog })));
const Palette = lazy(() => import("./Palette.tsx").then((module) => ({ default: module.Palette })));
const ShortcutsDialog = lazy(() => import("./ShortcutsDialog.tsx").then((module) => ({ default: module.ShortcutsDialog })));
const PreferencesDialog = lazy(() => import("./PreferencesDialog.tsx").then((module) => ({ default: module.PreferencesDialog })));
const NewRoomDialog = lazy(() => import("./NewRoomDialog.tsx").then((module) => ({ default: module.NewRoomDialog })));
const Tour = lazy(() => import("./Tour.tsx").then((module) => ({ default: module.Tour })));
const close = () => openOverlay(null);

function OnTop() {
  const overlay = usePage((state) => state.overlay);
  return overlay === null ? null : overlayOf(overlay);
}

function overlayOf(overlay: Overlay) {
  switch (overlay) {
    case "palette":
      return <Palette onClose={close} />;
    case "shortcuts":
      return <ShortcutsDialog onClose={close} />;
    case "preferences":
      return <PreferencesDialog onClose={close} />;
    case "new_room":
      return <NewRoomDialog way="browse" onClose={close} />;
    case "write_to":
      return <NewRoomDialog way="direct" onClose={close} />;
    case "tour":
      return <Tour onClose={close} />;
  }
}

function NoRoom({ missing }: { missing: boolean }) {
  return missing ? (
    <EmptyState icon={<BellIcon width={40} height={40} />} title={t("This room is not open to you")}>
      <p>{t("It does not exist, or you are no longer a member of it.")}</p>
      <a href="#/" className="font-medium text-accent underline underline-offset-4">
        {t("Back to your rooms")}
      </a>
    </EmptyState>
  ) : (
    <EmptyState icon={<Mark width={64} height={64} />} title={t("Choose a room")}>
      <p>
        {t("Pick a conversation at the side, or press Ctrl K to find one.")}
      </p>
    </EmptyState>
  );
}
