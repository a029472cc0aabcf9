"""The one door for notifications: `notify()` stores what happened, once per key, and gives it to whom it concerns.

    notify("chat.mention", to=[7, 9], data={"room": "Tea", "text": "…"}, key=f"mention:{message.id}", actor=user)

A few people have it when the caller's transaction commits. Of more than a chunk, each chunk is a Batch that a worker
gives out in a transaction of its own (`upkeep`). An audience that reads one stream gets one row, whatever its size;
batches then carry it over the other channels.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import msgspec
from django.contrib.auth import get_user_model
from django.db import IntegrityError, transaction
from django.db.models import Count, QuerySet
from django.utils import timezone

from notifications.audiences import Audience, AudienceChoice, count, stream_of
from notifications.audiences import people as people_of
from notifications.conf import numbers
from notifications.deliveries.decide import Decided, decide_chunk
from notifications.deliveries.rules import IN_APP
from notifications.errors import BadAudience, BadKey
from notifications.events import NotificationCreated
from notifications.models import AudienceNotification, Batch, ChannelChoice, Notice, Notification, Part
from notifications.nudge import nudge
from notifications.placing import add_lines, announce_lines, lock_inboxes
from notifications.preferences.person import Frequency
from notifications.preferences.selectors import languages_of
from notifications.refusals import without_refusing
from notifications.selectors import audience_item
from notifications.types import Grouping, NotificationType, Text, known_type
from realtime import NotFound, publish

MAX_KEY_CHARS = 200
_NAMED_IN_ERROR = 20

Place = Callable[[Notice, NotificationType, Sequence[int]], Decided]


class RecipientsNotFound(NotFound):
    code = "recipients_not_found"
    message = "Some of the recipients do not exist."


@dataclass(frozen=True, slots=True)
class Notified:
    """`created` is False for a repetition: then nothing was done."""

    notice: int
    created: bool


@transaction.atomic
def notify(
    type: str,
    *,
    to: Iterable[int] | Audience,
    data: Mapping[str, Any] | Any,
    key: str,
    actor: Any = None,
    group: str = "",
    scope: str = "",
    expires_at: datetime | None = None,
) -> Notified:
    """Notifies users, by their ids, or an audience, of something of a declared type. Again with the same key is safe.

    `group` names what belongs together, where the type groups; `scope` where it happened, as people's overrides name
    it ("room:7"). Deactivated people are left out. An audience that reads one stream has one line in the app, and is
    told over the other channels by workers. Raises UnknownNotificationType, BadData, BadKey, BadAudience,
    RecipientsNotFound.
    """
    declared = known_type(type)
    if not 0 < len(key) <= MAX_KEY_CHARS:
        raise BadKey
    found = Notice.objects.filter(type=type, key=key).values_list("pk", flat=True).first()
    if found is not None:
        return Notified(found, created=False)
    now = timezone.now()
    notice = Notice(
        type=type,
        key=key,
        data=msgspec.json.encode(declared.checked(data)).decode(),
        actor=actor,
        actor_name=actor.get_full_name() if actor is not None else "",
        group=group,
        scope=scope,
        created_at=now,
        expires_at=expires_at or (declared.expires_after and now + declared.expires_after),
    )
    try:
        with transaction.atomic():
            notice.save()
    except IntegrityError:
        return Notified(Notice.objects.get(type=type, key=key).pk, created=False)
    if isinstance(to, Audience):
        _to_audience(notice, declared, to)
    else:
        _to_people(notice, declared, to)
    return Notified(notice.pk, created=True)


def place_notice(notice: Notice, declared: NotificationType, user_ids: Sequence[int]) -> Decided:
    """Decides about at most a chunk of people, and gives it to those who get it in the app.

    In the caller's transaction.
    """
    unread = lock_inboxes(user_ids)
    data = declared.loaded(notice.data)
    user_ids = declared.still_concerned(data, user_ids)
    if notice.actor_id is not None and not declared.critical:
        user_ids = without_refusing(notice.actor_id, user_ids)
    decided = decide_chunk(notice, declared, user_ids)
    told = decided.told_in_app()
    open_lines = _open_lines(notice, declared, told)
    words = _Words(declared, notice, data)
    fresh = add_lines(
        [
            _line(notice, declared, words.in_language(decided.people[user_id].language), user_id)
            for user_id in told
            if user_id not in open_lines
        ],
        unread,
    )
    if declared.grouping is Grouping.NONE or not notice.group:
        return decided
    Part.objects.bulk_create(
        Part(notice=notice, notification=line) for line in [*fresh, *open_lines.values()]
    )
    regrouped = list(open_lines.values())
    word_lines(regrouped, declared, notice, data)
    announce_lines(regrouped, unread)
    return decided


def tell_outside(notice: Notice, declared: NotificationType, user_ids: Sequence[int]) -> Decided:
    """Decides about at most a chunk of people of an audience, who share its line. In the caller's transaction."""
    concerned = declared.still_concerned(declared.loaded(notice.data), user_ids)
    return decide_chunk(notice, declared, concerned)


