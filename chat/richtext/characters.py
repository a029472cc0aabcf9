"""The characters that have a name between colons.

The table in `emoji.json` is made by `tools/emoji_table.py` of emoji-picker-element-data (Apache-2.0), which is made of
emojibase-data (MIT): the data that the page's picker shows, and names that people know from elsewhere.
"""

from __future__ import annotations

import json
from functools import cache
from pathlib import Path


@cache
def characters() -> dict[str, str]:
    """All of them, by each of their names: 🎉 is "tada" and "party_popper"."""
    table: dict[str, str] = json.loads((Path(__file__).parent / "emoji.json").read_text())
    return table
