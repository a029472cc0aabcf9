"""Text -> HTML and plain words: what chats expect of Markdown, its bounds, and that nothing else gets through."""

from __future__ import annotations

import re
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from selectolax.lexbor import LexborHTMLParser

from chat.conf import numbers
from chat.mentions.names import names_in
from chat.richtext import own_emoji
from chat.richtext.markup import ATTRIBUTES, CLASSES, OWN_EMOJI, REL, TAGS, sanitised
from chat.richtext.rendering import COVER, NOTHING_TO_RENDER, drafted, has_marks, plain, rendered
from chat.text import MAX_TEXT_CHARACTERS
from tests.support.clock import cpu_s
from tests.support.xss import PAYLOADS

PARTY = f"/api/emoji/{'a1' * 32}.webp"
LINK = f'target="_blank" rel="{REL}"'


@dataclass(frozen=True)
class Meant:
    start: int
    length: int
    kind: str = "user"
    user: int | None = 7
    refused: str = ""


@pytest.fixture(autouse=True)
def own(monkeypatch: pytest.MonkeyPatch) -> None:
    """The installation has one emoji of its own."""
    monkeypatch.setattr(own_emoji, "_kept", (time.monotonic() + 3600, {"party-parrot": PARTY}))


def auto(address: str) -> str:
    return f'<a href="{address}" {LINK}>{address}</a>'


def link(address: str, words: str) -> str:
    return f'<a href="{address}" title="{address}" {LINK}>{words}</a>'


