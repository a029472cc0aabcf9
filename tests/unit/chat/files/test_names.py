from __future__ import annotations

import pytest

from chat.files.names import MAX_NAME_BYTES, MAX_NAME_CHARACTERS, ending_of, file_name


@pytest.mark.parametrize(
    ("raw", "safe"),
    [
        ("report.pdf", "report.pdf"),
        ("../../etc/passwd", "passwd"),
        ("C:\\Users\\ada\\report.pdf", "report.pdf"),
        ("a\r\nX: y", "a X_ y"),
        ("nul\x00byte.txt", "nulbyte.txt"),
        ("CON", "_CON"),
        ("con.txt", "_con.txt"),
        ("LPT9.tar.gz", "_LPT9.tar.gz"),
        ("invoice\u202efdp.exe", "invoicefdp.exe"),
        ("zero\u200bwidth.txt", "zerowidth.txt"),
        (".htaccess", "htaccess"),
        ("dots...", "dots"),
        ('what?"*<>|.txt', "what______.txt"),
        ("", "file"),
        ("///", "file"),
        ("\u200b", "file"),
        ("cafe\u0301.png", "café.png"),
        ("日本語.png", "日本語.png"),
        ("a" + "\u0301" * 50 + ".png", "á.png"),
    ],
)
def test_a_name_is_made_safe(raw: str, safe: str) -> None:
    assert file_name(raw) == safe


@pytest.mark.parametrize("letter", ["x", "é", "語", "😀"])
def test_a_long_name_keeps_its_ending(letter: str) -> None:
    name = file_name(letter * 300 + ".docx")
    assert name.endswith(f"{letter}.docx")
    assert len(name) <= MAX_NAME_CHARACTERS
    assert len(name.encode()) <= MAX_NAME_BYTES


def test_an_ending_longer_than_endings_are_is_cut_with_the_rest() -> None:
    assert len(file_name("a." + "b" * 300)) <= MAX_NAME_CHARACTERS


def test_the_ending_is_what_follows_the_last_dot() -> None:
    assert [ending_of(name) for name in ("a.PNG", "a.tar.gz", "none", ".hidden")] == ["png", "gz", "", ""]
