"""Compiled queries: the same rows as the queryset that they were made from, with the SQL made once."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import Any

import pytest
from django.contrib.auth import get_user_model
from django.db.models import QuerySet, Value

from realtime.compiled import CompiledQuery
from tests.support.elsewhere import elsewhere
from tests.support.people import make_user

pytestmark = pytest.mark.django_db


class Counted:
    """A query of users that counts how often it is made."""

    def __init__(self) -> None:
        self.made = 0
        self.rows = CompiledQuery(self._make)

    def _make(self, username: str, ids: Iterable[int]) -> QuerySet[Any, Any]:
        self.made += 1
        users = get_user_model().objects.exclude(username=username).filter(pk__in=ids, is_active=True)
        return users.order_by("pk").values_list("pk", "is_staff", "date_joined", Value("constant"))


def test_the_rows_are_those_of_the_queryset_whatever_the_parameters() -> None:
    users, query = [make_user() for _ in range(7)], Counted()
    for n in range(1, 8):
        ids = [user.pk for user in users[:n]]
        expected = list(query._make("nobody", ids))
        assert query.rows("nobody", ids) == expected
        assert query.rows(users[0].username, ids) == expected[1:]


def test_models_are_found_by_a_time_too() -> None:
    first, second = make_user(), make_user()

    @CompiledQuery
    def since(moment: datetime) -> QuerySet[Any]:
        return get_user_model().objects.filter(date_joined__gte=moment).order_by("pk")

    for moment, expected in ((first.date_joined, [first, second]), (second.date_joined, [second])):
        found = since(moment)
        assert found == expected == list(since._make(moment))
        assert [user.__dict__.keys() for user in found] == [
            user.__dict__.keys() for user in since._make(moment)
        ]


def test_a_few_makings_serve_every_length_of_a_list() -> None:
    users, query = [make_user() for _ in range(7)], Counted()
    for n in [*range(1, 8), *range(1, 8)]:
        assert len(query.rows("nobody", [user.pk for user in users[:n]])) == n
    assert query.made == 4  # for 1, 2, 4 and 8


@pytest.mark.django_db(transaction=True)
def test_a_making_serves_every_thread_also_when_its_own_has_ended() -> None:
    user, query = make_user(), Counted()
    found = elsewhere(lambda: query.rows("nobody", [user.pk]))
    assert found == query.rows("nobody", [user.pk]) == elsewhere(lambda: query.rows("nobody", [user.pk]))
    assert query.made == 1


def test_an_empty_list_finds_nothing_and_asks_nothing(django_assert_num_queries: Any) -> None:
    with django_assert_num_queries(0):
        assert Counted().rows("nobody", []) == []
