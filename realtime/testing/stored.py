"""What an installation's database holds, read with plain SQL from outside: the checker's other witness."""

import sqlite3
from collections.abc import Sequence
from contextlib import closing
from datetime import datetime
from typing import Any

import psycopg

from realtime.testing.checker import Stored
from realtime.testing.history import StoredEvent, StoredMessage, StoredOccurrence


def rows(database_url: str, sql: str, *values: Any) -> list[Any]:
    """The rows of a query; `?` marks values."""
    if database_url.startswith("sqlite"):
        with closing(sqlite3.connect(database_url.removeprefix("sqlite:///"), timeout=10)) as database:
            return database.execute(sql, values).fetchall()
    with psycopg.connect(database_url) as server:
        return server.execute(sql.replace("?", "%s").encode(), values).fetchall()


def stored(database_url: str, streams: Sequence[str], broadcasts: Sequence[int] = ()) -> Stored:
    """Everything on these streams, all messages of those that are rooms, and what became of those broadcasts."""
    marks = ", ".join("?" * len(streams))
    messages = [
        StoredMessage(f"room:{room}", number, seq, author, client_id)
        for room, number, seq, author, client_id in rows(
            database_url,
            "SELECT m.room_id, m.number, m.seq, u.username, m.client_id FROM chat_message m"
            " JOIN accounts_user u ON u.id = m.author_id",
        )
        if f"room:{room}" in streams
    ]
    client_ids = {(message.stream, message.seq): message.client_id for message in messages}
    events = [
        StoredEvent(
            stream,
            seq,
            name,
            client_ids.get((stream, seq), "") if name == "chat.message_created" else "",
        )
        for stream, seq, name in rows(
            database_url,
            f"SELECT stream, seq, name FROM log_event WHERE stream IN ({marks})",  # noqa: S608  (only ?)
            *streams,
        )
    ]
    return Stored(events, messages, occurrences(database_url, broadcasts))


def occurrences(database_url: str, broadcasts: Sequence[int]) -> list[StoredOccurrence]:
    """How often each of these broadcasts reached each of those it was for."""
    found = rows(
        database_url,
        # Named people have a row each; everybody together has one.
        "SELECT o.broadcast_id, o.due_at, o.finished_at, u.username,"
        " (SELECT count(*) FROM notifications_notification n"
        "  WHERE n.occurrence_id = o.id AND n.recipient_id = w.user_id),"
        " (SELECT count(*) FROM notifications_audiencenotification a WHERE a.occurrence_id = o.id)"
        " FROM notifications_occurrence o"
        " LEFT JOIN notifications_broadcast_users w ON w.broadcast_id = o.broadcast_id"
        " LEFT JOIN accounts_user u ON u.id = w.user_id",
    )
    return [
        StoredOccurrence(id, name or "", for_one if name else for_all, _late_s(due_at, finished_at))
        for id, due_at, finished_at, name, for_one, for_all in found
        if id in broadcasts
    ]


def _late_s(due_at: Any, finished_at: Any) -> float | None:
    """SQLite hands times over as text."""
    if finished_at is None:
        return None
    due, finished = (
        datetime.fromisoformat(one) if isinstance(one, str) else one for one in (due_at, finished_at)
    )
    return float((finished - due).total_seconds())
