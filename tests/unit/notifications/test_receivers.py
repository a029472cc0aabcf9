"""Who leaves a group or loses a right is asked about anew, in the transaction that does it."""

from __future__ import annotations

import pytest
from django.contrib.auth.models import Group, Permission

from accounts.models import User
from tests.support.notices import published
from tests.support.people import make_user

pytestmark = pytest.mark.django_db(transaction=True)


def rechecked(user: User) -> bool:
    return any(user.pk in event["users"] for event in published("system:access", "access.rights_changed"))


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
def test_who_leaves_a_group_is_asked_about(leave):
    user, stays = make_user(), make_user()
    group = Group.objects.create(name="kitchen")
    group.user_set.add(user)
    Group.objects.create(name="garden").user_set.add(stays)
    assert not rechecked(user)
    leave(user, group)
    assert rechecked(user)
    assert not rechecked(stays)


def test_who_loses_a_permission_is_asked_about(view):
    user = make_user(is_staff=True)
    user.user_permissions.add(view)
    assert not rechecked(user)
    user.user_permissions.remove(view)
    assert rechecked(user)


def test_a_permission_lost_by_the_group_concerns_its_members(view):
    user, other = make_user(), make_user()
    group = Group.objects.create(name="one")
    group.permissions.add(view)
    user.groups.add(group)
    group.permissions.clear()
    assert rechecked(user)
    assert not rechecked(other)


def test_who_is_no_longer_staff_is_asked_about():
    user = make_user(is_staff=True, is_superuser=True)
    user.is_staff = False
    user.save()
    assert rechecked(user)


def test_an_ordinary_save_of_one_field_says_nothing():
    user = make_user()
    user.display_name = "Ada"
    user.save(update_fields=["display_name"])
    assert published("system:access") == []
