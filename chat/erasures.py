"""What goes of chat when an account is erased, and what stays so that rooms can be read on.

Memberships of rooms end, with their events; direct conversations stay with the others, who see "Deleted user" in them.
Messages stay under that name, or go, as the person chose. Rooms under legal hold keep them.
"""

from __future__ import annotations

from django.db.models import F
from django.utils import timezone

from accounts.erasing import Erased, erased
from accounts.payloads import Person
from chat import events, services, telling
from chat.acks import reminding
from chat.conf import numbers
from chat.files.services import files_go_with
from chat.marks.forgetting import forget_marks
from chat.models import (
    AuditEntry,
    Block,
    Draft,
    GroupMember,
    HeldMessage,
    Keyword,
    Member,
    Mention,
    Message,
    Report,
    Revision,
    Room,
    Saved,
    Scheduled,
    ThreadReader,
    Upload,
    UserGroup,
)
from chat.moderation.events import PersonChanged
from chat.previews.services import previews_go_with
from chat.search import index
from chat.threads.services import count_again
from realtime import publish, publish_many


@erased("chat_1_rooms")
def rooms(person: Erased) -> bool:
    """Out of every room but direct conversations, one at a time; who owned one hands it over."""
    mine = Member.objects.filter(user=person.user).exclude(room__kind=Room.Kind.DIRECT).order_by("room_id")
    room_id = mine.values_list("room_id", flat=True).first()
    if room_id is None:
        return False
    room = Room.objects.select_for_update().get(pk=room_id)
    member = mine.filter(room=room).first()
    if member is not None:
        member.room = room
        services.remove_member(member, events.RoomRemoved(room_id))
        services.hand_over(room)
    return True


@erased("chat_2_messages")
def messages(person: Erased) -> bool:
    """Where they are to go, messages become tombstones, and what they said is forgotten at once."""
    if not person.with_messages:
        return False
    size = numbers().erase_chunk
    said = Message.objects.filter(author=person.user, deleted_at=None, room__legal_hold=False)
    chunk = said.order_by("pk").select_for_update(of=("self",)).select_related("room")[:size]
    gone = list(chunk)
    for message in gone:
        telling.take_back(message)
        reminding.take_back(message)
        message.text, message.mentions, message.html = "", "[]", ""
        message.deleted_at, message.deleted_by = timezone.now(), person.user
    Message.objects.bulk_update(gone, ["text", "mentions", "html", "deleted_at", "deleted_by"])
    ids = [message.pk for message in gone]
    Revision.objects.filter(message__in=ids).delete()
    Mention.objects.filter(message__in=ids).delete()
    forget_marks(ids)
    for message in gone:
        index.refresh(message)
        files_go_with(message)
        previews_go_with(message)
    publish_many((one.room.stream, events.MessageDeleted(one.pk, one.number)) for one in gone)
    # In the order of threads, each once: counting again locks them.
    replies = {message.root_id: message for message in gone if message.root_id is not None}
    for _, reply in sorted(replies.items()):
        count_again(reply)
    return len(gone) == size


@erased("chat_3_name")
def name(person: Erased) -> bool:
    """Everybody who sees the person somewhere sees their new name, without loading anything anew."""
    written = Message.objects.filter(author=person.user).order_by().values("room_id").distinct()
    there = Member.objects.filter(user=person.user).values("room_id")
    changed = PersonChanged(Person.of(person.user))
    for room in Room.objects.filter(pk__in=written.union(there)):
        publish(room.stream, changed)
    return False


@erased("chat_4_rest")
def rest(person: Erased) -> bool:
    """What is theirs alone (blocks, keywords, drafts, what they follow, saved and scheduled, loose files), what waits
    for a moderator, the words of their reports, and their name in the audit log.
    """
    Block.objects.filter(blocker=person.user).delete()
    Block.objects.filter(blocked=person.user).delete()
    HeldMessage.objects.filter(author=person.user).delete()
    Keyword.objects.filter(user=person.user).delete()
    Draft.objects.filter(member__user=person.user).delete()
    ThreadReader.objects.filter(user=person.user).delete()
    Saved.objects.filter(user=person.user).delete()
    Scheduled.objects.filter(author=person.user).delete()
    memberships = GroupMember.objects.filter(user=person.user)
    UserGroup.objects.filter(memberships__in=memberships).update(member_count=F("member_count") - 1)
    memberships.delete()
    # The upkeep deletes what no message has.
    Upload.objects.filter(uploader=person.user, message=None).update(forget_at=timezone.now())
    Report.objects.filter(reporter=person.user).update(text="")
    AuditEntry.forget(person.user.pk, person.user.get_full_name())
    Member.objects.filter(user=person.user).update(mute_reason="")
    return False
