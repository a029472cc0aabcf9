"""What a hello costs in queries, whatever the number of streams."""

from __future__ import annotations

from typing import Any

import pytest
from django.contrib.auth.models import Group
from django.contrib.sessions.backends.db import SessionStore

from accounts.services import browser_log_in, token_issue
from realtime import publish
from realtime.gateway.session import authenticate
from realtime.identity import Credentials
from realtime.log import read
from realtime.registry import readable_streams
from tests.support.log_world import Happened
from tests.support.people import make_room, make_user

pytestmark = pytest.mark.django_db(transaction=True)


def greet(credentials: Credentials, streams: list[str]) -> int:
    """What a hello asks the database; how many of the streams it follows."""
    identity = authenticate(credentials, None)
    readable = readable_streams(identity.user, streams)
    assert set(read.heads(sorted(readable))) == readable
    return len(readable)


def five_streams(user: Any) -> list[str]:
    rooms = [make_room(user), make_room(user), make_room(user)]
    return [*(f"room:{room}" for room in rooms), f"user:{user.pk}", "audience:all"]


def browser_session(user: Any, rf: Any) -> str:
    request = rf.get("/")
    request.session = SessionStore()
    browser_log_in(request, user)
    request.session.save()
    key: str = request.session.session_key
    return key


def test_a_hello_with_five_streams_costs_three_queries(rf: Any, django_assert_max_num_queries: Any) -> None:
    """Who it is, the rooms, and the heads of those streams that no other socket here follows."""
    user = make_user()
    streams = five_streams(user)  # nothing was ever published to audience:all
    token = token_issue(user, device_name="phone").access
    for credentials in (Credentials(token=token), Credentials(session_key=browser_session(user, rf))):
        with django_assert_max_num_queries(3):
            assert greet(credentials, streams) == 5
    many = [make_room(user) for _ in range(20)]
    with django_assert_max_num_queries(3):
        assert greet(Credentials(token=token), [*streams, *(f"room:{room}" for room in many)]) == 25


def test_the_audiences_of_groups_cost_one_more(django_assert_max_num_queries: Any) -> None:
    user = make_user()
    groups = [Group.objects.create(name=name) for name in ("one", "two")]
    user.groups.add(*groups)
    streams = [*five_streams(user), *(f"audience:group:{group.pk}" for group in groups)]
    publish(streams[-1], Happened(1))
    token = token_issue(user, device_name="phone").access
    with django_assert_max_num_queries(4):
        assert greet(Credentials(token=token), streams) == 7
