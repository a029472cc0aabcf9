"""Messages, and what they said before."""

from __future__ import annotations

from typing import ClassVar

from django.conf import settings
from django.db import models
from django.utils import timezone

from chat.models.rooms import Room
from chat.text import MAX_TEXT_CHARACTERS


class Message(models.Model):
    room = models.ForeignKey(Room, on_delete=models.CASCADE, related_name="messages", db_index=False)
    number = models.BigIntegerField()  # 1, 2, 3 … in its room; the unique index serves the pages
    seq = (
        models.BigIntegerField()
    )  # of its event on the room's stream; 0 where history was imported without events
    # An author with messages is deactivated, not deleted: history has no holes.
    author = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="messages", db_index=False
    )
    text = models.TextField(max_length=MAX_TEXT_CHARACTERS, blank=True)
    # Where the text names somebody: a list of `payloads.Mention`, as JSON. Whom it reaches is in `Mention`.
    mentions = models.TextField(default="[]", db_default="[]", blank=True)
    # What others have put on it, summed up: reactions, a pin, acknowledgements, votes. As JSON of `marks.Marks`, or
    # "" for nothing. Changed under the row's lock, together with the rows that it sums up.
    marks = models.TextField(default="", db_default="", blank=True)
    # The text as safe HTML (`chat.richtext`): "" where it says it all, null where it was not rendered yet.
    html = models.TextField(null=True, blank=True)  # noqa: DJ001
    # Its files and previews of its links: lists of `payloads.File` and `payloads.LinkPreview`, as JSON. Of a deleted
    # message the files stay until that cannot be undone any more; `payloads.Message` does not show them.
    files = models.TextField(default="[]", db_default="[]", blank=True)
    previews = models.TextField(default="[]", db_default="[]", blank=True)
    client_id = models.CharField(max_length=64)
    created_at = models.DateTimeField(default=timezone.now)
    edited_at = models.DateTimeField(null=True)
    deleted_at = models.DateTimeField(null=True)
    deleted_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+", db_index=False
    )
    # The thread it replies in, whose key is the id of its root; and the message that it quotes. Both of the same room,
    # and without constraints in the database: their checks would lock what an edit locks, which may wait for the room.
    # A reply that is younger than what is deleted for its age stays without its root.
    root = models.ForeignKey(
        "chat.Thread",
        null=True,
        on_delete=models.DO_NOTHING,
        related_name="replies",
        db_index=False,
        db_constraint=False,
    )
    quote = models.ForeignKey(
        "self",
        null=True,
        on_delete=models.SET_NULL,
        related_name="+",
        db_index=False,
        db_constraint=False,
    )
    # Of a reply: whether the room's timeline shows it too.
    also_in_room = models.BooleanField(default=False, db_default=False)
    # How many messages of the room, up to this one, its timeline does not show.
    hidden = models.BigIntegerField(default=0, db_default=0)
    # Where its text was taken from: a `chat.threads.payloads.Origin`, as JSON, or "".
    forwarded = models.TextField(default="", db_default="", blank=True)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["room", "number"], name="message_number"),
            models.UniqueConstraint(fields=["author", "client_id"], name="message_once"),
        ]
        indexes: ClassVar = [
            models.Index(
                fields=["root", "number"], name="message_in_thread", condition=models.Q(root__isnull=False)
            ),
            models.Index(fields=["quote"], name="message_quoted", condition=models.Q(quote__isnull=False)),
            models.Index(fields=["id"], name="message_unrendered", condition=models.Q(html__isnull=True)),
        ]

    def __str__(self) -> str:
        return f"{self.room_id}/{self.number}"

    @property
    def only_in_thread(self) -> int | None:
        """The root of the thread that alone shows this reply; None for what the room's timeline shows."""
        return None if self.also_in_room else self.root_id


# What the timeline of a room shows.
SHOWN = models.Q(root=None) | models.Q(also_in_room=True)


class Revision(models.Model):
    """What a message said before an edit; or before it was deleted, for as long as that can be undone."""

    message = models.ForeignKey(Message, on_delete=models.CASCADE, related_name="revisions")
    text = models.TextField(max_length=MAX_TEXT_CHARACTERS)
    mentions = models.TextField(default="[]", blank=True)
    html = models.TextField(null=True, blank=True)  # noqa: DJ001  (as the message's)
    written_at = models.DateTimeField()
    # Of a deleted message: when this goes for good.
    forget_at = models.DateTimeField(null=True)

    class Meta:
        indexes: ClassVar = [
            models.Index(
                fields=["forget_at"], name="revision_forget", condition=models.Q(forget_at__isnull=False)
            ),
        ]

    def __str__(self) -> str:
        return f"message {self.message_id} as of {self.written_at}"
