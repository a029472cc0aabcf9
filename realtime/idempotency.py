"""Commands that may be repeated: the first result is stored under the client's own id and returned again (G4)."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any, TypeVar

import msgspec
from django.db import IntegrityError, transaction

from realtime.errors import BadClientId, Conflict, RealtimeError
from realtime.protocol.codec import encode

R = TypeVar("R")

_CLIENT_ID = re.compile(r"[!-~]{1,64}\Z")


class ClientIdReused(Conflict):
    code = "client_id_reused"
    message = "This client_id was used for another command. Use a new one for each thing you do."


def check_client_id(client_id: object) -> str:
    """`client_id`, if it is 1 to 64 printable ASCII characters. Raises BadClientId."""
    if not isinstance(client_id, str) or not _CLIENT_ID.match(client_id):
        raise BadClientId()
    return client_id


def once(*, user_id: int, client_id: str, name: str, result: Any, run: Callable[[], R]) -> R:
    """Runs `run` in a transaction, exactly once per user and client_id; a repetition gets the first result.

    `result` is the Struct type that `run` returns (or None). If `run` raises, a repetition tries again, and nothing
    is stored, but for an error that `keeps`. Raises BadClientId, ClientIdReused.
    Costs two queries, one for a repetition.
    """
    check_client_id(client_id)
    found = _receipt(user_id, client_id)
    if found is None:
        try:
            return _first(user_id, client_id, name, run)
        except IntegrityError:
            # Two at once: the other one committed first, or this is the run's own error.
            found = _receipt(user_id, client_id)
            if found is None:
                raise
    if found.name != name:
        raise ClientIdReused()
    stored: R = msgspec.json.decode(found.result, type=result)
    return stored


def _first(user_id: int, client_id: str, name: str, run: Callable[[], R]) -> R:
    from realtime.log.models import Receipt

    with transaction.atomic():
        receipt = Receipt.objects.create(user_id=user_id, client_id=client_id, name=name)
        try:
            value = run()
        except RealtimeError as error:
            if not error.keeps:
                raise
            receipt.delete()
            kept = error
        else:
            receipt.result = encode(value).decode()
            receipt.save(update_fields=["result"])
            return value
    raise kept


def _receipt(user_id: int, client_id: str) -> Any:
    from realtime.log.models import Receipt

    return Receipt.objects.filter(user_id=user_id, client_id=client_id).first()