CASES = {
    # marks within a line
    "**bold**": "<p><strong>bold</strong></p>",
    "__bold__": "<p><strong>bold</strong></p>",
    "*italic*": "<p><em>italic</em></p>",
    "_italic_": "<p><em>italic</em></p>",
    "~~struck~~": "<p><s>struck</s></p>",
    "***both***": "<p><em><strong>both</strong></em></p>",
    "a **b _c ~~d~~_**": "<p>a <strong>b <em>c <s>d</s></em></strong></p>",
    "`code **b**`": "<p><code>code **b**</code></p>",
    "``a ` b``": "<p><code>a ` b</code></p>",
    "`<b>`": "<p><code>&lt;b&gt;</code></p>",
    r"\*no\*": "<p>*no*</p>",
    r"\`no\`": "<p>`no`</p>",
    r"\@ada": "<p>@ada</p>",
    "**b** & <i>": "<p><strong>b</strong> &amp; &lt;i&gt;</p>",
    "**&lt;**": "<p><strong>&amp;lt;</strong></p>",
    "a **b\nc** d": "<p>a <strong>b<br>c</strong> d</p>",
    # what is no mark
    "5 * 3 * 2": "",
    "snake_case_name": "",
    "a_b and c_d": "",
    "~ about ~": "",
    "2 > 1, a < b & c": "",
    "a | b": "",
    "#hashtag": "",
    "C# and F#": "",
    "1.5 or 2.5": "",
    "-5 degrees": "",
    "one\ntwo\n\nthree": "",
    "    indented": "",
    "Title\n=====": "",
    "[x]: https": "",
    "[x](y)": "",
    ":)": "",
    "10:30:45": "",
    "fine :-) ok": "",
    "me @ home": "",
    "**": "",
    "``": "",
    '(c) (tm) -- "quoted" ...': "",
    # lines and blocks
    "**a**\nb": "<p><strong>a</strong><br>b</p>",
    "**a**\n\nb": "<p><strong>a</strong></p><p>b</p>",
    "# One": '<p class="heading large">One</p>',
    "## Two": '<p class="heading medium">Two</p>',
    "### Three": '<p class="heading small">Three</p>',
    "###### Six": '<p class="heading small">Six</p>',
    "# **One**\ntext": '<p class="heading large"><strong>One</strong></p><p>text</p>',
    "a\n---\nb": "<p>a</p><hr><p>b</p>",
    "---": "<hr>",
    "> q": "<blockquote><p>q</p></blockquote>",
    ">q": "<blockquote><p>q</p></blockquote>",
    "> q\n> r": "<blockquote><p>q<br>r</p></blockquote>",
    "> q\nanswer": "<blockquote><p>q</p></blockquote><p>answer</p>",
    "> q\n\n> r": "<blockquote><p>q</p></blockquote><blockquote><p>r</p></blockquote>",
    "> q\nanswer\n> r\nanother": (
        "<blockquote><p>q</p></blockquote><p>answer</p><blockquote><p>r</p></blockquote><p>another</p>"
    ),
    "> > q": "<blockquote><blockquote><p>q</p></blockquote></blockquote>",
    "- a\n- b": "<ul><li>a</li><li>b</li></ul>",
    "* a\n* b": "<ul><li>a</li><li>b</li></ul>",
    "+ a": "<ul><li>a</li></ul>",
    "- a\nback": "<ul><li>a</li></ul><p>back</p>",
    "- a\n\nback": "<ul><li>a</li></ul><p>back</p>",
    "- a\n  more": "<ul><li>a<br>more</li></ul>",
    "- a\n  - b\n- c": "<ul><li>a<ul><li>b</li></ul></li><li>c</li></ul>",
    "- a\n\n- b": "<ul><li><p>a</p></li><li><p>b</p></li></ul>",
    "text\n- a": "<p>text</p><ul><li>a</li></ul>",
    "1. a\n2. b": "<ol><li>a</li><li>b</li></ol>",
    "3) a": '<ol start="3"><li>a</li></ol>',
    "- > q": "<ul><li><blockquote><p>q</p></blockquote></li></ul>",
    "> - a\nb": "<blockquote><ul><li>a</li></ul></blockquote><p>b</p>",
    "|a|b|\n|-|-|\n|1|2|": (
        '<div class="wide"><table><thead><tr><th>a</th><th>b</th></tr></thead>'
        "<tbody><tr><td>1</td><td>2</td></tr></tbody></table></div>"
    ),
    "a|b\n:-:|-:": (
        '<div class="wide"><table><thead><tr><th class="center">a</th><th class="right">b</th></tr></thead>'
        "</table></div>"
    ),
    "before\n|a|\n|:-|\n|**1**|": (
        '<p>before</p><div class="wide"><table><thead><tr><th>a</th></tr></thead>'
        "<tbody><tr><td><strong>1</strong></td></tr></tbody></table></div>"
    ),
    # code
    "```\na\n  b\n```": "<pre><code>a\n  b</code></pre>",
    "```\na": "<pre><code>a</code></pre>",
    "```\n\n\na\n\n```": "<pre><code>\n\na\n</code></pre>",
    "~~~\n```\n~~~": "<pre><code>```</code></pre>",
    "```\n> a\nb\n- c\nd\n```": "<pre><code>&gt; a\nb\n- c\nd</code></pre>",
    "- x\n```\n- a\nb\n```": "<ul><li>x</li></ul><pre><code>- a\nb</code></pre>",
    "text\n```\n**a**\n```\nmore": "<p>text</p><pre><code>**a**</code></pre><p>more</p>",
    "```py\nx = 1\n```": '<pre data-language="Python"><code>x = <span class="hl-n">1</span></code></pre>',
    "```C++\nint x;\n```": ('<pre data-language="C++"><code><span class="hl-b">int</span> x;</code></pre>'),
    "```klingon\nx = 1\n```": '<pre data-language="klingon"><code>x = 1</code></pre>',
    '```a"b<c>&d\nx\n```': '<pre data-language="a&quot;b&lt;c&gt;&amp;d"><code>x</code></pre>',
    "```diff\n+a\n-b\n```": (
        '<pre data-language="Diff"><code><span class="hl-i">+a</span>\n'
        '<span class="hl-d">-b</span></code></pre>'
    ),
    "```a```": "<p><code>a</code></p>",
    # links
    "https://example.org": f"<p>{auto('https://example.org')}</p>",
    "see http://example.org/a_b_c.": f"<p>see {auto('http://example.org/a_b_c')}.</p>",
    "(https://example.org/a(b))": f"<p>({auto('https://example.org/a(b)')})</p>",
    "<https://example.org>": f"<p>{auto('https://example.org')}</p>",
    "**https://example.org/a**": f"<p><strong>{auto('https://example.org/a')}</strong></p>",
    "HTTPS://EXAMPLE.ORG": f'<p><a href="HTTPS://EXAMPLE.ORG" {LINK}>HTTPS://EXAMPLE.ORG</a></p>',
    "[words](https://example.org)": f"<p>{link('https://example.org', 'words')}</p>",
    "[**b** `c`](https://example.org)": (
        f"<p>{link('https://example.org', '<strong>b</strong> <code>c</code>')}</p>"
    ),
    '[a](https://example.org "title")': f"<p>{link('https://example.org', 'a')}</p>",
    "[https://bank.example](https://example.org)": (
        f"<p>{link('https://example.org', 'https://bank.example')}</p>"
    ),
    "[](https://example.org)": f"<p>{link('https://example.org', 'https://example.org')}</p>",
    "[a](mailto:b@example.org)": f"<p>{link('mailto:b@example.org', 'a')}</p>",
    "me@example.org": f'<p><a href="mailto:me@example.org" {LINK}>me@example.org</a></p>',
    "example.org and main.py": "",
    "ftp://example.org": "",
    "//example.org": "",
    "[a](//example.org)": "",
    "[a](/rooms/1)": "",
    "[a](#b)": "",
    "[a](ftp://example.org)": "",
    "[a](javascript:alert(1))": "",
    "[a](data:text/html,x)": "",
    "https://": "",
    "`https://example.org`": "<p><code>https://example.org</code></p>",
    # pictures are links
    "![alt](https://example.org/a.png)": f"<p>{link('https://example.org/a.png', 'alt')}</p>",
    "![](https://example.org/a.png)": (
        f"<p>{link('https://example.org/a.png', 'https://example.org/a.png')}</p>"
    ),
    "Wow ![x](y)": "",
    # spoilers
    "||a||": '<p><span class="spoiler">a</span></p>',
    "|| a **b** ||": '<p><span class="spoiler"> a <strong>b</strong> </span></p>',
    "**||a||**": '<p><strong><span class="spoiler">a</span></strong></p>',
    "||a\nb||": '<p><span class="spoiler">a<br>b</span></p>',
    "||a|| b ||c||": '<p><span class="spoiler">a</span> b <span class="spoiler">c</span></p>',
    "||https://example.org||": f'<p><span class="spoiler">{auto("https://example.org")}</span></p>',
    "if (a || b || c)": '<p>if (a <span class="spoiler"> b </span> c)</p>',
    "a || b": "",
    "||||": "",
    "|| ||": "",
    r"\||a||": "<p>||a||</p>",
    "`||a||`": "<p><code>||a||</code></p>",
    # formulas
    "$x_1 * y_2$": '<p><code class="math">$x_1 * y_2$</code></p>',
    "so $a<b$.": '<p>so <code class="math">$a&lt;b$</code>.</p>',
    "$$\\sum_{i} **i**$$": '<p><code class="math display">$$\\sum_{i} **i**$$</code></p>',
    "$$\n- a\n> b\n$$": '<p><code class="math display">$$\n- a\n&gt; b\n$$</code></p>',
    "$5 and $10": "",
    "$HOME:$PATH": "",
    "cost: 5$ or 6$": "",
    "$ a $": "",
    "US$5, A$6": "",
    # emoji
    ":tada:": "<p>🎉</p>",
    ":+1: :heart:": "<p>👍️ ❤️</p>",
    ":tada::tada:": "<p>🎉🎉</p>",
    "a:tada:b": "",
    ":nosuchthing:": "",
    "`:tada:`": "<p><code>:tada:</code></p>",
    ":party-parrot:": f'<p><img class="emoji" alt=":party-parrot:" src="{PARTY}"></p>',
    "||:party-parrot:||": (
        f'<p><span class="spoiler"><img class="emoji" alt=":party-parrot:" src="{PARTY}"></span></p>'
    ),
    # HTML is what it looks like
    "**a** <b>c</b>": "<p><strong>a</strong> &lt;b&gt;c&lt;/b&gt;</p>",
    "<script>alert(1)</script>": "",
    "<!-- **a** -->": "<p>&lt;!-- <strong>a</strong> --&gt;</p>",
    "<a href='https://example.org'>x</a>": None,
}


