/** What the pages that a message links to say of themselves. Text and image come from our server, never from theirs. */
import { currentSession } from "../live/account.ts";
import { newId } from "../live/ids.ts";
import type { LinkPreview, Message, Room } from "../live/model.ts";
import { useLive } from "../live/store.ts";
import { t } from "../text/t.ts";
import { useRequest } from "../ui/hooks.ts";
import { CloseIcon, LinkIcon } from "../ui/icons.tsx";
import { MenuItem } from "../ui/menu.tsx";
import { ErrorText, IconButton } from "../ui/parts.tsx";

export function MessagePreviews({ message, mine }: { message: Message; mine: boolean }) {
  const owner = useLive((live) => live.rooms[message.room]?.room.role === "owner");
  const previews = message.previews ?? [];
  if (previews.length === 0) return null;
  return (
    <ul aria-label={t("Linked pages")} className="flex flex-col gap-2 py-1">
      {previews.map((preview) => (
        <li key={preview.url}>
          <PreviewCard message={message} preview={preview} removable={mine || owner} />
        </li>
      ))}
    </ul>
  );
}

function PreviewCard({ message, preview, removable }: { message: Message; preview: LinkPreview; removable: boolean }) {
  const { busy, error, run } = useRequest();
  const { url, site, title, description, image } = preview;
  const remove = () => run(async () => void (await currentSession().call("chat.preview_remove", { message: message.id, url, client_id: newId() })));
  return (
    <div className="relative max-w-xl">
      <a href={url} target="_blank" rel="noopener noreferrer nofollow" className="flex gap-3 rounded-xl border border-line bg-raised p-3 hover:bg-hover">
        <span className="min-w-0 flex-1">
          <span className="block truncate pe-6 text-xs text-muted">{site}</span>
          <span className="line-clamp-2 font-medium text-accent [overflow-wrap:anywhere]">{title}</span>
          {description !== "" && <span className="line-clamp-3 text-sm text-muted [overflow-wrap:anywhere]">{description}</span>}
        </span>
        {image != null && <img src={image} alt="" width={88} height={88} loading="lazy" decoding="async" className="size-22 shrink-0 self-center rounded-lg bg-hover object-cover" />}
      </a>
      {removable && (
        <IconButton label={t("Remove preview of {name}", { name: title })} disabled={busy} className="absolute! top-1 end-1 size-7" onClick={remove}>
          <CloseIcon width={14} height={14} />
        </IconButton>
      )}
      <ErrorText>{error}</ErrorText>
    </div>
  );
}

/** In the menu of a room, for its owners. */
export function PreviewSwitch({ room }: { room: Room }) {
  const on = room.link_previews ?? true;
  const change = () => void currentSession().call("chat.room_previews_switch", { room: room.id, on: !on, client_id: newId() });
  return (
    <MenuItem icon={<LinkIcon />} onSelect={change}>
      {on ? t("Stop previews of links") : t("Show previews of links")}
    </MenuItem>
  );
}
