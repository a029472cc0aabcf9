"""Random transactions on live models: an event iff it was committed, and what the events say is what is stored.

A reader who applies the events of the stream in their order, from nothing, holds exactly the stored rows.
"""

from __future__ import annotations

import os
import threading
from typing import Any

import pytest
from django.db import connections, transaction
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from realtime import publish_many
from realtime.live import recording
from realtime.live.models import LiveVersion
from realtime.log.models import Event, Stream
from realtime.log.sequencer import number_pending, streams_with_pending
from tests.support.live_shop import Item, Label, Shelf, events

NAMES = ["tea", "milk", "jam", "salt"]
LABELS = [1, 2]


TRANSACTIONS = 500 * int(os.environ.get("FAULTS_SCALE", "1"))


class Undo(Exception):
    """Rolls the surrounding block back."""


class HookFails(Exception):
    """Raised by a hook of somebody else, after the commit; the hooks behind it do not run."""


name = st.sampled_from(NAMES)
count = st.integers(0, 3)
labels = st.lists(st.sampled_from(LABELS), unique=True)
step = st.one_of(
    st.tuples(st.just("create"), name, count),
    st.tuples(st.just("save"), name, count),
    st.tuples(st.just("save_fields"), name, count),
    st.tuples(st.just("get_or_create"), name, count),
    st.tuples(st.just("update_or_create"), name, count),
    st.tuples(st.just("delete"), name),
    st.tuples(st.just("update"), count, count),
    st.tuples(st.just("delete_many"), count),
    st.tuples(st.just("bulk_create"), st.lists(name, unique=True), count),
    st.tuples(st.just("bulk_update"), count),
    st.tuples(st.just("set_labels"), name, labels),
    st.tuples(st.just("add_labels"), name, labels),
    st.tuples(st.just("clear_labels"), name),
    st.tuples(st.just("label_items"), st.sampled_from(LABELS), st.lists(name, unique=True)),
    st.tuples(st.just("shelve"), name),
    st.tuples(st.just("drop_shelf")),
    st.tuples(st.just("failing_hook")),
)
# A block is steps and inner blocks, in a savepoint of its own, and commits or is undone.
block = st.recursive(
    st.tuples(st.lists(step, max_size=5), st.booleans()),
    lambda inner: st.tuples(st.lists(st.one_of(step, inner), max_size=5), st.booleans()),
    max_leaves=6,
)


