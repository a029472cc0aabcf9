from __future__ import annotations

import json
from datetime import timedelta
from io import StringIO
from typing import Any

import pytest
from django.core.management import call_command
from django.utils import timezone

from notifications.models import Broadcast, Occurrence
from tests.support.notices import only_occurrence
from tests.support.people import make_user

pytestmark = pytest.mark.django_db


def announce(*words: str, **options: Any) -> list[int]:
    said = StringIO()
    call_command("announce", *words, **options, stdout=said)
    return list(json.loads(said.getvalue()))


def test_several_become_due_one_after_the_other() -> None:
    make_user()
    ids = announce("hello", count=3, after=10.0, every=2.0)
    first, second, third = Occurrence.objects.filter(broadcast__in=ids).order_by("due_at")
    assert [one.broadcast.title for one in (first, second, third)] == ["hello 0", "hello 1", "hello 2"]
    assert first.due_at > timezone.now() + timedelta(seconds=5)
    assert third.due_at - second.due_at == second.due_at - first.due_at == timedelta(seconds=2)
    assert first.broadcast.audience_kind == "everybody"


def test_people_can_be_named_by_how_their_names_begin() -> None:
    wanted, _other = make_user("ada-1"), make_user("bo-1")
    (id,) = announce("hello", to="ada-")
    broadcast = Broadcast.objects.get(pk=id)
    assert list(broadcast.users.all()) == [wanted]
    assert only_occurrence(broadcast).due_at <= timezone.now()
