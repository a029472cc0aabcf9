"""Live models: every way to change a row says so exactly once, in the words of its payload."""

from __future__ import annotations

import uuid
from contextlib import suppress

import pytest
from django.core.exceptions import FieldDoesNotExist
from django.db import NotSupportedError, connection, models, transaction

from accounts.models import User
from realtime.live import live, live_snapshot, with_permission
from realtime.live.checks import check_managers
from realtime.live.declarations import Declaration
from realtime.live.recording import Told, collected
from realtime.live.snapshot import LiveModelForbidden
from realtime.registry import readable_streams
from tests.support.live_shop import Item, ItemProxy, Label, Part, Shelf, SpecialItem, events

pytestmark = pytest.mark.django_db(transaction=True)


def names() -> list[str]:
    return [event["name"] for event in events()]


def last() -> dict:
    return events()[-1]


def test_a_new_row_is_told_with_its_payload_and_version_one():
    item = Item.objects.create(name="tea", count=3, secret="hidden")
    assert events() == [
        {
            "name": "live.created",
            "model": "live_shop.item",
            "id": item.pk,
            "version": 1,
            "data": {"name": "tea", "count": 3, "shelf": None, "labels": []},
        }
    ]


def test_the_same_events_are_on_the_stream_of_the_row():
    item = Item.objects.create(name="tea")
    other = Item.objects.create(name="milk")
    stream = f"model:live_shop.item:{item.pk}"
    item.delete()
    assert [event["name"] for event in events(f"model:live_shop.item:{other.pk}")] == ["live.created"]
    assert [event["name"] for event in events(stream)] == ["live.created", "live.deleted"]


def test_a_save_tells_what_differs_from_the_stored_row_not_from_the_loaded_one():
    first = Item.objects.create(name="tea", count=1)
    second = Item.objects.get(pk=first.pk)
    first.count = 2
    first.save()
    second.name = "green tea"
    second.save()  # also puts the count back to 1, because it was loaded with it
    assert last()["changed"] == ["name", "count"]
    assert last()["data"]["count"] == 1
    assert last()["version"] == 3


def test_update_fields_tells_only_what_was_stored():
    item = Item.objects.create(name="tea", count=1)
    item.name, item.count = "green tea", 9
    item.save(update_fields=["count"])
    assert last()["changed"] == ["count"]
    assert last()["data"] == {"name": "tea", "count": 9, "shelf": None, "labels": []}


def test_an_expression_is_told_as_the_value_it_became():
    item = Item.objects.create(name="tea", count=1)
    item.count = models.F("count") + 4
    item.save()
    assert last()["data"]["count"] == 5


def test_a_save_that_changes_nothing_a_reader_sees_is_silent():
    item = Item.objects.create(name="tea")
    item.save()
    item.secret = "other"
    item.save()
    assert names() == ["live.created"]


def test_get_or_create_and_update_or_create():
    Item.objects.get_or_create(name="tea")
    Item.objects.get_or_create(name="tea")
    Item.objects.update_or_create(name="tea", defaults={"count": 7})
    assert names() == ["live.created", "live.updated"]


def test_bulk_create():
    items = Item.objects.bulk_create([Item(name="tea"), Item(name="milk")])
    assert [(event["name"], event["id"]) for event in events()] == [
        ("live.created", items[0].pk),
        ("live.created", items[1].pk),
    ]


def test_bulk_create_that_updates_conflicts():
    Item.objects.create(name="tea", count=1)
    Item.objects.bulk_create(
        [Item(name="tea", count=5), Item(name="milk")],
        update_conflicts=True,
        unique_fields=["name"],
        update_fields=["count"],
    )
    assert names() == ["live.created", "live.updated", "live.created"]
    assert events()[1]["changed"] == ["count"]


def test_bulk_create_that_ignores_conflicts_tells_only_of_the_rows_it_made():
    tea = Item.objects.create(name="tea")
    Item.objects.bulk_create([Item(pk=tea.pk, name="x"), Item(pk=500, name="milk")], ignore_conflicts=True)
    assert [event["id"] for event in events()] == [tea.pk, 500]


def test_bulk_create_that_cannot_know_its_rows_is_refused():
    with pytest.raises(NotSupportedError, match="needs rows with primary keys"):
        Item.objects.bulk_create([Item(name="tea")], ignore_conflicts=True)


def test_bulk_update():
    items = Item.objects.bulk_create([Item(name="tea"), Item(name="milk")])
    items[0].count = 4
    Item.objects.bulk_update(items, ["count"])
    assert names() == ["live.created", "live.created", "live.updated"]
    assert last()["id"] == items[0].pk


