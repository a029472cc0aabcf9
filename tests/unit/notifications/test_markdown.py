"""Markdown -> HTML by an allow-list, and plain text."""

import re

import pytest

from notifications.markdown import TAGS, to_html, to_plain


def test_marks_become_html_and_leave_the_plain_text():
    text = "# Tea\n\n**Hot**, in the [kitchen](https://example.org/k?a=1&b=2):\n\n- green\n- black"
    assert to_html(text) == (
        "<h1>Tea</h1>\n"
        '<p><strong>Hot</strong>, in the <a href="https://example.org/k?a=1&amp;b=2" '
        'rel="noopener noreferrer nofollow">kitchen</a>:</p>\n'
        "<ul>\n<li>green</li>\n<li>black</li>\n</ul>"
    )
    assert to_plain(text) == "Tea\n\nHot, in the kitchen (https://example.org/k?a=1&b=2):\n\n• green\n• black"


def test_a_page_of_this_site_and_an_address_that_says_itself_are_links():
    assert 'href="/rooms/1"' in to_html("[room](/rooms/1)")
    assert to_plain("<https://example.org>") == "https://example.org"


@pytest.mark.parametrize(
    "text",
    [
        "<script>alert(1)</script>",
        '<img src=x onerror="alert(1)">',
        "<iframe src=https://example.org></iframe>",
        "[a](javascript:alert(1))",
        "[a](JaVaScRiPt:alert(1))",
        "[a](&#106;avascript:alert(1))",
        "[a](data:text/html;base64,PHNjcmlwdD4=)",
        "![a](https://example.org/spy.png)",
        '[a](https://example.org "x\\" onclick=\\"alert(1)")',
        "<a href='x' style='position:fixed'>b</a>",
        '<https://example.org/"onmouseover=alert(1)>',
        "<svg><style><img src=x onerror=alert(1)></style></svg>",
    ],
)
def test_nothing_gets_through_that_is_not_on_the_list(text):
    html = to_html(text)
    for tag, attributes in re.findall(r"<(\w+)([^>]*)>", html):
        assert tag in TAGS
        assert set(re.findall(r' (\w+)="', attributes)) <= {"href", "rel", "title", "start"}
        for address in re.findall(r'href="([^"]*)"', attributes):
            assert re.match(r"https?:|mailto:|/", address)
    assert "onerror=" not in re.sub(r"&lt;.*?&gt;", "", html)


def test_what_looks_like_html_is_shown_as_it_was_written():
    assert to_html("a <b>c</b>") == "<p>a &lt;b&gt;c&lt;/b&gt;</p>"
    assert to_plain("a <b>c</b>") == "a <b>c</b>"


@pytest.mark.parametrize("text", ["", " ", "\n\n"])
def test_nothing_is_nothing(text):
    assert to_html(text) == to_plain(text) == ""


@pytest.mark.parametrize("text", ["[" * 4000, ">" * 4000, "*a" * 2000, "- " * 2000, "`" * 4000])
def test_text_made_to_be_slow_is_not(text):
    to_html(text)
    assert len(to_plain(text)) <= 3 * len(text)
