from __future__ import annotations

import pytest

from accounts.names import username_key
from chat.mentions.names import names_in
from tests.support.clock import cpu_s


def likeliest(text: str, limit: int = 20) -> list[str]:
    """The longest reading of each name in the text."""
    return [named.readings[0].key for named in names_in(text, limit)]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("@ada", ["ada"]),
        ("Hi @ada, (@bo) and @Cy!", ["ada", "bo", "cy"]),
        ("@ada's tea; @bo: mine?", ["ada", "bo"]),
        ("**@ada** and _said @bo_", ["ada", "bo_"]),
        ("@ada@bo", ["ada"]),
        ("@@ada @ ada @", []),
        ("write to ada@example.org or /home/@ada", []),
        ("https://example.org/@ada?to=(@bo) @cy", ["cy"]),
        ("@太郎 and @Zoë and @łukasz", ["太郎", "zoë", "łukasz"]),
        ("@ΑΔΑ", [username_key("αδα")]),
        ("@ada\n@bo", ["ada", "bo"]),
        ("@" + "x" * 33, []),
    ],
)
def test_names_are_found_where_people_write_them(text: str, expected: list[str]) -> None:
    assert likeliest(text) == expected


@pytest.mark.parametrize(
    "text",
    [
        "`@ada`",
        "``@ada ` @bo``",
        "a `b @ada\nc` d",
        "```\n@ada\n```",
        "```py\n@ada\n\n@bo\n```",
        "  ~~~~\n@ada\n~~~\n@bo\n~~~~",
        "```\n@ada, and no end",
        "``` @ada ```",
    ],
)
def test_code_names_nobody(text: str) -> None:
    assert likeliest(text) == []


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("`a` @ada `b`", ["ada"]),
        ("one ` tick @ada", ["ada"]),
        ("`` two @ada ` one", ["ada"]),
        ("`open @ada\n\nnew paragraph` @bo", ["ada", "bo"]),
        ("```\ncode\n```\n@ada", ["ada"]),
        ("text ``` @ada", ["ada"]),
        ("\\@ada", ["ada"]),
    ],
)
def test_what_is_not_code_does(text: str, expected: list[str]) -> None:
    assert likeliest(text) == expected


def test_a_name_may_end_before_punctuation_and_never_within_a_word() -> None:
    (named,) = names_in("so, @ann.lee-x.", 20)
    assert named.start == 4
    assert [(one.key, one.length) for one in named.readings] == [
        ("ann.lee-x.", 11),
        ("ann.lee-x", 10),
        ("ann.lee", 8),
        ("ann", 4),
    ]


def test_so_many_different_names_are_looked_up_and_no_more() -> None:
    assert likeliest("@a @b @A @c @b @d", limit=3) == ["a", "b", "a", "c", "b"]


@pytest.mark.parametrize(
    "text",
    [
        "`" * 3999 + "@",
        "` `` ``` " * 444 + "@a",
        "@a.b.c " * 571,
        "`x" * 1999 + "@",
        "@" + "a." * 1999,
        "\n" * 3999 + "@",
    ],
)
def test_no_text_takes_long(text: str) -> None:
    assert cpu_s(lambda: names_in(text, 20)) < 0.25
