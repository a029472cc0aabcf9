/** A favourite in the list: it can be dragged to the place of another one. By keyboard, the room's menu moves it. */
import { type DragEvent, type ReactNode, useState } from "react";
import { currentSession } from "../live/account.ts";
import { favouriteIds, movedTo, orderFavourites } from "../live/rooms.ts";
import { showToast, store } from "../live/store.ts";
import { asSentence } from "../text/errors.ts";
import { t } from "../text/t.ts";

const KIND = "application/x-carillon-favourite";

export function FavouriteItem({ roomId, children }: { roomId: number; children: ReactNode }) {
  const [over, setOver] = useState(false);
  const isFavourite = (event: DragEvent) => event.dataTransfer.types.includes(KIND);
  return (
    <li
      draggable
      className={over ? "rounded-xl outline-2 outline-accent" : ""}
      onDragStart={(event) => {
        event.dataTransfer.setData(KIND, String(roomId));
        event.dataTransfer.effectAllowed = "move";
      }}
      onDragOver={(event) => {
        if (!isFavourite(event)) return;
        event.preventDefault();
        setOver(true);
      }}
      onDragLeave={() => setOver(false)}
      onDrop={(event) => {
        if (!isFavourite(event)) return;
        event.preventDefault();
        setOver(false);
        place(Number(event.dataTransfer.getData(KIND)), roomId);
      }}
    >
      {children}
    </li>
  );
}

function place(moved: number, target: number): void {
  const { live } = store.getState();
  if (live === null || moved === target) return;
  orderFavourites(currentSession(), movedTo(favouriteIds(live), moved, target)).catch((reason: unknown) =>
    showToast({ id: "favourites", title: t("The order was not kept"), text: asSentence(reason), level: "warning", link: "" }),
  );
}
