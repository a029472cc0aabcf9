"""Code -> its parts in HTML, by Pygments. A dozen classes of our own, so that the page can colour them for each theme.

Only languages on the list are tried: their lexers were measured on texts made to be slow. Whatever goes wrong, code
is shown as it is.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from functools import cache
from html import escape
from itertools import groupby

from pygments.lexer import Lexer
from pygments.lexers import get_lexer_by_name
from pygments.token import Comment, Generic, Keyword, Literal, Name, Number, Operator, String, _TokenType

_GROUPS = {
    Comment: "c",
    Keyword: "k",
    Keyword.Constant: "b",
    Keyword.Type: "b",
    Name.Attribute: "a",
    Name.Builtin: "b",
    Name.Class: "f",
    Name.Constant: "b",
    Name.Decorator: "a",
    Name.Exception: "b",
    Name.Function: "f",
    Name.Tag: "k",
    Number: "n",
    String: "s",
    Literal: "s",
    Operator.Word: "k",
    Generic.Deleted: "d",
    Generic.Inserted: "i",
    Generic.Heading: "f",
    Generic.Subheading: "c",
    Generic.Prompt: "c",
}
CLASSES = frozenset(f"hl-{group}" for group in _GROUPS.values())

# What is written behind the fence: how Pygments calls it, and people do.
_LANGUAGES = {
    "bash": "Bash", "c": "C", "clojure": "Clojure", "cpp": "C++", "csharp": "C#", "css": "CSS", "dart": "Dart",
    "diff": "Diff", "docker": "Dockerfile", "elixir": "Elixir", "erlang": "Erlang", "go": "Go", "graphql": "GraphQL",
    "haskell": "Haskell", "html": "HTML", "http": "HTTP", "ini": "INI", "java": "Java", "javascript": "JavaScript",
    "json": "JSON", "julia": "Julia", "kotlin": "Kotlin", "lua": "Lua", "make": "Makefile", "nginx": "nginx",
    "ocaml": "OCaml", "perl": "Perl", "php": "PHP", "powershell": "PowerShell", "protobuf": "Protocol Buffers",
    "python": "Python", "r": "R", "ruby": "Ruby", "rust": "Rust", "scala": "Scala", "scss": "SCSS", "sql": "SQL",
    "swift": "Swift", "terraform": "Terraform", "toml": "TOML", "typescript": "TypeScript", "xml": "XML",
    "yaml": "YAML", "zig": "Zig",
}  # fmt: skip
_ALIASES = {
    "c#": "csharp", "c++": "cpp", "cc": "cpp", "cs": "csharp", "dockerfile": "docker", "ex": "elixir",
    "golang": "go", "h": "c", "hcl": "terraform", "hpp": "cpp", "hs": "haskell", "htm": "html", "jl": "julia",
    "js": "javascript", "json5": "json", "jsonc": "json", "jsx": "javascript", "kt": "kotlin",
    "makefile": "make", "mjs": "javascript", "ml": "ocaml", "patch": "diff", "pl": "perl", "postgresql": "sql",
    "proto": "protobuf", "ps1": "powershell", "py": "python", "python3": "python", "rb": "ruby", "rs": "rust",
    "sh": "bash", "shell": "bash", "sqlite": "sql", "svg": "xml", "tf": "terraform", "ts": "typescript",
    "tsx": "typescript", "yml": "yaml", "zsh": "bash",
}  # fmt: skip

# Some lexers take the square of a line's length, or of the number of empty lines.
_MAX_LINES = 300
_MAX_LINE_CHARS = 1000


def label_of(language: str) -> str:
    """What people call it: "js" is "JavaScript"; of a language that is not on the list, what was written."""
    return _LANGUAGES.get(_known(language), language)


def highlighted(code: str, language: str) -> str:
    """HTML of the code, in parts where the language is known. Never raises."""
    known = _known(language)
    if known not in _LANGUAGES or not _is_usual(code):
        return escape(code, quote=False)
    try:
        *parts, (group, last) = _parts(f"{code}\n", known)  # some lexers need the end of the last line
    except Exception:  # a lexer is a program of its own, by whomever
        return escape(code, quote=False)
    parts.append((group, last.removesuffix("\n")))
    if "".join(text for _, text in parts) != code:
        return escape(code, quote=False)
    return "".join(_shown(group, text) for group, text in parts)


def _is_usual(code: str) -> bool:
    lines = code.split("\n")
    return len(lines) <= _MAX_LINES + 1 and max(map(len, lines)) <= _MAX_LINE_CHARS


def _known(language: str) -> str:
    written = language.lower()
    return _ALIASES.get(written, written)


def _parts(code: str, language: str) -> Iterator[tuple[str, str]]:
    """Groups and their texts; neighbours of one group are one."""
    grouped = groupby(_lexer(language).get_tokens(code), lambda token: _group(token[0]))
    for group, tokens in grouped:
        yield group, "".join(_texts(tokens))


def _texts(tokens: Iterable[tuple[_TokenType, str]]) -> Iterator[str]:
    return (text for _, text in tokens)


def _shown(group: str, text: str) -> str:
    shown = escape(text, quote=False)
    return f'<span class="hl-{group}">{shown}</span>' if group and not text.isspace() else shown


@cache
def _group(kind: _TokenType) -> str:
    for ancestor in reversed(kind.split()):
        if ancestor in _GROUPS:
            return _GROUPS[ancestor]
    return ""


@cache
def _lexer(language: str) -> Lexer:
    return get_lexer_by_name(language, stripnl=False, ensurenl=False)