@pytest.mark.parametrize(("text", "html"), CASES.items(), ids=CASES)
def test_a_text_is_rendered(text: str, html: str | None) -> None:
    if html is None:
        assert_harmless(rendered(text, []))
    else:
        assert rendered(text, []) == html
    assert sanitised(rendered(text, [])) == rendered(text, [])


def test_threads_do_not_find_each_others_links() -> None:
    texts = [
        f"see https://{letter * 9}.example/{letter * count} now" for count, letter in enumerate("abcdefgh")
    ]
    expected = [rendered(text, []) for text in texts]
    interval = sys.getswitchinterval()
    sys.setswitchinterval(1e-6)
    try:
        with ThreadPoolExecutor(8) as pool:
            found = list(pool.map(lambda text: rendered(text, []), texts * 40))
    finally:
        sys.setswitchinterval(interval)
    assert found == expected * 40


# ---- names


def test_names_that_reach_somebody_stand_out() -> None:
    text = "🎉 **@ada** and @bo.k., @cy `@ada` @room"
    mentions = [
        Meant(5, 4, user=1),
        Meant(16, 5, user=2),
        Meant(24, 3, user=3, refused="not_a_member"),
        Meant(35, 5, kind="room", user=None),
    ]
    assert rendered(text, mentions) == (
        '<p>🎉 <strong><span class="mention" data-mention="user" data-user="1">@ada</span></strong> and '
        '<span class="mention" data-mention="user" data-user="2">@bo.k</span>., @cy <code>@ada</code> '
        '<span class="mention" data-mention="room">@room</span></p>'
    )