def reword(type: str, key: str, data: Mapping[str, Any] | Any) -> None:
    """Gives the notice of that key other data, in the inboxes it is in too; nothing where there is none.

    Whoever may no longer know what it is about keeps the old words.

    A chunk of lines in each transaction: call it outside of one. Raises UnknownNotificationType, BadData.
    """
    declared = known_type(type)
    changed = msgspec.json.encode(declared.checked(data)).decode()
    notices = Notice.objects.filter(type=type, key=key, recalled_at=None)
    if not notices.exclude(data=changed).update(data=changed):
        return
    notice, last = notices.get(), 0
    while last is not None:
        last = _reword_chunk(notice, declared, last)


def word_lines(
    lines: Collection[Notification], declared: NotificationType, notice: Notice, data: Any
) -> None:
    """Lines of a group say what their newest notice says, and for how many others they stand. Three queries."""
    parts = Part.objects.filter(notification__in=[line.pk for line in lines]).values("notification")
    counts = {
        row["notification"]: (row["notices"], row["people"])
        for row in parts.annotate(notices=Count("pk"), people=Count("notice__actor", distinct=True))
    }
    languages = languages_of([line.recipient_id for line in lines])
    texts = _Words(declared, notice, data)
    for line in lines:
        count, people = counts.get(line.pk, (1, 1))  # of no group: itself
        if declared.grouping is not Grouping.COUNT:
            count, people = 1, 1
        others = max(0, people - 1)
        words = texts.in_language(languages[line.recipient_id], others=others, count=count)
        line.title, line.text, line.link, line.count = words.title, words.text, words.link, count
        line.notice, line.created_at, line.seen_at = notice, notice.created_at, None
    columns = ["title", "text", "link", "count", "notice", "created_at", "seen_at"]
    Notification.objects.bulk_update(lines, columns)


class _Words:
    """What a notice says in the app, made once per language and number of others, however many people read it."""

    def __init__(self, declared: NotificationType, notice: Notice, data: Any) -> None:
        self._declared, self._notice, self._data = declared, notice, data
        self._made: dict[tuple[str, int, int], Text] = {}

    def in_language(self, language: str, *, others: int = 0, count: int = 1) -> Text:
        key = language, others, count
        if key not in self._made:
            actor = self._notice.actor_name
            self._made[key] = self._declared.words(
                self._data, actor=actor, others=others, count=count, language=language
            )
        return self._made[key]


@transaction.atomic
def _reword_chunk(notice: Notice, declared: NotificationType, after: int) -> int | None:
    """Of the lines whose newest notice it is, some with larger ids; the last of them, or None where there were none."""
    found = Notification.objects.filter(notice=notice).order_by("pk")
    size = numbers().chunk_recipients
    chunk = list(found.filter(pk__gt=after).values_list("pk", "recipient_id")[:size])
    if not chunk:
        return None
    recipients = {recipient for _, recipient in chunk}
    unread = lock_inboxes(recipients)
    data = declared.loaded(notice.data)
    to = declared.may_know(data, recipients)
    lines = list(found.filter(pk__in=[pk for pk, _ in chunk], recipient__in=to))
    seen = [line.seen_at for line in lines]
    word_lines(lines, declared, notice, data)
    for line, seen_at in zip(lines, seen, strict=True):
        line.seen_at = seen_at  # other words are no news
    Notification.objects.bulk_update(lines, ["seen_at"])
    announce_lines([line for line in lines if line.in_inbox], unread)
    return chunk[-1][0]


