"""The admin's page of periodic tasks: what is declared is rescheduled and switched off there, and not broken."""

from __future__ import annotations

import pytest
from django.test import Client
from django_celery_beat.models import IntervalSchedule, PeriodicTask

from realtime.workers import periodic

pytestmark = pytest.mark.django_db

BASE = "/admin/django_celery_beat/periodictask/"


@pytest.fixture
def row() -> PeriodicTask:
    periodic.ensure_rows()
    return PeriodicTask.objects.get(name=periodic.rows()[0].name)


def form(row: PeriodicTask, **fields: object) -> dict[str, object]:
    return {"interval": row.interval_id, "description": "", "priority": "", **fields}


def test_the_list_shows_what_is_declared_and_warns_of_what_is_off(
    admin_client: Client, row: PeriodicTask
) -> None:
    page = admin_client.get(BASE).content.decode()
    assert all(one.name in page for one in periodic.rows())
    assert "Switched off" not in page
    PeriodicTask.objects.filter(pk=row.pk).update(enabled=False)
    assert (
        f"Switched off, though the installation needs them: {row.name}"
        in admin_client.get(BASE).content.decode()
    )


def test_a_declared_one_is_rescheduled_and_switched_off_and_stays_what_it_is(
    admin_client: Client, row: PeriodicTask
) -> None:
    address = f"{BASE}{row.pk}/change/"
    page = admin_client.get(address).content.decode()
    assert 'name="enabled"' in page
    assert 'name="task"' not in page
    assert 'name="name"' not in page
    assert "<script>" not in page
    every_day, _ = IntervalSchedule.objects.get_or_create(every=1, period="days")
    sent = form(row, interval=every_day.pk, task="realtime.tasks.echo", name="mine")
    assert admin_client.post(address, sent).status_code == 302
    changed = PeriodicTask.objects.get(pk=row.pk)
    assert (changed.enabled, changed.interval) == (False, every_day)
    assert (changed.name, changed.task) == (row.name, row.task)
    assert periodic.disabled_rows() == [row.name]


def test_a_declared_one_is_not_deleted(admin_client: Client, row: PeriodicTask) -> None:
    assert admin_client.post(f"{BASE}{row.pk}/delete/", {"post": "yes"}).status_code == 403
    chosen = {"action": "delete_selected", "_selected_action": [row.pk], "post": "yes"}
    admin_client.post(BASE, chosen)
    assert PeriodicTask.objects.filter(pk=row.pk).exists()


def test_one_of_an_administrators_own_is_made_and_deleted(admin_client: Client) -> None:
    hourly, _ = IntervalSchedule.objects.get_or_create(every=1, period="hours")
    fields = {
        "name": "Mine", "regtask": "", "task": "realtime.tasks.echo", "enabled": "on", "interval": hourly.pk,
        "args": "[]", "kwargs": "{}", "headers": "{}",
    }  # fmt: skip
    assert admin_client.post(f"{BASE}add/", fields).status_code == 302
    mine = PeriodicTask.objects.get(name="Mine")
    admin_client.post(f"{BASE}{mine.pk}/delete/", {"post": "yes"})
    assert not PeriodicTask.objects.filter(pk=mine.pk).exists()


def test_who_may_not_see_them_does_not(client: Client) -> None:
    assert client.get(BASE).status_code == 302
