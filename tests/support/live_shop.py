"""Live models that exist only in tests: a shelf of items with labels. `events()` reads what they published.

The app is installed by being imported; its tables are made with the test database, as for any app without migrations.
"""

from __future__ import annotations

import sys
from typing import Any

import msgspec
from django.apps import AppConfig, apps
from django.db import models

from realtime.live import live
from realtime.live.models import LiveModel
from realtime.log.models import Event


class LiveShop(AppConfig):
    name = __name__
    label = "live_shop"
    path = "tests/support"
    default_auto_field = "django.db.models.BigAutoField"


def _install() -> None:
    module = sys.modules[__name__]
    config = LiveShop(__name__, module)
    config.apps = apps
    config.models_module = module
    config.models = apps.all_models["live_shop"]
    apps.app_configs["live_shop"] = config


_install()


class Shelf(LiveModel):
    name = models.CharField(max_length=50)

    class Meta:
        app_label = "live_shop"


class Label(models.Model):
    name = models.CharField(max_length=50)

    class Meta:
        app_label = "live_shop"

    def __str__(self) -> str:
        return self.name


class Item(LiveModel):
    name = models.CharField(max_length=50, unique=True)
    count = models.IntegerField(default=0)
    secret = models.CharField(max_length=50, default="")
    shelf = models.ForeignKey(Shelf, null=True, on_delete=models.SET_NULL, related_name="items")
    labels = models.ManyToManyField(Label, related_name="items")

    class Meta:
        app_label = "live_shop"


class Part(LiveModel):
    """Goes with its item."""

    item = models.ForeignKey(Item, on_delete=models.CASCADE, related_name="parts")

    class Meta:
        app_label = "live_shop"


class SpecialItem(Item):
    extra = models.CharField(max_length=10, default="")

    class Meta:
        app_label = "live_shop"


class ItemProxy(Item):
    class Meta:
        app_label = "live_shop"
        proxy = True


def _readable(user: Any, pks: Any) -> Any:
    """Even rows for everybody, the whole model for staff."""
    if pks is None:
        return user.is_staff
    return {pk for pk in pks if user.is_staff or pk % 2 == 0}


live(Shelf, payload=["name"], readable_by=_readable)
live(Item, payload=["name", "count", "shelf", "labels"], readable_by=_readable)
live(Part, payload=["item"], readable_by=_readable)


def events(stream: str = "model:live_shop.item") -> list[dict[str, Any]]:
    """What was published on the stream, in the order of its numbers."""
    rows = Event.objects.filter(stream=stream).order_by("seq")
    assert all(row.seq for row in rows), "an event without a number"
    return [{"name": row.name, **msgspec.json.decode(row.data)} for row in rows]
