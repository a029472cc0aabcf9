"""The translations that are shipped: whole, with the words of their sources, and compiled."""

from __future__ import annotations

import importlib.util
import os
from pathlib import Path

import pytest
from babel.messages.pofile import read_po
from django.utils.functional import Promise
from django.utils.translation import override

from notifications.types import all_types

BASE = Path(__file__).resolve().parents[3]
_spec = importlib.util.spec_from_file_location("translations", BASE / "tools" / "translations.py")
assert _spec is not None
assert _spec.loader is not None
translations = importlib.util.module_from_spec(_spec)
_spec.loader.exec_module(translations)


@pytest.mark.parametrize("source", translations.sources(), ids=lambda path: str(path.relative_to(BASE)))
def test_every_word_is_translated_and_names_what_its_source_names(source: Path) -> None:
    with source.open("rb") as file:
        catalog = read_po(file, abort_invalid=True)
    assert len(catalog) > 0
    for message in catalog:
        if not message.id:
            continue
        assert not message.fuzzy, message.id
        assert all(message.string if isinstance(message.string, tuple) else [message.string]), message.id
        assert [str(error) for error in message.check(catalog)] == [], message.id
    assert translations.is_compiled(source)


def test_one_is_compiled_when_its_source_is_newer(tmp_path: Path) -> None:
    source = tmp_path / "django.po"
    source.write_text(
        'msgid ""\nmsgstr "Content-Type: text/plain; charset=UTF-8\\n"\n\nmsgid "Tea"\nmsgstr "Tee"\n'
    )
    assert not translations.is_compiled(source)
    translations.compile_one(source)
    assert translations.is_compiled(source)
    assert b"Tee" in source.with_suffix(".mo").read_bytes()
    newer = source.with_suffix(".mo").stat().st_mtime + 1
    os.utime(source, (newer, newer))
    assert not translations.is_compiled(source)
    assert [path.name for path in sorted(tmp_path.iterdir())] == ["django.mo", "django.po"]


@pytest.mark.parametrize("language", ["de", "ar"])
def test_the_words_of_every_shipped_type_are_translated(language: str) -> None:
    for declared in all_types():
        if declared.name.startswith("testing."):
            continue
        words = declared.wording
        for text in (words.title, words.grouped_title, words.text):
            if isinstance(text, Promise):
                with override(None):
                    source = str(text)
                with override(language):
                    assert str(text) != source, declared.name
            else:
                assert (text.startswith("{{") and text.endswith("}}")) or text == "", declared.name
