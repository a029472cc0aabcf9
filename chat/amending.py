"""What becomes of a message after it was sent: it is edited, deleted, brought back.

Each function runs inside the transaction that `once` opens, with the message locked: its texts, whom it mentions, its
event and what people were notified of change together. What it said before stays in Revision; of a deleted message,
only for as long as the deletion can be undone.
"""

from __future__ import annotations

from datetime import timedelta

from django.db import transaction
from django.utils import timezone

from accounts.models import User
from chat import telling
from chat.acks import reminding
from chat.conf import numbers
from chat.errors import EmptyBody, MessageDeleted, NotAuthor, RoomArchived, TooLateToUndo
from chat.events import MessageDeleted as MessageDeletedEvent
from chat.events import MessageEdited, MessageRestored
from chat.files.services import files_come_back_with, files_go_with
from chat.groups.lookup import groups_named
from chat.keywords import hearing
from chat.marks.forgetting import forget_marks
from chat.mentions import resolve
from chat.mentions.names import names_in
from chat.models import Member, Mention, Message, Revision, Room, stream_of
from chat.moderation.audit import record
from chat.moderation.barriers import refuse_to_write
from chat.moderation.filters import passed
from chat.moderation.ranks import moderates
from chat.payloads import Changed, mentions_loaded
from chat.payloads import Mention as MentionPayload
from chat.policies import may_mention_all, message_for_writing
from chat.previews.services import previews_go_with, previews_renew
from chat.richtext.rendering import rendered
from chat.search import index
from chat.text import message_text
from chat.threads.errors import ForwardedIsFixed
from chat.threads.services import count_again, follow_mentioned
from chat.threads.showing import shown_one
from realtime import once, publish


def message_edit(*, user: User, message: int, text: str, client_id: str) -> Changed:
    """Gives one's own message another text; whoever it mentions now, and did not before, is told.

    Raises MessageNotFound, NotAuthor, MessageDeleted, ForwardedIsFixed, RoomArchived, Muted, CannotWrite,
    PostingClosed, TextRefused, TooManyMentions, and what `message_text` raises.
    """
    return once(
        user_id=user.pk,
        client_id=client_id,
        name="chat.message_edit",
        result=Changed,
        run=lambda: _edit(user, message, text),
    )


def _edit(user: User, message_id: int, raw: str) -> Changed:
    text = message_text(raw)
    message, member = message_for_writing(user.pk, message_id)
    if message.author_id != user.pk:
        raise NotAuthor()
    if message.deleted_at is not None:
        raise MessageDeleted()
    if message.forwarded != "":
        raise ForwardedIsFixed()
    if message.room.archived_at is not None:
        raise RoomArchived()
    refuse_to_write(member.room, member, timezone.now())
    text = message_text(passed(text, "edit", user, message.room_id).text, may_be_empty=True)
    if not text and message.files == "[]":
        raise EmptyBody()
    if message.text != text:
        _keep(message)
        before = mentions_loaded(message.mentions)
        mentions = _mentions(text, member)
        message.text, message.mentions = text, resolve.stored_form(mentions)
        message.html = rendered(text, mentions)
        message.edited_at = timezone.now()
        message.save(update_fields=["text", "mentions", "html", "edited_at"])
        is_reply = message.root_id is not None
        concerns = _mention(message, mentions) or is_reply or message.room.kind == Room.Kind.DIRECT
        if hearing.hear_again(message) or concerns:
            telling.put_down(message)
        if is_reply:
            follow_mentioned(message, mentions, before)
        index.refresh(message)
        previews_renew(message)
        edited = MessageEdited(
            message.pk,
            message.number,
            text,
            mentions,
            message.edited_at,
            html=message.html,
            author=user.pk,
            only_in_thread=message.only_in_thread,
        )
        publish(stream_of(message.room_id), edited)
    return Changed(shown_one(message))


def message_delete(*, user: User, message: int, client_id: str) -> Changed:
    """Leaves a tombstone, and takes back what people were notified of. For the author, and who moderates the room.

    Raises MessageNotFound, NotAuthor.
    """
    return once(
        user_id=user.pk,
        client_id=client_id,
        name="chat.message_delete",
        result=Changed,
        run=lambda: _delete(user, message),
    )


def _delete(user: User, message_id: int) -> Changed:
    message, member = message_for_writing(user.pk, message_id)
    is_moderated = message.room.kind != Room.Kind.DIRECT and moderates(member.role)
    if message.author_id != user.pk and not is_moderated:
        raise NotAuthor("Only the author of the message, or who moderates the room, may do this.")
    delete(message, user)
    return Changed(shown_one(message))