@pytest.mark.django_db(transaction=True)
@settings(max_examples=TRANSACTIONS // 2, deadline=None, suppress_health_check=list(HealthCheck))
@given(blocks=st.lists(block, min_size=2, max_size=5))
def test_whoever_applies_the_events_holds_the_stored_rows(blocks):
    start_empty()
    for one in blocks:
        run_block(one)
    sweep()
    assert replayed() == stored()


UNDONE = ([("create", "tea", 1)], False)
HOOK_FAILS = ([("failing_hook",), ("create", "tea", 1)], True)


@pytest.mark.django_db(transaction=True)
def test_events_that_outlive_a_rollback_would_be_seen(monkeypatch):
    """The mutation: published when the block has ended, however it did."""
    late = []
    monkeypatch.setattr(recording, "publish_many", late.extend)
    start_empty()
    run_block(UNDONE)
    publish_many(late)
    assert replayed() != stored()


@pytest.mark.django_db(transaction=True)
def test_without_the_sweep_an_event_behind_a_failing_hook_would_stay_without_a_number():
    """The mutation: nobody looks for what was committed and not numbered."""
    start_empty()
    run_block(HOOK_FAILS)
    with pytest.raises(AssertionError, match="without a number"):
        replayed()


@pytest.mark.chance
@pytest.mark.django_db(transaction=True)
def test_writers_at_once_on_the_same_rows_leave_versions_and_events_in_the_order_of_commits():
    start_empty()
    for each in NAMES:
        Item.objects.create(name=each)
    barrier = threading.Barrier(4)
    failures: list[BaseException] = []

    def write(number: int) -> None:
        barrier.wait(10)
        try:
            for turn in range(8):
                with transaction.atomic():
                    Item.objects.filter(name=NAMES[(number + turn) % 4]).update(count=10 * number + turn)
        except BaseException as error:
            failures.append(error)
        finally:
            connections.close_all()

    threads = [threading.Thread(target=write, args=(number,)) for number in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(40)
    assert not failures
    assert replayed() == stored()


@pytest.mark.chance
@pytest.mark.django_db(transaction=True)
def test_of_two_conditional_updates_at_once_one_changes_the_row():
    start_empty()
    Item.objects.create(name="tea", count=0)
    barrier = threading.Barrier(4)
    changed: list[int] = []

    def claim(number: int) -> None:
        barrier.wait(10)
        try:
            changed.append(Item.objects.filter(name="tea", count=0).update(count=number))
        finally:
            connections.close_all()

    threads = [threading.Thread(target=claim, args=(number,)) for number in range(1, 5)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(40)
    assert sorted(changed) == [0, 0, 0, 1]
    assert [event["name"] for event in events()] == ["live.created", "live.updated"]


def start_empty() -> None:
    for model in (Event, Stream, LiveVersion):
        model.objects.all().delete()
    # Unseen, so that what follows starts from nothing.
    for model in (Item.labels.through, Item, Shelf):
        model._base_manager.all()._raw_delete("default")
    for number in LABELS:
        Label.objects.get_or_create(pk=number, defaults={"name": f"label {number}"})


def run_block(one: Any) -> None:
    steps, commits = one
    try:
        with transaction.atomic():
            for each in steps:
                if isinstance(each[0], str):
                    run_step(*each)
                else:
                    run_block(each)
            if not commits:
                raise Undo
    except (Undo, HookFails):
        pass


def sweep() -> None:
    """What a web process does every second with events that nobody numbered after their commit."""
    number_pending(streams_with_pending(100))


def run_step(kind: str, *values: Any) -> None:
    STEPS[kind](*values)


def create(wanted: str, number: int) -> None:
    if not Item.objects.filter(name=wanted).exists():
        Item(name=wanted, count=number).save()


def save(wanted: str, number: int) -> None:
    for item in Item.objects.filter(name=wanted):
        item.count = number
        item.save()


def save_fields(wanted: str, number: int) -> None:
    for item in Item.objects.filter(name=wanted):
        item.count, item.secret = number, "not stored"
        item.save(update_fields=["secret"] if number % 2 else ["count"])


def delete(wanted: str) -> None:
    for item in Item.objects.filter(name=wanted):
        item.delete()


def bulk_create(wanted: list[str], number: int) -> None:
    existing = set(Item.objects.values_list("name", flat=True))
    Item.objects.bulk_create([Item(name=each, count=number) for each in wanted if each not in existing])


def bulk_update(number: int) -> None:
    items = list(Item.objects.all())
    for item in items:
        item.count = number
    if items:
        Item.objects.bulk_update(items, ["count"])


def with_item(wanted: str, act: Any) -> None:
    for item in Item.objects.filter(name=wanted):
        act(item)


def shelve(wanted: str) -> None:
    shelf = Shelf.objects.first() or Shelf.objects.create(name="top")
    Item.objects.filter(name=wanted).update(shelf=shelf)


STEPS: dict[str, Any] = {
    "create": create,
    "save": save,
    "save_fields": save_fields,
    "get_or_create": lambda wanted, number: Item.objects.get_or_create(
        name=wanted, defaults={"count": number}
    ),
    "update_or_create": lambda wanted, number: Item.objects.update_or_create(
        name=wanted, defaults={"count": number}
    ),
    "delete": delete,
    "update": lambda old, new: Item.objects.filter(count=old).update(count=new),
    "delete_many": lambda number: Item.objects.filter(count=number).delete(),
    "bulk_create": bulk_create,
    "bulk_update": bulk_update,
    "set_labels": lambda wanted, chosen: with_item(wanted, lambda item: item.labels.set(chosen)),
    "add_labels": lambda wanted, chosen: with_item(wanted, lambda item: item.labels.add(*chosen)),
    "clear_labels": lambda wanted: with_item(wanted, lambda item: item.labels.clear()),
    "label_items": lambda label, wanted: Label.objects.get(pk=label).items.set(
        Item.objects.filter(name__in=wanted)
    ),
    "shelve": shelve,
    "failing_hook": lambda: transaction.on_commit(fail),
    "drop_shelf": lambda: [shelf.delete() for shelf in Shelf.objects.all()],
}


def fail() -> None:
    raise HookFails


def stored() -> dict[int, dict[str, Any]]:
    return {
        item.pk: {
            "name": item.name,
            "count": item.count,
            "shelf": item.shelf_id,
            "labels": sorted(item.labels.values_list("pk", flat=True)),
        }
        for item in Item.objects.all()
    }


def replayed() -> dict[int, dict[str, Any]]:
    """The rows as a reader of the stream knows them, who also checks every event against the one before."""
    rows: dict[int, dict[str, Any]] = {}
    versions: dict[int, int] = {}
    for event in events():
        row = event["id"]
        assert event["version"] == versions.get(row, 0) + 1, "a version is missing or comes twice"
        versions[row] = event["version"]
        if event["name"] == "live.created":
            assert row not in rows
            rows[row] = event["data"]
        elif event["name"] == "live.updated":
            before = rows[row]
            assert {key for key in event["data"] if event["data"][key] != before[key]} == set(
                event["changed"]
            )
            assert event["changed"]
            rows[row] = event["data"]
        else:
            del rows[row]
    return rows
