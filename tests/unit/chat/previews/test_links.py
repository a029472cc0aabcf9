from __future__ import annotations

import pytest

from chat.previews.links import links_in


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("see https://example.org", ["https://example.org/"]),
        ("HTTP://Example.ORG/Path", ["http://example.org/Path"]),
        ("(https://example.org/a_(b))", ["https://example.org/a_(b)"]),
        (
            "https://example.org/a, then https://example.org/b.",
            ["https://example.org/a", "https://example.org/b"],
        ),
        ("https://example.org/a#part https://example.org/a#other", ["https://example.org/a"]),
        ("https://münchen.example/ä?q=ö", ["https://xn--mnchen-3ya.example/%C3%A4?q=%C3%B6"]),
        ("https://example.org:8443/x", ["https://example.org:8443/x"]),
        ("<https://example.org/x>", ["https://example.org/x"]),
        ("`https://example.org/code`", []),
        ("```\nhttps://example.org/code\n```", []),
        ("~~~\nhttps://example.org/code\n~~~\nhttps://example.org/after", ["https://example.org/after"]),
        ("ftp://example.org file:///etc/passwd javascript://x", []),
        ("https://ada:secret@example.org/", []),
        ("https://[::1", []),
        ("https:// nothing", []),
        ("https://example.org/" + "x" * 2000, []),
        ("xhttps://example.org", []),
        ("no link", []),
    ],
)
def test_links_are_found_in_prose_and_written_as_they_are_asked_for(text: str, found: list[str]) -> None:
    assert links_in(text, 3) == found


def test_there_are_so_many_and_no_more() -> None:
    text = " ".join(f"https://example.org/{number}" for number in range(1000))
    assert links_in(text, 3) == [f"https://example.org/{number}" for number in range(3)]
