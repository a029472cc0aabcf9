"""What an installation's database holds, read with plain SQL from outside: the checker's other witness."""

import sqlite3
from collections.abc import Sequence
from contextlib import closing
from typing import Any

import psycopg

from realtime.testing.checker import Stored
from realtime.testing.history import StoredEvent, StoredMessage


def rows(database_url: str, sql: str, *values: Any) -> list[Any]:
    """The rows of a query; `?` marks values."""
    if database_url.startswith("sqlite"):
        with closing(sqlite3.connect(database_url.removeprefix("sqlite:///"), timeout=10)) as database:
            return database.execute(sql, values).fetchall()
    with psycopg.connect(database_url) as server:
        return server.execute(sql.replace("?", "%s").encode(), values).fetchall()


def stored(database_url: str, streams: Sequence[str]) -> Stored:
    """Everything on these streams, and all messages of those that are rooms."""
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
            database_url, f"SELECT stream, seq, name FROM log_event WHERE stream IN ({marks})", *streams
        )
    ]
    return Stored(events, messages)
