"""Audiences: who is in them, how many, and which are one stream."""

from datetime import timedelta

import pytest
from django.contrib.auth.models import Group
from django.utils import timezone

from accounts.models import User
from notifications.audiences import Audience, AudienceChoice, count, known_segment, people, segment, stream_of
from tests.support.people import make_room, make_user

pytestmark = pytest.mark.django_db


@segment("tests.named_b", label="Whose name begins with b")
def named_b():  # type: ignore[no-untyped-def]
    return User.objects.filter(username__startswith="b")


@pytest.fixture
def world(db: None) -> dict[str, User]:
    users = {name: make_user(name) for name in ("ada", "ben", "bo", "cyd")}
    users["gone"] = make_user("bgone", is_active=False)
    group = Group.objects.create(name="tea")
    group.user_set.add(users["ada"], users["ben"], users["gone"])
    return users


def in_it(audience: Audience) -> list[str]:
    found = people(audience)
    assert found is not None
    assert count(audience) == len(found)
    names = dict(User.objects.values_list("pk", "username"))
    assert list(found) == sorted(found)
    return [names[pk] for pk in found]


def test_everybody_is_who_is_active(world):
    assert in_it(Audience(kind="everybody")) == ["ada", "ben", "bo", "cyd"]


def test_a_group_and_a_room_are_their_members(world):
    group = Group.objects.get().pk
    room = make_room(world["bo"], world["cyd"])
    assert in_it(Audience(kind="group", key=group)) == ["ada", "ben"]
    assert in_it(Audience(kind="room", key=room)) == ["bo", "cyd"]


@pytest.mark.parametrize("kind", ["group", "room"])
def test_a_group_or_room_that_is_gone_is_no_audience(kind):
    audience = Audience(kind=kind, key=999)
    assert people(audience) is None
    assert count(audience) is None


def test_a_segment_is_what_its_query_finds_now(world):
    audience = Audience(kind="segment", segment="tests.named_b")
    assert in_it(audience) == ["ben", "bo"]
    make_user("bea")
    assert in_it(audience) == ["ben", "bo", "bea"]


def test_a_segment_that_nobody_declares_is_no_audience():
    assert people(Audience(kind="segment", segment="tests.unknown")) is None
    assert count(Audience(kind="segment", segment="tests.unknown")) is None


def test_joined_since_counts_from_that_moment_on(world):
    since = timezone.now() + timedelta(hours=1)
    User.objects.filter(username="cyd").update(date_joined=since)
    assert in_it(Audience(kind="joined", since=since)) == ["cyd"]


@pytest.mark.parametrize("kind", ["users", "online", "file"])
def test_a_list_is_the_active_ones_on_it(world, kind):
    ids = [world[name].pk for name in ("cyd", "ada", "gone")]
    assert in_it(Audience(kind=kind, user_ids=ids)) == ["ada", "cyd"]


def test_people_and_a_group_are_left_out(world):
    group = Group.objects.get().pk
    assert in_it(Audience(kind="everybody", without_group=group)) == ["bo", "cyd"]
    assert in_it(Audience(kind="everybody", without_users=(world["bo"].pk,))) == ["ada", "ben", "cyd"]
    both = Audience(kind="group", key=group, without_group=group, without_users=(world["bo"].pk,))
    assert in_it(both) == []


def test_one_stream_is_only_what_all_of_them_and_nobody_else_reads(world):
    assert stream_of(Audience(kind="everybody")) == "audience:all"
    assert stream_of(Audience(kind="group", key=3)) == "audience:group:3"
    assert stream_of(Audience(kind="everybody", without_group=3)) is None
    assert stream_of(Audience(kind="everybody", without_users=(1,))) is None
    for kind in ("users", "segment", "joined", "online", "file"):
        assert stream_of(Audience(kind=kind)) is None


@pytest.mark.parametrize("kind", [kind for kind in AudienceChoice if kind != "room"])
def test_counting_is_one_query(world, django_assert_num_queries, kind):
    audience = Audience(
        kind=kind, key=Group.objects.get().pk, segment="tests.named_b", since=timezone.now(), user_ids=(1, 2)
    )
    with django_assert_num_queries(1):
        count(audience)


def test_a_segment_has_a_name_of_its_own():
    with pytest.raises(ValueError, match="registered twice"):
        segment("tests.named_b", label="Another")(lambda: User.objects.all())
    with pytest.raises(ValueError, match=r"app\.thing"):
        segment("Buyers", label="x")
    assert known_segment("tests.named_b").label == "Whose name begins with b"
