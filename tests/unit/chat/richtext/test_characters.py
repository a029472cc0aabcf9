"""The table of emoji is what the page's own data says."""

from __future__ import annotations

import importlib.util
import json
from pathlib import Path
from types import ModuleType

import pytest

from chat.richtext.characters import characters
from chat.richtext.shortcodes import SHORTCODE

BASE = Path(__file__).resolve().parents[4]


@pytest.fixture(scope="module")
def tool() -> ModuleType:
    spec = importlib.util.spec_from_file_location("emoji_table", BASE / "tools" / "emoji_table.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    if not module.DATA.is_dir():
        pytest.skip("the page's packages are not installed")
    return module


def test_the_shipped_table_is_what_the_tool_makes_of_the_installed_data(tool: ModuleType) -> None:
    assert tool.TABLE.read_text() == tool.written()


def test_the_server_knows_every_name_that_the_picker_shows(tool: ModuleType) -> None:
    data = json.loads((tool.DATA / "emojibase" / "data.json").read_text())
    shown = {name: one["emoji"] for one in data for name in one.get("shortcodes", ())}
    assert shown.items() <= characters().items()


def test_every_name_can_be_written() -> None:
    assert all(SHORTCODE.fullmatch(f":{name}:") for name in characters())
