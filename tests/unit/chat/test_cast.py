from __future__ import annotations

import json
from io import StringIO
from typing import Any

import pytest
from django.core.management import call_command

from chat.models import Member

pytestmark = pytest.mark.django_db


def cast(**options: int) -> Any:
    said = StringIO()
    call_command("cast", **{"people": 5, "audience": 2, "rooms": 3, "members": 2, **options}, stdout=said)
    return json.loads(said.getvalue())


def test_everybody_who_talks_has_a_token_and_a_room_with_others() -> None:
    made = cast()
    assert [bool(person["token"]) for person in made["people"]] == [True] * 5 + [False] * 2
    for room in made["rooms"]:
        assert sorted(room["members"]) == sorted(
            Member.objects.filter(room_id=room["id"]).values_list("user_id", flat=True)
        )
    assert {member for room in made["rooms"] for member in room["members"]} == {
        person["id"] for person in made["people"][:5]
    }


def test_again_gives_the_same_people_and_rooms_with_new_tokens() -> None:
    first, again = cast(), cast()
    assert again["rooms"] == first["rooms"]
    assert [person["id"] for person in again["people"]] == [person["id"] for person in first["people"]]
    assert again["people"][0]["token"] != first["people"][0]["token"]
