"""Who leaves a group or loses a permission stops receiving what came with it, on all devices, at once (G6); and whose
job has ended is told.

Django's own models change here, in the admin or anywhere else: only its signals say so. The engine's jobs know nothing
of notifications.
"""

from __future__ import annotations

from collections.abc import Collection
from typing import Any

from django.contrib.auth import get_user_model
from django.contrib.auth.models import Group
from django.db.models.signals import m2m_changed, post_save, pre_delete
from django.dispatch import receiver

from notifications.notification_types import JobDone, JobFailed
from notifications.notify import notify
from realtime import recheck_access
from realtime.jobs import job_ended
from realtime.jobs.declarations import is_told, label_of
from realtime.jobs.models import Job, State

User: Any = get_user_model()
_RIGHTS = frozenset({"is_staff", "is_superuser", "is_active"})


@receiver(m2m_changed, sender=User.groups.through)
def membership_ends(instance: Any, action: str, reverse: bool, pk_set: set[int] | None, **_: Any) -> None:
    """Before a clear, because afterwards nobody knows who was in; it commits together anyway."""
    if action not in {"post_remove", "pre_clear"}:
        return
    if not reverse:
        recheck_access({instance.pk})
    else:
        recheck_access(pk_set if pk_set is not None else _members(instance))


@receiver(pre_delete, sender=Group)
def group_ends(instance: Group, **_: Any) -> None:
    recheck_access(_members(instance))


@receiver(m2m_changed, sender=User.user_permissions.through)
def permission_ends(instance: Any, action: str, reverse: bool, **_: Any) -> None:
    if action in {"post_remove", "post_clear"} and not reverse:
        recheck_access({instance.pk})


@receiver(m2m_changed, sender=Group.permissions.through)
def group_permission_ends(instance: Any, action: str, reverse: bool, **_: Any) -> None:
    if action in {"post_remove", "post_clear"} and not reverse:
        recheck_access(_members(instance))


@receiver(post_save, sender=User)
def flags_change(instance: Any, created: bool, update_fields: Collection[str] | None, **_: Any) -> None:
    if not created and (update_fields is None or _RIGHTS & set(update_fields)):
        recheck_access({instance.pk})


@receiver(job_ended)
def job_ends(job: Job, **_: Any) -> None:
    if not is_told(job.kind):
        return
    data: JobDone | JobFailed
    if job.state == State.DONE:
        assert job.expires_at is not None  # every job that has ended has one
        data = JobDone(label_of(job.kind), job.message, bool(job.file), job.expires_at)
    else:
        data = JobFailed(label_of(job.kind), job.error)
    notify(f"notifications.job_{job.state}", to=[job.owner_id], data=data, key=f"job:{job.pk}")


def _members(group: Any) -> set[int]:
    return set(group.user_set.values_list("pk", flat=True))