def test_queryset_update_tells_of_each_row_that_changed_and_counts_all_that_matched():
    Item.objects.bulk_create(
        [Item(name="tea", count=1), Item(name="milk", count=2), Item(name="jam", count=2)]
    )
    assert Item.objects.filter(name__in=["tea", "milk"]).update(count=2) == 2
    assert [(event["name"], event["data"]["name"]) for event in events()[3:]] == [("live.updated", "tea")]


def test_queryset_update_of_more_rows_than_one_chunk_whose_filter_no_longer_matches(monkeypatch):
    monkeypatch.setattr("realtime.live.queryset.ROWS_PER_QUERY", 2)
    Item.objects.bulk_create([Item(name=f"item {number}", count=1) for number in range(5)])
    assert Item.objects.filter(pk__in=Item.objects.filter(count=1).values("pk")).update(count=0) == 5
    assert names().count("live.updated") == 5


def test_queryset_update_with_an_annotation():
    Item.objects.create(name="tea", count=3)
    Item.objects.annotate(double=models.F("count") * 2).update(count=models.F("double"))
    assert last()["data"]["count"] == 6


def test_queryset_update_of_nothing_still_refuses_a_wrong_field():
    with pytest.raises(FieldDoesNotExist):
        Item.objects.none().update(no_such_field=1)
    assert Item.objects.filter(name="nothing").update(count=1) == 0


def test_queryset_update_of_a_slice_is_refused_as_by_django():
    Item.objects.create(name="tea")
    with pytest.raises(TypeError):
        Item.objects.all()[:1].update(count=1)


def test_queryset_delete_and_its_cascade():
    item = Item.objects.create(name="tea")
    Part.objects.create(item=item)
    Item.objects.all().delete()
    assert names() == ["live.created", "live.deleted"]
    assert [event["name"] for event in events("model:live_shop.part")] == ["live.created", "live.deleted"]


def test_a_row_of_the_same_key_goes_on_with_the_versions():
    Item.objects.create(pk=7, name="tea").delete()
    Item.objects.create(pk=7, name="tea")
    assert [event["version"] for event in events()] == [1, 2, 3]


def test_set_null_of_a_deleted_parent_is_told():
    shelf = Shelf.objects.create(name="top")
    Item.objects.create(name="tea", shelf=shelf)
    shelf.delete()
    assert last()["name"] == "live.updated"
    assert last()["changed"] == ["shelf"]


def test_related_managers_are_seen():
    shelf = Shelf.objects.create(name="top")
    item = Item.objects.create(name="tea")
    shelf.items.add(item)
    assert last()["data"]["shelf"] == shelf.pk
    shelf.items.clear()
    assert last()["data"]["shelf"] is None


def test_many_to_many_from_the_side_of_the_field():
    item = Item.objects.create(name="tea")
    new, old = Label.objects.create(name="new"), Label.objects.create(name="old")
    item.labels.add(new)
    item.labels.add(new)  # says nothing
    assert last()["changed"] == ["labels"]
    assert last()["data"]["labels"] == [new.pk]
    item.labels.set([old])
    assert last()["data"]["labels"] == [old.pk]
    item.labels.remove(new)  # was not there
    item.labels.clear()
    item.labels.clear()
    assert last()["data"]["labels"] == []
    assert names().count("live.updated") == 4  # add, set (remove and add), clear


def test_many_to_many_from_the_other_side():
    tea, milk = Item.objects.bulk_create([Item(name="tea"), Item(name="milk")])
    label = Label.objects.create(name="new")
    label.items.add(tea, milk)
    assert {event["id"] for event in events()[2:]} == {tea.pk, milk.pk}
    label.items.remove(tea)
    assert last()["id"] == tea.pk
    label.items.clear()
    assert (last()["id"], last()["data"]["labels"]) == (milk.pk, [])


def test_a_child_and_a_proxy_are_rows_of_the_parent():
    SpecialItem.objects.create(name="caviar")
    ItemProxy.objects.create(name="tea").delete()
    SpecialItem.objects.get().delete()
    assert names() == ["live.created", "live.created", "live.deleted", "live.deleted"]


def test_a_rolled_back_savepoint_takes_its_events_along():
    with transaction.atomic():
        Item.objects.create(name="kept")
        with suppress(RuntimeError), transaction.atomic():
            Item.objects.create(name="lost")
            raise RuntimeError
        Item.objects.create(name="kept too")
    assert [event["data"]["name"] for event in events()] == ["kept", "kept too"]


