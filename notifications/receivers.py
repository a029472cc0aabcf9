"""Who leaves a group or loses a permission stops receiving what came with it, on all devices, at once (G6).

Django's own models change here, in the admin or anywhere else: only its signals say so.
"""

from __future__ import annotations

from collections.abc import Collection
from typing import Any

from django.contrib.auth import get_user_model
from django.contrib.auth.models import Group
from django.db.models.signals import m2m_changed, post_save, pre_delete
from django.dispatch import receiver

from notifications.audiences import group_stream
from notifications.models import Broadcast, Status
from notifications.policies import may_view
from realtime import revoke_stream
from realtime.live.access import revoke_unreadable

User: Any = get_user_model()
_RIGHTS = frozenset({"is_staff", "is_superuser", "is_active"})


@receiver(m2m_changed, sender=User.groups.through)
def membership_ends(instance: Any, action: str, reverse: bool, pk_set: set[int] | None, **_: Any) -> None:
    """Before a clear, because afterwards nobody knows who was in; it commits together anyway."""
    if action not in {"post_remove", "pre_clear", "post_clear"}:
        return
    if reverse:
        users = pk_set if pk_set is not None else set(instance.user_set.values_list("pk", flat=True))
        groups = {instance.pk}
    else:
        users = {instance.pk}
        groups = pk_set if pk_set is not None else set(instance.groups.values_list("pk", flat=True))
    for group in groups:
        if users:
            revoke_stream(group_stream(group), users)
    rights_change(users)


@receiver(pre_delete, sender=Group)
def group_ends(instance: Group, **_: Any) -> None:
    users = set(instance.user_set.values_list("pk", flat=True))  # type: ignore[attr-defined]
    if users:
        revoke_stream(group_stream(instance.pk), users)


@receiver(m2m_changed, sender=User.user_permissions.through)
def permission_ends(instance: Any, action: str, reverse: bool, pk_set: set[int] | None, **_: Any) -> None:
    if action in {"post_remove", "post_clear"} and not reverse:
        rights_change({instance.pk})


@receiver(m2m_changed, sender=Group.permissions.through)
def group_permission_ends(instance: Any, action: str, reverse: bool, **_: Any) -> None:
    if action in {"post_remove", "post_clear"} and not reverse:
        rights_change(set(instance.user_set.values_list("pk", flat=True)))


@receiver(post_save, sender=User)
def flags_change(instance: Any, created: bool, update_fields: Collection[str] | None, **_: Any) -> None:
    if not created and (update_fields is None or _RIGHTS & set(update_fields)):
        rights_change({instance.pk})


def rights_change(user_ids: Collection[int]) -> None:
    """Compare what these people may read with what they might be following."""
    # Fresh instances: a permission that was asked for before is kept with the old ones.
    users = list(User.objects.filter(pk__in=user_ids))
    if not users:
        return
    revoke_unreadable(users)
    refused = [user.pk for user in users if not may_view(user)]
    if refused:
        for pk in Broadcast.objects.filter(status__in=[Status.SCHEDULED, Status.SENDING]).values_list(
            "pk", flat=True
        ):
            revoke_stream(f"broadcast:{pk}", refused)
