"""Makes and changes groups; for those with the permission `chat.manage_groups`."""

from __future__ import annotations

from collections.abc import Collection, Sequence

from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction

from accounts.errors import BadName
from accounts.models import User
from accounts.names import looks_reserved, normal_username, username_key, validate_username, without_invisible
from chat.conf import numbers
from chat.errors import PersonNotFound
from chat.groups.errors import BadGroup, GroupNameTaken, GroupNotFound, NotGroupManager, TooManyMembers
from chat.groups.payloads import Group, GroupRemoved
from chat.groups.selectors import manages_groups
from chat.models import GroupMember, UserGroup
from chat.models.groups import MAX_GROUP_DESCRIPTION_CHARACTERS
from chat.policies import MAX_ID
from realtime import once


def group_save(
    *,
    user: User,
    group: int | None,
    name: str,
    description: str,
    mentioned_by: str,
    members: Sequence[int],
    client_id: str,
) -> Group:
    """Makes a group (`group` is None), or gives one another name, description, rule and these members.

    Raises NotGroupManager, GroupNotFound, BadName, GroupNameTaken, BadGroup, TooManyMembers, PersonNotFound.
    """
    return once(
        user_id=user.pk,
        client_id=client_id,
        name="chat.group_save",
        result=Group,
        run=lambda: _save(user, group, name, description, mentioned_by, set(members)),
    )


def _save(
    user: User,
    group_id: int | None,
    name: str,
    description: str,
    mentioned_by: str,
    members: set[int],
) -> Group:
    _check_manager(user)
    group = UserGroup() if group_id is None else _locked(group_id)
    if mentioned_by not in UserGroup.Who.values or len(description) > MAX_GROUP_DESCRIPTION_CHARACTERS:
        raise BadGroup()
    group.name, group.mentioned_by = checked_name(name), mentioned_by
    group.description = without_invisible(description)
    try:
        with transaction.atomic():
            group.save()
    except IntegrityError:
        raise GroupNameTaken() from None
    place_members(group, members)
    return Group.of(group)


def group_remove(*, user: User, group: int, client_id: str) -> GroupRemoved:
    """Raises NotGroupManager, GroupNotFound."""
    return once(
        user_id=user.pk,
        client_id=client_id,
        name="chat.group_remove",
        result=GroupRemoved,
        run=lambda: _remove(user, group),
    )


def _remove(user: User, group_id: int) -> GroupRemoved:
    _check_manager(user)
    _locked(group_id).delete()
    return GroupRemoved(group_id)


def checked_name(raw: str) -> str:
    """A name as users have them, which no user has. Raises BadName, GroupNameTaken."""
    name = normal_username(raw.strip().removeprefix("@"))
    try:
        validate_username(name)
    except ValidationError as error:
        raise BadName(" ".join(error.messages).replace("user name", "group's name")) from None
    if looks_reserved(name) or User.objects.filter(username_key=username_key(name)).exists():
        raise GroupNameTaken()
    return name


def place_members(group: UserGroup, user_ids: Collection[int]) -> None:
    """These are the members of a locked or new group. Raises TooManyMembers, PersonNotFound."""
    wanted = set(user_ids)
    if len(wanted) > numbers().max_group_members:
        raise TooManyMembers(max=numbers().max_group_members)
    if any(not 0 < one <= MAX_ID for one in wanted):
        raise PersonNotFound()
    known = set(User.objects.filter(pk__in=wanted).values_list("pk", flat=True))
    if known != wanted:
        raise PersonNotFound()
    memberships = GroupMember.objects.filter(group=group)
    before = set(memberships.values_list("user_id", flat=True))
    memberships.exclude(user_id__in=wanted).delete()
    GroupMember.objects.bulk_create(GroupMember(group=group, user_id=one) for one in sorted(wanted - before))
    group.member_count = len(wanted)
    group.save(update_fields=["member_count"])


def _locked(group_id: int) -> UserGroup:
    groups = UserGroup.objects.select_for_update()
    found = groups.filter(pk=group_id).first() if 0 < group_id <= MAX_ID else None
    if found is None:
        raise GroupNotFound()
    return found


def _check_manager(user: User) -> None:
    if not manages_groups(user):
        raise NotGroupManager()