def test_a_save_outside_a_transaction_is_undone_when_its_event_cannot_be_stored(monkeypatch):
    monkeypatch.setattr(
        "realtime.live.recording.publish_many", lambda events: (_ for _ in ()).throw(OSError("no room"))
    )
    with pytest.raises(OSError, match="no room"):
        Item.objects.create(name="tea")
    assert not Item.objects.exists()


def test_a_row_told_of_twice_in_one_gathering_gets_two_versions():
    shelf = Shelf.objects.create(name="top")
    item = Item.objects.create(name="tea", shelf=shelf)
    with transaction.atomic(), collected():
        Item.objects.filter(pk=item.pk).update(count=2)
        item.delete()
    assert [(event["name"], event["version"]) for event in events()] == [
        ("live.created", 1),
        ("live.updated", 2),
        ("live.deleted", 3),
    ]
    assert Told(pk=1).data is None


def test_the_cost_of_a_save_is_fixed(django_assert_num_queries):
    item = Item.objects.create(name="tea")
    item.count = 1
    with transaction.atomic(), django_assert_num_queries(9):
        # Row and labels before, UPDATE, row and labels after, version, two for the outbox's savepoint, INSERT.
        item.save()


def test_streams_are_readable_as_declared():
    staff = User.objects.create_user("staff", password="x", is_staff=True)
    member = User.objects.create_user("member", password="x")
    asked = {
        "model:live_shop.item",
        "model:live_shop.item:1",
        "model:live_shop.item:2",
        "model:no.such",
    }
    assert readable_streams(member, asked) == {"model:live_shop.item:2"}
    assert readable_streams(staff, asked) == asked - {"model:no.such"}


def test_a_key_that_is_no_number_reads_nothing_and_breaks_nothing():
    member = User.objects.create_user("member", password="x")
    asked = {f"model:live_shop.shelf:{key}" for key in ("x", "x:y", "02", "9" * 40, "-2.0")}
    assert readable_streams(member, asked) == set()


def test_a_right_that_was_lost_since_the_user_was_loaded_is_lost():
    user = User.objects.create_user("staff", password="x", is_staff=True)
    assert readable_streams(user, {"model:live_shop.item"})
    User.objects.filter(pk=user.pk).update(is_staff=False)
    assert not readable_streams(user, {"model:live_shop.item"})
    assert not readable_streams(User(pk=99999, is_staff=True), {"model:live_shop.item"})


def test_a_snapshot_has_rows_versions_and_the_cursor():
    staff = User.objects.create_user("staff", password="x", is_staff=True)
    item = Item.objects.create(name="tea")
    item.count = 2
    item.save()
    snapshot = live_snapshot(Item, staff)
    assert [(row.id, row.version, row.data["count"]) for row in snapshot.rows] == [(item.pk, 2, 2)]
    assert snapshot.cursors["model:live_shop.item"].seq == 2


def test_a_snapshot_of_the_whole_model_needs_the_whole_model_readable():
    Item.objects.bulk_create([Item(pk=1, name="tea"), Item(pk=2, name="milk")])
    with pytest.raises(LiveModelForbidden):
        live_snapshot(Item, User(pk=2))
    snapshot = live_snapshot(Item, User(pk=2), [1, 2])
    assert [row.id for row in snapshot.rows] == [2]
    assert set(snapshot.cursors) == {"model:live_shop.item:2"}


def test_a_model_without_the_live_manager_is_warned_of(monkeypatch):
    plain = Declaration(Label, "model:live_shop.label", lambda row: {}, with_permission("x.y"))
    monkeypatch.setattr("realtime.live.checks.declarations", lambda: [plain])
    assert [message.id for message in check_managers()] == ["realtime_live.W001"]


def test_the_project_has_no_such_warnings():
    assert check_managers() == []


def test_a_model_is_declared_once():
    with pytest.raises(ValueError, match="declared live twice"):
        live(Item, payload=["name"], readable_by=with_permission("x.y"))


def test_only_numbers_and_uuids_name_rows():
    class Word(models.Model):
        text = models.CharField(max_length=9, primary_key=True)

        class Meta:
            app_label = "live_shop"

        def __str__(self) -> str:
            return self.text

    with pytest.raises(ValueError, match="integer or UUID"):
        live(Word, payload=["text"], readable_by=with_permission("x.y"))


def test_a_uuid_key_is_text_in_the_event():
    from realtime.live.recording import payload_key

    key = uuid.uuid4()
    assert payload_key(key) == str(key)
    assert connection.vendor in {"sqlite", "postgresql"}
