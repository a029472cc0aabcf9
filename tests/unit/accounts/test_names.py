from __future__ import annotations

import pytest
from django.core.exceptions import ValidationError

from accounts.names import display_name_from, looks_reserved, username_key, validate_username


@pytest.mark.parametrize(
    "name",
    [
        "",
        "x" * 33,
        "x" * 300,
        " a ",
        "two words",
        "../x",
        ".hidden",
        "-flag",
        "<img onerror>",
        "a\nb",
        "a\x00",
        "a\u202eb",
        "a\u200bb",
        "party🎉",
        "a" + "\u0301\u0301",
        "аdmin",  # Cyrillic а
        "ａｄｍｉｎ",  # full width
        "admın",
        "adm1n",
        "a.d-min",
        "adrnin",
        "ádmin",
        "r00t",
    ],
)
def test_user_names_that_hide_or_imitate_something_are_refused(name: str) -> None:
    with pytest.raises(ValidationError) as caught:
        validate_username(name)
    assert caught.value.code == "bad_name"


@pytest.mark.parametrize(
    "name", ["ada", "Ada.Lovelace", "bo_2", "x", "x" * 32, "Jürgen", "Ольга", "山田", "7seas", "badminton"]
)
def test_ordinary_names_of_many_scripts_are_allowed(name: str) -> None:
    validate_username(name)


def test_case_twins_and_composed_twins_have_one_key() -> None:
    assert username_key("STRASSE") == username_key("straße")
    assert username_key("Cafe\u0301") == username_key("CAFÉ")


@pytest.mark.parametrize(
    ("given", "shown"),
    [
        ("  Ada\u202e  Love\u200blace\n", "Ada Lovelace"),
        ("", "ada"),
        ("\u200b\u3164", "ada"),
        ("x" * 100, "x" * 64),
        ("Administrator", "ada"),
        ("a" + "\u0301" * 40, "ada"),
    ],
)
def test_a_shown_name_is_made_harmless_or_falls_back_to_the_user_name(given: str, shown: str) -> None:
    assert display_name_from(given, "ada") == shown


def test_only_whole_names_count_as_reserved() -> None:
    assert looks_reserved("SYSTEM")
    assert not looks_reserved("ecosystem")
