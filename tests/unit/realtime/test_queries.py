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
    group = Group.objects.create(name="group")
    user.groups.add(group)
    rooms = [make_room(user), make_room(user)]
    publish(f"audience:group:{group.pk}", Happened(1))
    streams = [*(f"room:{room}" for room in rooms), f"user:{user.pk}", "audience:all"]
    return [*streams, f"audience:group:{group.pk}"]


def test_a_hello_with_a_token_and_five_streams_costs_four_queries(
    django_assert_max_num_queries: Any,
) -> None:
    user = make_user()
    streams = five_streams(user)  # nothing was ever published to audience:all
    token = token_issue(user, device_name="phone").access
    with django_assert_max_num_queries(4):
        assert greet(Credentials(token=token), streams) == 5
    many = [make_room(user) for _ in range(20)]
    with django_assert_max_num_queries(4):
        assert greet(Credentials(token=token), [*streams, *(f"room:{room}" for room in many)]) == 25


def test_a_hello_with_a_browsers_session_costs_no_more(rf: Any, django_assert_max_num_queries: Any) -> None:
    user = make_user()
    streams = five_streams(user)
    request = rf.get("/")
    request.session = SessionStore()
    browser_log_in(request, user)
    request.session.save()
    with django_assert_max_num_queries(4):
        assert greet(Credentials(session_key=request.session.session_key), streams) == 5