@pytest.mark.parametrize(
    ("text", "mention", "html"),
    [
        ("@ada", Meant(0, 4), '<p><span class="mention" data-mention="user" data-user="7">@ada</span></p>'),
        ("hi @ada", Meant(3, 4, refused="not_a_member"), ""),
        ("@bo.k", Meant(0, 3), '<p><span class="mention" data-mention="user" data-user="7">@bo</span>.k</p>'),
        (
            "*@ada*",
            Meant(1, 4),
            '<p><em><span class="mention" data-mention="user" data-user="7">@ada</span></em></p>',
        ),
        ("> @ada\nyes", Meant(2, 4), None),
        ("|a|\n|-|\n|@ada|", Meant(9, 4), None),
        ("- @ada", Meant(2, 4), None),
        ("||@ada||", Meant(2, 4), None),
        ("@Zoë!", Meant(0, 4), '<p><span class="mention" data-mention="user" data-user="7">@Zoë</span>!</p>'),
    ],
)
def test_a_name_is_found_wherever_it_stands(text: str, mention: Meant, html: str | None) -> None:
    found = rendered(text, [mention])
    if html is not None:
        assert found == html
    else:
        assert 'data-user="7">@ada</span>' in found


def test_a_draft_made_before_names_are_known_is_the_same_in_the_end() -> None:
    text = "**Hello** @ada and @bo, @nobody"
    draft = drafted(text, names_in(text, 20))
    mentions = [Meant(10, 4, user=1), Meant(19, 3, user=2)]
    assert draft.finished(text, mentions) == rendered(text, mentions)
    assert draft.finished(text, []) == "<p><strong>Hello</strong> @ada and @bo, @nobody</p>"


def test_names_that_nobody_has_leave_a_plain_text_plain() -> None:
    text = "@property and @media"
    assert drafted(text, names_in(text, 20)).finished(text, []) == ""


