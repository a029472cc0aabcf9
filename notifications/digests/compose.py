"""Makes one message of the deliveries of a window: by room and category, the oldest first."""

from __future__ import annotations

from collections.abc import Sequence

from django.utils.text import Truncator

from notifications.audiences import audience_kind
from notifications.conf import numbers
from notifications.deliveries.message import absolute, words_for
from notifications.digests.message import DigestMessage, Entry, Section
from notifications.models import Delivery, Digest
from notifications.preferences.person import Person
from notifications.types import known_type


def digest_message(digest: Digest, deliveries: Sequence[Delivery], person: Person) -> DigestMessage:
    """Of at least one delivery, the oldest first. Names of rooms cost a query each."""
    shown = deliveries[: numbers().max_digest_entries]
    grouped: dict[tuple[str, str], list[Entry]] = {}
    for delivery in shown:
        key = delivery.notice.scope, known_type(delivery.notice.type).category
        grouped.setdefault(key, []).append(_entry(delivery, person))
    rooms = {scope: _name_of(scope) for scope, _ in grouped}
    return DigestMessage(
        id=f"digest-{digest.pk}",
        language=person.language,
        zone=person.hours.zone,
        count=len(deliveries),
        # What belongs to a room stays together.
        sections=[
            Section(rooms[scope], category, entries)
            for (scope, category), entries in sorted(
                grouped.items(), key=lambda one: (rooms[one[0][0]], one[0])
            )
        ],
    )


def _entry(delivery: Delivery, person: Person) -> Entry:
    words = words_for(delivery, known_type(delivery.notice.type), person)
    text = Truncator(words.text).chars(numbers().max_digest_text_chars)
    return Entry(words.title, text, absolute(words.link), delivery.notice.created_at)


def _name_of(scope: str) -> str:
    kind, _, key = scope.partition(":")
    named = audience_kind(kind)
    return named.name(int(key)) if named is not None and key.isdigit() else scope
