"""Lost rights on live models: takes the streams that people may no longer read from their sockets (G6)."""

from collections.abc import Collection
from typing import Any

from realtime import revoke_stream
from realtime.live.declarations import declarations


def revoke_unreadable(users: Collection[Any]) -> None:
    """Revoke each whole-model stream from those of `users` who may not read it now; with the transaction.

    Give fresh instances: Django keeps a user's permissions with the instance. Streams of single rows are the
    declaring app's to revoke, because only its `readable_by` knows what they depend on.
    """
    for declaration in declarations():
        refused = [user.pk for user in users if declaration.readable_by(user, None) is not True]
        if refused:
            revoke_stream(declaration.stream, refused)
