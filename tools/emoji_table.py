"""Makes the server's table of emoji (`chat/richtext/emoji.json`) from the data that the page's picker shows.

`python tools/emoji_table.py`, after `tools/frontend.py build` has installed the page's packages; to be run, and its
result committed, when emoji-picker-element-data has a new version. The names are those of Emojibase; where they leave
a name free, those that people know from GitHub and Slack. Standard library only.
"""

import json
from collections.abc import Iterator
from pathlib import Path

BASE = Path(__file__).resolve().parent.parent
DATA = BASE / "frontend" / "node_modules" / "emoji-picker-element-data" / "en"
TABLE = BASE / "chat" / "richtext" / "emoji.json"
SETS = ("emojibase", "github", "iamcal")


def table() -> dict[str, str]:
    """The character of each name, by name."""
    found: dict[str, str] = {}
    for one in SETS:
        for name, character in _names(json.loads((DATA / one / "data.json").read_text())):
            found.setdefault(name, character)
    return dict(sorted(found.items()))


def _names(emoji: list[dict]) -> Iterator[tuple[str, str]]:
    """Also of the five skin tones: `wave_tone1`."""
    for one in emoji:
        for name in one.get("shortcodes", ()):
            yield name, one["emoji"]
            for skin in one.get("skins", ()):
                if isinstance(skin["tone"], int):
                    yield f"{name}_tone{skin['tone']}", skin["emoji"]


def written() -> str:
    """As the file has it: an emoji a line, so that a change can be read."""
    return json.dumps(table(), ensure_ascii=False, indent=0) + "\n"


if __name__ == "__main__":
    TABLE.write_text(written())
