"""A database of the first release: its messages stay, and are found once the index is filled, chunk by chunk."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from django.db import connection
from django.db.migrations.executor import MigrationExecutor

from chat.models import Room, SearchEntry
from chat.search import index
from chat.search.selectors import search

pytestmark = pytest.mark.django_db(transaction=True)

BEFORE = ("chat", "0001_initial")


def migrate(*targets: tuple[str, str]) -> Any:
    """The apps as they are then."""
    executor = MigrationExecutor(connection)
    executor.migrate(list(targets))
    return MigrationExecutor(connection).loader.project_state(list(targets)).apps


@pytest.fixture
def newest() -> Iterator[list[tuple[str, str]]]:
    leaves = [leaf for leaf in MigrationExecutor(connection).loader.graph.leaf_nodes() if leaf[0] == "chat"]
    yield leaves
    migrate(*leaves)


def test_old_messages_are_kept_and_indexed_in_chunks(newest: list[tuple[str, str]], settings: Any) -> None:
    settings.CHAT = {"index_chunk": 10}
    old = migrate(BEFORE)
    user = old.get_model("accounts", "User").objects.create(username="ada", username_key="ada", password="!")
    room = old.get_model("chat", "Room").objects.create(
        kind="private", name="Old", last_number=25, member_count=1
    )
    old.get_model("chat", "Member").objects.create(room=room, user=user)
    messages = old.get_model("chat", "Message").objects
    messages.bulk_create(
        messages.model(room=room, number=n, seq=0, author=user, text=f"old tea {n}", client_id=f"c{n}")
        for n in range(1, 26)
    )

    migrate(*newest)
    seen = Room.objects.get(pk=room.pk)
    assert (seen.description, seen.archived_at, seen.last_number) == ("", None, 25)
    assert not SearchEntry.objects.exists()
    steps = 0
    while index.index_some():
        steps += 1
    assert steps == 3
    assert len(search(user.pk, "old tea", limit=50).items) == 25

    old = migrate(BEFORE)
    assert old.get_model("chat", "Message").objects.count() == 25