# ---- plain words


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("hello\n  there", "hello there"),
        ("**Ready** for _tea_?", "Ready for tea?"),
        ("The murderer is ||the *gardener*||!", f"The murderer is {COVER}!"),
        ("||a|| ||b||", f"{COVER} {COVER}"),
        ("> quoted\nanswer", "quoted answer"),
        ("```py\nx = 1\n```", "x = 1"),
        ("[words](https://example.org)", "words (https://example.org)"),
        ("https://example.org", "https://example.org"),
        ("me@example.org", "me@example.org"),
        ("- a\n- b", "• a • b"),
        ("|a|b|\n|-|-|\n|1|2|", "a b 1 2"),
        (":tada: :party-parrot:", "🎉 :party-parrot:"),
        ("@ada, $x^2$", "@ada, $x^2$"),
    ],
)
def test_the_words_of_a_text(text: str, words: str) -> None:
    assert plain(text) == words


def test_what_is_too_costly_hides_its_spoilers_all_the_same() -> None:
    assert plain("> " * 50 + "||secret|| end").endswith(f"{COVER} end")


# ---- bounds

COSTLY = {
    "quotes": ">" * 4000,
    "quotes with blanks": "> " * 2000,
    "lists": "- " * 2000,
    "deep list": "\n".join(f"{'  ' * depth}- a" for depth in range(50)),
    "brackets": "[" * 4000,
    "closed brackets": "[" * 2000 + "]" * 2000,
    "links": "[a](" * 1000,
    "link starts": "[](<" * 1000,
    "pictures": "![" * 2000,
    "stars": "*" * 4000,
    "stars and letters": "*a " * 1333,
    "pairs": "**a *b " * 570,
    "nested marks": "*a _b " * 660 + "_*" * 20,
    "underscores": "_a_" * 1333,
    "ticks": "".join("`" * n + " " for n in range(1, 88)),
    "tildes": "~~a" * 1333,
    "spoilers": "||" * 2000,
    "open spoiler": "|| a " * 800,
    "dollars": "$" * 4000,
    "dollars and letters": "$a " * 1333,
    "table": "|" * 1000 + "\n" + "|-" * 1000 + "\n" + "|" * 900,
    "wide table": "|a" * 300 + "\n" + "|-" * 300 + "\n" + "|\n" * 1300,
    "addresses": "https://a.b/" * 330,
    "schemes": "http://" * 570,
    "mail": "a@" * 2000,
    "mail with dots": "a.b@c." * 660,
    "at signs": "@" * 4000,
    "names": "@a" * 2000,
    "colons": ":" * 4000,
    "shortcodes": ":tada:" * 660,
    "backslashes": "\\" * 4000,
    "ampersands": "&" * 3990 + "**a**",
    "angles": "<" * 3990 + "**a**",
    "fences": "```\n" * 1000,
    "code": "```python\n" + "1+" * 1990 + "\n```",
    "strings": "```python\n" + "'" * 3980 + "\n```",
    "numbers": "```terraform\n" + ("0x" * 499 + "\n") * 3 + "```",
    "blanks": "```java\n" + (" " * 990 + "\n") * 4 + "```",
    "braces": "```javascript\n" + "{" * 3970 + "\n```",
    "markup": "```html\n" + "<a " * 1320 + "\n```",
    "empty lines": "-\n\n" * 1300,
    "marks of letters": "a\u0301" * 2000,
}


@pytest.mark.parametrize("text", COSTLY.values(), ids=COSTLY)
def test_a_text_made_to_be_slow_is_bounded(text: str) -> None:
    assert len(text) <= MAX_TEXT_CHARACTERS
    assert (
        cpu_s(lambda: (rendered(text, []), plain(text))) < 1.0
    )  # about 0.1 at the worst, on a quiet machine
    html = rendered(text, [])
    assert len(html) <= numbers().max_html_chars
    assert_harmless(html)