def _to_people(notice: Notice, declared: NotificationType, to: Iterable[int]) -> None:
    chunks = list(_chunks(sorted(set(to)), numbers().chunk_recipients))
    people = [_active(chunk) for chunk in chunks]
    notice.recipients = sum(map(len, people))
    notice.save(update_fields=["recipients"])
    _give_out(notice, declared, people, place_notice)


def _give_out(
    notice: Notice, declared: NotificationType, people: Sequence[Sequence[int]], place: Place
) -> None:
    """A chunk at once, more of them by workers (`upkeep.place_batch`)."""
    if len(people) == 1:
        work_left = place(notice, declared, people[0]).is_due()
    else:
        encode = msgspec.json.encode
        batches = [Batch(notice=notice, user_ids=encode(some).decode()) for some in people if some]
        work_left = bool(Batch.objects.bulk_create(batches))
    if work_left:
        transaction.on_commit(nudge, robust=True)


def _to_audience(notice: Notice, declared: NotificationType, audience: Audience) -> None:
    if audience.kind == AudienceChoice.USERS and not audience.leaves_out:
        return _to_people(notice, declared, audience.user_ids)  # who is unknown is told
    found, stream = people_of(audience), stream_of(audience)
    if found is None:
        raise BadAudience(f"There is no audience {audience.kind!r} {audience.key or ''}.".replace(" .", "."))
    if stream is None:
        return _to_people(notice, declared, found)
    words = declared.words(declared.loaded(notice.data), actor=notice.actor_name)
    row = AudienceNotification.objects.create(stream=stream, **_shown(notice, declared, words))
    notice.recipients = count(audience) or 0
    notice.save(update_fields=["recipients"])
    publish(row.stream, NotificationCreated(audience_item(row), None, None))
    told_outside = list(_told_outside(declared, found))
    if told_outside:
        chunks = list(_chunks(told_outside, numbers().chunk_recipients))
        _give_out(notice, declared, chunks, tell_outside)


def _told_outside(declared: NotificationType, found: QuerySet[Any, int]) -> QuerySet[Any, int]:
    """All of them, where the type has other channels than the app; else who asked for one."""
    if set(declared.channels) != {IN_APP}:
        return found
    asked = ChannelChoice.objects.filter(category=declared.category).exclude(channel=IN_APP)
    return found.filter(pk__in=asked.exclude(frequency=Frequency.OFF).values("user"))


def _active(user_ids: Sequence[int]) -> list[int]:
    known = dict(get_user_model().objects.filter(pk__in=user_ids).values_list("pk", "is_active"))
    if missing := [user_id for user_id in user_ids if user_id not in known]:
        raise RecipientsNotFound(
            f"There are no users {', '.join(map(str, missing[:_NAMED_IN_ERROR]))}.",
            ids=missing[:_NAMED_IN_ERROR],
        )
    return [user_id for user_id in user_ids if known[user_id]]


def _open_lines(
    notice: Notice, declared: NotificationType, user_ids: Sequence[int]
) -> dict[int, Notification]:
    """By recipient, the unread line in the inbox that the notice joins."""
    if declared.grouping is Grouping.NONE or not notice.group:
        return {}
    lines = Notification.objects.filter(
        recipient__in=user_ids,
        type=notice.type,
        group=notice.group,
        read_at=None,
        archived_at=None,
        snoozed_until=None,
    )
    return {line.recipient_id: line for line in lines.order_by("pk")}


def _line(notice: Notice, declared: NotificationType, words: Text, user_id: int) -> Notification:
    return Notification(
        recipient_id=user_id, type=notice.type, group=notice.group, **_shown(notice, declared, words)
    )


def _shown(notice: Notice, declared: NotificationType, words: Text) -> dict[str, Any]:
    """What a line of one's own and one of an audience have in common."""
    return {
        "notice": notice,
        "title": words.title,
        "text": words.text,
        "link": words.link,
        "level": declared.level,
        "category": declared.category,
        "critical": declared.critical,
        "created_at": notice.created_at,
        "expires_at": notice.expires_at,
    }


def _chunks(ids: Sequence[int], size: int) -> Iterator[Sequence[int]]:
    for start in range(0, len(ids), size):
        yield ids[start : start + size]
