"""Code in parts: what the languages are called, and that no text is lost or turned into HTML."""

from __future__ import annotations

import re
from html import unescape

import pytest
from pygments.lexer import Lexer

from chat.richtext import highlighting
from chat.richtext.highlighting import CLASSES, highlighted, label_of

SAMPLES = (
    "def f(x):\n    return '<b>' + x  # & more\n",
    '<a href="x">&lt;</a><!-- c --><?php echo 1; ?>',
    "SELECT * FROM a WHERE b = 'c' AND d > 1; -- e",
    "\n\n  indented\n\ttabbed\r\n\n",
    "\"unclosed 'and `more ${x",
    "+ added\n- removed\n@@ -1 +1 @@",
    "",
    "\ufeffbom and \u202e 🎉",
)


@pytest.mark.parametrize("language", highlighting._LANGUAGES)
def test_nothing_is_lost_or_becomes_html(language: str) -> None:
    for code in SAMPLES:
        html = highlighted(code, language)
        assert set(re.findall(r"<[^>]*>", html)) <= {"</span>", *(f'<span class="{one}">' for one in CLASSES)}
        assert unescape(re.sub(r"<[^>]*>", "", html)) == code


def test_languages_go_by_the_names_that_people_use() -> None:
    assert [label_of(one) for one in ("js", "Python", "C++", "sh", "whatever")] == [
        "JavaScript",
        "Python",
        "C++",
        "Bash",
        "whatever",
    ]
    assert all(known in highlighting._LANGUAGES for known in highlighting._ALIASES.values())


def test_a_lexer_that_breaks_leaves_the_code(monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(*_: object) -> object:
        raise RecursionError

    monkeypatch.setattr(Lexer, "get_tokens", broken)
    monkeypatch.setattr(highlighting._lexer("python").__class__, "get_tokens", broken, raising=False)
    assert highlighted("x < 1", "python") == "x &lt; 1"


def test_code_of_very_many_lines_or_very_long_ones_is_left_as_it_is() -> None:
    assert "<span" in highlighted("x = 1\n" * 300, "python")
    assert "<span" not in highlighted("x = 1\n" * 301, "python")
    assert "<span" in highlighted("1" * 1000, "python")
    assert "<span" not in highlighted("1" * 1001, "python")
