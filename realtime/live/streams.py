"""Who may read `model:<app.model>` and `model:<app.model>:<pk>`: the declaration's `readable_by` decides."""

from collections.abc import Collection
from typing import Any

from django.contrib.auth import get_user_model

from realtime import stream_kind
from realtime.live.declarations import Declaration, declarations


@stream_kind("model")
def readable_models(user: Any, keys: Collection[str]) -> set[str]:
    """At most two calls of `readable_by` per model: one for the whole, one for all rows asked for."""
    # The socket's user is as old as the socket, and Django keeps permissions with the instance.
    fresh = get_user_model()._default_manager.filter(pk=user.pk).first()
    if fresh is None:
        return set()
    allowed: set[str] = set()
    for declaration in declarations():
        allowed |= _readable(declaration, fresh, keys)
    return allowed


def _readable(declaration: Declaration, user: Any, keys: Collection[str]) -> set[str]:
    allowed: set[str] = set()
    whole = declaration.key
    if whole in keys and declaration.readable_by(user, None) is True:
        allowed.add(whole)
    prefix = f"{whole}:"
    asked = (declaration.row_key(key.removeprefix(prefix)) for key in keys if key.startswith(prefix))
    pks = {pk for pk in asked if pk is not None}
    if pks:
        answer = declaration.readable_by(user, pks)
        if not isinstance(answer, bool):
            allowed |= {f"{prefix}{pk}" for pk in pks.intersection(answer)}
    return allowed
