/** What a room's menu offers beside inviting and leaving: its place among the favourites, and putting it away. */
import { currentSession } from "../live/account.ts";
import type { Room } from "../live/model.ts";
import { archiveRoom, favouriteIds, movedBy, orderFavourites, setFavourite } from "../live/rooms.ts";
import { showToast, store, useLive } from "../live/store.ts";
import { asSentence } from "../text/errors.ts";
import { t } from "../text/t.ts";
import { ArchiveIcon, DownIcon, StarIcon, UpIcon } from "../ui/icons.tsx";
import { MenuItem } from "../ui/menu.tsx";

export function FavouriteItems({ room }: { room: Room }) {
  const count = useLive((live) => favouriteIds(live).length);
  const at = useLive((live) => favouriteIds(live).indexOf(room.id));
  const move = (step: 1 | -1) => {
    const { live } = store.getState();
    if (live !== null) run(orderFavourites(currentSession(), movedBy(favouriteIds(live), room.id, step)));
  };
  return (
    <>
      <MenuItem icon={<StarIcon />} onSelect={() => run(setFavourite(currentSession(), room.id, !room.favourite))}>
        {room.favourite ? t("Remove from favourites") : t("Add to favourites")}
      </MenuItem>
      {at > 0 && (
        <MenuItem icon={<UpIcon />} onSelect={() => move(-1)}>
          {t("Move up among favourites")}
        </MenuItem>
      )}
      {at >= 0 && at < count - 1 && (
        <MenuItem icon={<DownIcon />} onSelect={() => move(1)}>
          {t("Move down among favourites")}
        </MenuItem>
      )}
    </>
  );
}

export function ArchiveItem({ room }: { room: Room }) {
  return (
    <MenuItem icon={<ArchiveIcon />} onSelect={() => run(archiveRoom(currentSession(), room.id, !room.archived))}>
      {room.archived ? t("Bring back from the archive") : t("Archive this room")}
    </MenuItem>
  );
}

function run(request: Promise<void>): void {
  request.catch((reason: unknown) => showToast({ id: "room-menu", title: t("That did not work"), text: asSentence(reason), level: "warning", link: "" }));
}
