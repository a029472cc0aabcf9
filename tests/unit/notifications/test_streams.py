"""Who reads which stream of notifications."""

from __future__ import annotations

import pytest
from django.contrib.auth.models import Group, Permission

from accounts.models import User
from realtime.registry import readable_streams
from tests.support.notices import stored
from tests.support.people import make_user

pytestmark = pytest.mark.django_db(transaction=True)


def test_everybody_reads_their_own_stream_and_everybodys():
    ada, ben = make_user(), make_user()
    asked = {f"user:{ada.pk}", f"user:{ben.pk}", "user:x", "audience:all", "audience:none"}
    assert readable_streams(ada, asked) == {f"user:{ada.pk}", "audience:all"}


def test_a_group_is_read_by_its_members_with_one_query(django_assert_num_queries):
    ada = make_user()
    groups = [Group.objects.create(name=f"group {number}") for number in range(3)]
    ada.groups.add(*groups[:2])
    asked = {f"audience:group:{group.pk}" for group in groups} | {"audience:group:x", "audience:group:999"}
    with django_assert_num_queries(1):
        readable = readable_streams(ada, asked)
    assert readable == {f"audience:group:{group.pk}" for group in groups[:2]}


def test_the_progress_of_a_broadcast_is_for_staff_who_may_see_it_as_they_are_now():
    ada = make_user(is_staff=True)
    stream = f"broadcast:{stored().pk}"
    assert not readable_streams(ada, {stream})
    ada.user_permissions.add(Permission.objects.get(codename="view_broadcast"))
    assert readable_streams(ada, {stream, "broadcast:999", "broadcast:x", "broadcast:" + "9" * 30}) == {
        stream
    }
    User.objects.filter(pk=ada.pk).update(is_staff=False)
    assert not readable_streams(ada, {stream})
