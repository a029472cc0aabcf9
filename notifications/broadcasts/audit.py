"""Writes down who did what with a broadcast, in the transaction that does it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.utils.translation import gettext_noop

from notifications.models import AuditEntry, Broadcast

NOTE_MAX_CHARS = 500
REFUSED = gettext_noop("was refused")  # its note is the act


def record(
    actor: Any,
    act: str,
    broadcast: Broadcast | None = None,
    *,
    before: Mapping[str, Any] | None = None,
    after: Mapping[str, Any] | None = None,
    note: str = "",
) -> AuditEntry:
    """`act` is said in the past tense, and in English: `history` translates it. Of `before` and `after` only what
    differs is kept.
    """
    before, after = before or {}, after or {}
    changed = [name for name in {**before, **after} if before.get(name) != after.get(name)]
    return AuditEntry.objects.create(
        broadcast=broadcast,
        actor=actor if getattr(actor, "pk", None) else None,
        actor_name=str(actor)[:200] if actor else "",
        act=act,
        before={name: before[name] for name in changed if name in before},
        after={name: after[name] for name in changed if name in after},
        note=note[:NOTE_MAX_CHARS],
    )