def delete(message: Message, user: User, *, reason: str = "") -> None:
    """The same for a locked message, by somebody who may; that of somebody else is written down."""
    if message.deleted_at is not None:
        return
    telling.take_back(message)
    reminding.take_back(message)
    _keep(message)
    message.text, message.mentions, message.html = "", "[]", ""
    message.deleted_at, message.deleted_by = timezone.now(), user
    message.save(update_fields=["text", "mentions", "html", "deleted_at", "deleted_by"])
    message.revisions.update(forget_at=message.deleted_at + _undo_time())
    Mention.objects.filter(message=message).delete()
    index.refresh(message)
    files_go_with(message)
    previews_go_with(message)
    publish(stream_of(message.room_id), MessageDeletedEvent(message.pk, message.number))
    if message.root_id is not None:
        count_again(message)
    if message.author_id != user.pk:
        record(
            user,
            "deleted a message of",
            room=message.room,
            person=message.author,
            message=message.pk,
            reason=reason,
        )


def message_restore(*, user: User, message: int, client_id: str) -> Changed:
    """Undoes a deletion, for whoever deleted the message; nobody is notified again.

    Raises MessageNotFound, TooLateToUndo.
    """
    return once(
        user_id=user.pk,
        client_id=client_id,
        name="chat.message_restore",
        result=Changed,
        run=lambda: _restore(user, message),
    )


def _restore(user: User, message_id: int) -> Changed:
    message, _ = message_for_writing(user.pk, message_id)
    if message.deleted_at is not None:
        last = message.revisions.order_by("pk").last()
        if message.deleted_by_id != user.pk or last is None or timezone.now() > last.forget_at:
            raise TooLateToUndo()
        message.text, message.mentions, message.html = last.text, last.mentions, last.html
        message.deleted_at = message.deleted_by = None
        message.save(update_fields=["text", "mentions", "html", "deleted_at", "deleted_by"])
        last.delete()
        message.revisions.update(forget_at=None)
        _mention(message, mentions_loaded(message.mentions))
        hearing.hear_again(message)
        Mention.objects.filter(message=message).update(told=True)
        index.refresh(message)
        files_come_back_with(message)
        previews_renew(message)
        publish(stream_of(message.room_id), MessageRestored(shown_one(message)))
        if message.root_id is not None:
            count_again(message)
    return Changed(shown_one(message))


def anything_to_forget() -> bool:
    return Revision.objects.filter(forget_at__lte=timezone.now()).exists()


def forget_some() -> bool:
    """Forgets what some deleted messages said, and their marks; whether more may be left."""
    size = numbers().forget_chunk
    due = dict(Revision.objects.filter(forget_at__lte=timezone.now()).values_list("pk", "message_id")[:size])
    with transaction.atomic():
        # Asked again: whoever undoes a deletion at the last moment has the text.
        Revision.objects.filter(pk__in=due, forget_at__lte=timezone.now()).delete()
        forget_marks(set(due.values()))
    return len(due) == size


def _keep(message: Message) -> None:
    Revision.objects.create(
        message=message,
        text=message.text,
        mentions=message.mentions,
        html=message.html,
        written_at=message.edited_at or message.created_at,
    )


def _mentions(text: str, author: Member) -> list[MentionPayload]:
    """Whom the author's text mentions, as when a message is sent."""
    names = names_in(text, numbers().max_names)
    if not names:
        return []
    found = User.objects.filter(username_key__in=resolve.keys_of(names), is_active=True)
    people = dict(found.values_list("username_key", "pk"))
    inside = Member.objects.filter(room=author.room, user_id__in=people.values())
    members = set(inside.values_list("user_id", flat=True))
    groups = groups_named(resolve.nobodys_keys(names, people), [author.user_id])[author.user_id]
    circle = resolve.Circle(
        people, members, may_mention_all(author.room, author.role), groups, numbers().max_group_mention
    )
    return resolve.resolved(text, names, circle)


def _mention(message: Message, mentions: list[MentionPayload]) -> bool:
    """Stores whom the message means now; whether it means anybody, or did.

    As long as it says @here, or names a group, nobody is taken away: they may have been meant by it.
    """
    fields = (message.pk, message.room_id, message.number, message.author_id)
    rows = resolve.mention_rows(*fields, mentions, thread=message.only_in_thread)
    wanted = {row[3:6]: row for row in rows}
    stored = Mention.objects.filter(message=message).exclude(kind=Mention.Kind.WORD)
    known = set(stored.values_list("kind", "user_id", "group_id"))
    if not any(kind in (Mention.Kind.HERE, Mention.Kind.GROUP) for kind, *_ in wanted):
        for mention in stored:
            if (mention.kind, mention.user_id, mention.group_id) not in wanted:
                mention.delete()
    Mention.objects.bulk_create(
        Mention(**dict(zip(resolve.ROW_COLUMNS, row, strict=True)))
        for key, row in wanted.items()
        if key not in known
    )
    return bool(wanted or known)


def _undo_time() -> timedelta:
    return timedelta(seconds=numbers().undo_s)