def test_code_that_has_too_many_parts_loses_its_colours_and_then_its_block(settings: Any) -> None:
    text = "```python\n" + "1+" * 450 + "\n```"
    assert "hl-n" in rendered(text, [])
    settings.CHAT = {"max_html_chars": 3000}
    assert rendered(text, []) == f'<pre data-language="Python"><code>{"1+" * 450}</code></pre>'
    settings.CHAT = {"max_html_chars": 300}
    assert rendered(text, []) == ""


def test_a_bug_in_the_renderer_leaves_the_text(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def broken(*_: object) -> object:
        raise ZeroDivisionError

    monkeypatch.setattr("chat.richtext.rendering.parsed", broken)
    assert drafted("**secret**", ()) == NOTHING_TO_RENDER
    assert "could not be rendered" in caplog.text
    assert "secret" not in caplog.text


@pytest.mark.parametrize(
    "text", ["hello", "Lunch at one?", "It did, a little after three. None missing.", "😀"]
)
def test_a_plain_text_is_not_even_parsed(text: str) -> None:
    assert not has_marks(text)


# ---- whatever somebody writes

_MARKS = st.sampled_from(
    [
        "*",
        "**",
        "_",
        "__",
        "~~",
        "`",
        "``",
        "```",
        "```",
        "\n",
        "\n\n",
        ">",
        "-",
        "+",
        "1.",
        "#",
        "|",
        "||",
        "$",
        "$$",
        ":",
        ":tada:",
        ":party-parrot:",
        "@ada",
        "@",
        "[",
        "]",
        "(",
        ")",
        "![",
        "](",
        "<",
        ">",
        "</",
        "&",
        ";",
        "\\",
        "https://a.b",
        "http://",
        "mailto:",
        "javascript:",
        "<script>",
        "<img",
        "<!--",
        "-->",
        "&lt;",
        '"',
        "'",
        "=",
        "\t",
        "x",
        "é",
        "🎉",
        "\u202e",
        "\u200b",
        "```html",
        "```python",
        "|-|",
        "|a|b|",
        ":-:",
        "~~~",
        "onerror=",
        "<b>",
        "***",
        "---",
        "===",
        "$x$",
        "a@b.c",
    ]
)
_TEXTS = st.lists(st.one_of(_MARKS, st.text(max_size=6)), max_size=60).map("".join)


@settings(max_examples=300, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(_TEXTS)
def test_any_text_is_rendered_harmlessly_within_bounds(text: str) -> None:
    mentions = [Meant(match.start(), 4) for match in re.finditer("@ada", text) if text.isascii()]
    html = rendered(text, mentions)
    assert len(html) <= numbers().max_html_chars
    assert sanitised(html) == html
    assert_harmless(html)
    assert "\n" not in plain(text)


@pytest.mark.parametrize("payload", PAYLOADS)
def test_nothing_gets_through_that_is_not_on_the_list(payload: str) -> None:
    for text in (
        payload,
        f"**a** {payload} `b`",
        f"> {payload}",
        f"||{payload}||",
        f"[{payload}](https://example.org)",
    ):
        html = rendered(text, [])
        assert_harmless(html)
        assert sanitised(html) == html


def assert_harmless(html: str) -> None:
    """As a browser reads it, it has nothing but what the allow-list names."""
    body = LexborHTMLParser(f"<!doctype html><body>{html}").body
    assert body is not None
    for node in body.traverse(include_text=False):
        if node.tag == "body":
            continue
        assert node.tag in TAGS
        extra = {"target", "rel"} if node.tag == "a" else set()
        assert node.attributes.keys() <= ATTRIBUTES.get(node.tag, set()) | {"class"} | extra
        assert set((node.attributes.get("class") or "").split()) <= CLASSES.get(node.tag, set())
        if node.tag == "a":
            assert re.match(r"https?://|mailto:", node.attributes["href"] or "", re.IGNORECASE)
            assert node.attributes["rel"] == REL
        if node.tag == "img":
            assert OWN_EMOJI.fullmatch(node.attributes["src"] or "")
