"""The sections of chat in "export my data": what one wrote, uploaded, put on messages or keeps, and one's rooms."""

from __future__ import annotations

import json

from django.db.models import QuerySet

from accounts.exporting import Attachment, Row, columns, exported
from accounts.models import User
from chat.files.services import stored_file
from chat.models import (
    Ack,
    Block,
    Draft,
    GroupMember,
    HeldMessage,
    Invitation,
    Keyword,
    Member,
    Message,
    Reaction,
    Report,
    RoomBan,
    Saved,
    Scheduled,
    ThreadReader,
    Upload,
    Vote,
)


def _message(message: Message) -> Row:
    return {
        "id": message.pk,
        "room": message.room_id,
        "number": message.number,
        "text": message.text,
        "thread": message.root_id,
        "quote": message.quote_id,
        "also_in_room": message.also_in_room,
        "forwarded": json.loads(message.forwarded) if message.forwarded else None,
        "created_at": message.created_at,
        "edited_at": message.edited_at,
        "deleted_at": message.deleted_at,
    }


@exported("messages", row=_message)
def messages(user: User) -> QuerySet[Message]:
    """One's own, in whatever room; those of others are theirs."""
    return Message.objects.filter(author=user)


def _membership(member: Member) -> Row:
    room = member.room
    return {
        "room": room.pk,
        "kind": room.kind,
        "name": room.name,
        "role": member.role,
        "joined_at": member.joined_at,
        "read_number": member.read_number,
        "favourite_position": member.favourite_position,
        "muted_until": member.muted_until,
        "mute_reason": member.mute_reason,
    }


@exported("rooms", row=_membership)
def rooms(user: User) -> QuerySet[Member]:
    return Member.objects.filter(user=user).select_related("room")


def _thread(reader: ThreadReader) -> Row:
    return {
        "thread": reader.thread_id,
        "room": reader.thread.room_id,
        "following": reader.following,
        "read_number": reader.read_number,
    }


@exported("threads", row=_thread)
def threads(user: User) -> QuerySet[ThreadReader]:
    """That one follows, or has read."""
    return ThreadReader.objects.filter(user=user).select_related("thread")


@exported("reactions", row=columns("message_id", "emoji", "created_at"))
def reactions(user: User) -> QuerySet[Reaction]:
    return Reaction.objects.filter(user=user)


@exported("saved_messages", row=columns("message_id", "saved_at"))
def saved(user: User) -> QuerySet[Saved]:
    """Which, and not what they say: that is their authors', and one may be in the room no longer."""
    return Saved.objects.filter(user=user)


def _draft(draft: Draft) -> Row:
    return {
        "id": draft.pk,
        "room": draft.member.room_id,
        "thread": draft.thread or None,
        "text": draft.text,
        "updated_at": draft.updated_at,
    }


@exported("drafts", row=_draft)
def drafts(user: User) -> QuerySet[Draft]:
    return Draft.objects.filter(member__user=user).select_related("member")


_SCHEDULED = ("id", "room_id", "thread", "quote", "text", "send_at", "failure", "created_at")


@exported("scheduled_messages", row=columns(*_SCHEDULED))
def scheduled(user: User) -> QuerySet[Scheduled]:
    return Scheduled.objects.filter(author=user)


@exported("poll_votes", row=columns("poll_id", "option"))
def votes(user: User) -> QuerySet[Vote]:
    """`poll_id` is the message's id; `option` the place of the answer, from 0."""
    return Vote.objects.filter(user=user)


@exported("acknowledgements", row=columns("message_id", "created_at"))
def acknowledgements(user: User) -> QuerySet[Ack]:
    return Ack.objects.filter(user=user)


@exported("keywords", row=columns("text"))
def keywords(user: User) -> QuerySet[Keyword]:
    return Keyword.objects.filter(user=user)


def _in_group(membership: GroupMember) -> Row:
    return {"group": membership.group.name}


@exported("groups", row=_in_group)
def groups(user: User) -> QuerySet[GroupMember]:
    return GroupMember.objects.filter(user=user).select_related("group")


@exported("invitations", row=columns("room_id", "created_at", "expires_at", "max_uses", "uses", "revoked_at"))
def invitations(user: User) -> QuerySet[Invitation]:
    """Links that one has made, without their tokens, which nobody keeps."""
    return Invitation.objects.filter(created_by=user)


def _upload(upload: Upload) -> Row:
    return {
        "id": upload.pk,
        "name": upload.name,
        "type": upload.type,
        "bytes": upload.bytes,
        "width": upload.width,
        "height": upload.height,
        "description": upload.alt,
        "message": upload.message_id,
        "scheduled_message": upload.scheduled_id,
        "held_message": upload.held_id,
        "draft": upload.draft_id,
        "created_at": upload.created_at,
    }


def _file(upload: Upload) -> Attachment:
    return Attachment(f"files/{upload.pk}-{upload.name}", lambda: stored_file(upload))


@exported("files", row=_upload, attachment=_file)
def files(user: User) -> QuerySet[Upload]:
    """Each is in the archive too, under its id and name."""
    return Upload.objects.filter(uploader=user, ready=True)


@exported("bans_from_rooms", row=columns("room_id", "reason", "until", "created_at"))
def bans(user: User) -> QuerySet[RoomBan]:
    return RoomBan.objects.filter(user=user)


@exported("blocked_people", row=columns("blocked_id", "created_at"))
def blocked_people(user: User) -> QuerySet[Block]:
    """Whom one blocks; who blocks oneself is theirs."""
    return Block.objects.filter(blocker=user)


@exported("reports", row=columns("message_id", "person_id", "why", "text", "created_at", "outcome", "note"))
def reports(user: User) -> QuerySet[Report]:
    """Those that one made."""
    return Report.objects.filter(reporter=user)


@exported("held_messages", row=columns("id", "room_id", "text", "created_at"))
def held_messages(user: User) -> QuerySet[HeldMessage]:
    return HeldMessage.objects.filter(author=user)
