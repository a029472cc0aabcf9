"""Who leaves a group or loses a right is taken off its streams, in the transaction that does it."""

from __future__ import annotations

import pytest
from django.contrib.auth.models import Group, Permission

from tests.support.notices import published, stored
from tests.support.people import make_user

pytestmark = pytest.mark.django_db(transaction=True)

STATUS = "model:notifications.statusitem"


def revoked(user, stream: str) -> bool:
    events = published("system:access", "access.stream_revoked")
    return any(event["stream"] == stream and user.pk in event["users"] for event in events)


@pytest.fixture
def view() -> Permission:
    return Permission.objects.get(codename="view_statusitem")


@pytest.mark.parametrize(
    "leave",
    [
        lambda user, group: user.groups.remove(group),
        lambda user, group: user.groups.clear(),
        lambda user, group: user.groups.set([]),
        lambda user, group: group.user_set.remove(user),
        lambda user, group: group.user_set.clear(),
        lambda user, group: group.delete(),
    ],
)
def test_who_leaves_a_group_is_taken_off_its_stream(leave):
    user, stays = make_user(), make_user()
    group = Group.objects.create(name="kitchen")
    group.user_set.add(user)
    other = Group.objects.create(name="garden")
    other.user_set.add(stays)
    stream = f"audience:group:{group.pk}"
    assert not revoked(user, stream)
    leave(user, group)
    assert revoked(user, stream)
    assert not revoked(stays, f"audience:group:{other.pk}")


def test_a_lost_permission_takes_the_live_model_away(view):
    user = make_user(is_staff=True)
    user.user_permissions.add(view)
    assert user.has_perm("notifications.view_statusitem")
    assert not revoked(user, STATUS)
    user.user_permissions.remove(view)
    assert revoked(user, STATUS)


def test_a_permission_lost_by_the_group_or_with_it(view):
    users = [make_user(), make_user()]
    groups = [Group.objects.create(name="one"), Group.objects.create(name="two")]
    for user, group in zip(users, groups, strict=True):
        group.permissions.add(view)
        user.groups.add(group)
    groups[0].permissions.clear()
    users[1].groups.clear()
    assert revoked(users[0], STATUS)
    assert revoked(users[1], STATUS)


def test_a_right_that_remains_in_another_way_is_not_revoked(view):
    user = make_user()
    group = Group.objects.create(name="one")
    group.permissions.add(view)
    user.groups.add(group)
    user.user_permissions.add(view)
    user.user_permissions.remove(view)
    assert not revoked(user, STATUS)


def test_staff_no_longer_follow_broadcasts():
    user = make_user(is_staff=True, is_superuser=True)
    broadcast = stored()
    user.is_staff = False
    user.save()
    assert revoked(user, f"broadcast:{broadcast.pk}")


def test_an_ordinary_save_of_one_field_says_nothing():
    user = make_user()
    user.display_name = "Ada"
    user.save(update_fields=["display_name"])
    assert published("system:access") == []
