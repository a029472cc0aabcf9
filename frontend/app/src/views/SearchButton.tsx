/** The way into search: a button, and "/" wherever nobody is writing. */
import { openSearch } from "../live/search.ts";
import { t } from "../text/t.ts";
import { useShortcut } from "../ui/hooks.ts";
import { SearchIcon } from "../ui/icons.tsx";
import { IconButton } from "../ui/parts.tsx";

export function SearchButton() {
  useShortcut(
    (event) => event.key === "/" && !event.ctrlKey && !event.metaKey && !event.altKey && !isBusy(event.target),
    () => openSearch(""),
  );
  return (
    <IconButton label={t("Search messages")} aria-keyshortcuts="/" onClick={() => openSearch("")}>
      <SearchIcon />
    </IconButton>
  );
}

function isBusy(target: EventTarget | null): boolean {
  if (document.querySelector("dialog[open]") !== null) return true;
  return target instanceof HTMLElement && target.closest("input, textarea, select, [contenteditable]") !== null;
}
