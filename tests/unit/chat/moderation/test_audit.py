from __future__ import annotations

from datetime import timedelta

import pytest
from django.utils import timezone

from accounts.add_only import NotForChange
from chat import amending, services
from chat.models import AuditEntry, Report
from chat.moderation import audit, selectors
from realtime import RealtimeError
from tests.support.people import client_id
from tests.unit.chat.moderation.conftest import Club

pytestmark = pytest.mark.django_db


def test_it_is_added_to_and_never_changed(club: Club) -> None:
    entry = AuditEntry.objects.latest("pk")
    for change in (
        entry.save,
        entry.delete,
        AuditEntry.objects.all().delete,
        lambda: AuditEntry.objects.update(act="nothing"),
    ):
        with pytest.raises(NotForChange):
            change()


def test_owners_read_what_was_done_in_their_room_and_find_it(club: Club) -> None:
    message = club.say(club.cy)
    amending.message_delete(user=club.moderator, message=message, client_id=client_id())
    services.room_kick(
        user=club.moderator, room=club.room, kicked=club.bo.pk, reason="x", client_id=client_id()
    )
    page = selectors.acts_of_room(club.owner, club.room)
    assert [(one.actor, one.act, one.person) for one in page.items] == [
        ("Max", "kicked", "Bo"),
        ("Max", "deleted a message of", "Cy"),
        ("Ada", "changed the role of", "Max"),
    ]
    assert [one.act for one in selectors.acts_of_room(club.owner, club.room, act="kick").items] == ["kicked"]
    by_name = selectors.acts_of_room(club.owner, club.room, person="cy")
    assert [one.message for one in by_name.items] == [message]
    first = selectors.acts_of_room(club.owner, club.room, limit=2)
    rest = selectors.acts_of_room(club.owner, club.room, before=first.next)
    assert [*first.items, *rest.items] == page.items
    with pytest.raises(RealtimeError):
        selectors.acts_of_room(club.owner, club.room, limit=101)


def test_what_an_author_deletes_themselves_is_nobodys_business(club: Club) -> None:
    before = AuditEntry.objects.count()
    amending.message_delete(user=club.cy, message=club.say(club.cy), client_id=client_id())
    assert AuditEntry.objects.count() == before


def test_old_entries_and_closed_reports_go(club: Club) -> None:
    long_ago = timezone.now() - timedelta(days=400)
    AuditEntry(actor=club.owner, actor_name="Ada", act="slept", at=long_ago).save()
    old = AuditEntry.objects.latest("pk")
    # Ids follow time: the old ones are the first.
    AuditEntry.trim(timezone.now() + timedelta(days=1), 1_000)
    AuditEntry(actor=club.owner, actor_name="Ada", act="slept", at=long_ago).save()
    AuditEntry(actor=club.owner, actor_name="Ada", act="woke").save()
    Report.objects.create(
        person=club.cy, reporter=club.bo, why="spam", outcome="dismissed", closed_at=long_ago
    )
    Report.objects.create(person=club.cy, reporter=club.bo, why="spam")
    assert audit.anything_old()
    while audit.anything_old():
        audit.trim_some()
    assert list(AuditEntry.objects.values_list("act", flat=True)) == ["woke"]
    assert Report.objects.get().closed_at is None
    assert not AuditEntry.objects.filter(pk=old.pk).exists()
