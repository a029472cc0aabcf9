"""The search index: one row per message, written after it by `chat.search.index`."""

from __future__ import annotations

from typing import Any, ClassVar

from django.db import models

from chat.models.messages import Message
from chat.models.rooms import Room


class WordsField(models.TextField):  # type: ignore[type-arg]
    """The words and facts of a message: a `tsvector` on PostgreSQL, text with blanks between them on SQLite."""

    def db_type(self, connection: Any) -> str:
        return "tsvector" if connection.vendor == "postgresql" else "text"


class SearchEntry(models.Model):
    """What a message can be found by; one that was deleted has no words.

    On PostgreSQL `words` has a GIN index; on SQLite triggers carry it into the FTS5 table `chat_searchwords`. All here
    is a copy, so the database checks no keys: it would wait for whoever holds a room or a message, and two such waits
    make a deadlock.
    """

    message = models.OneToOneField(
        Message, primary_key=True, on_delete=models.CASCADE, related_name="+", db_constraint=False
    )
    # As in the message.
    room = models.ForeignKey(
        Room, on_delete=models.CASCADE, related_name="+", db_index=False, db_constraint=False
    )
    at = models.DateTimeField()
    words = WordsField()

    class Meta:
        indexes: ClassVar = [models.Index(fields=["at", "message"], name="search_entry_at")]
        verbose_name_plural = "search entries"

    def __str__(self) -> str:
        return f"words of message {self.message_id}"


class SearchedRoom(models.Model):
    """How far a room is in the index: up to the message with this number. No row: nothing of it is."""

    room = models.OneToOneField(
        Room, primary_key=True, on_delete=models.CASCADE, related_name="searched", db_constraint=False
    )
    number = models.BigIntegerField(default=0)

    def __str__(self) -> str:
        return f"room {self.room_id} up to {self.number}"
