"""Events on their way into the outbox."""

from __future__ import annotations

import msgspec
import pytest

from realtime import publish
from realtime.log.append import EventTooLarge
from realtime.log.models import Event


class Poster(msgspec.Struct, frozen=True):
    text: str


Poster.event_name = "tests.poster"  # type: ignore[attr-defined]


@pytest.mark.django_db
def test_an_event_that_no_client_could_take_is_refused_where_it_is_published(settings) -> None:
    settings.REALTIME = {**settings.REALTIME, "MAX_EVENT_BYTES": 100}
    publish("system:test", Poster("x" * 50))
    with pytest.raises(EventTooLarge, match=r"tests.poster has 111 bytes; at most 100") as caught:
        publish("system:test", Poster("x" * 100))
    assert caught.value.data == {"max_bytes": 100}
    assert Event.objects.filter(stream="system:test").count() == 1
