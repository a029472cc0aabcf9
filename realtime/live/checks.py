"""`manage.py check` for live models: says which changes of a declared model would stay unseen."""

from typing import Any

from django.core.checks import CheckMessage, Warning, register

from realtime.live.declarations import declarations
from realtime.live.queryset import LiveQuerySet


@register()
def check_managers(**kwargs: Any) -> list[CheckMessage]:
    """Warn about live models whose bulk methods publish nothing."""
    messages: list[CheckMessage] = []
    for declaration in declarations():
        meta = declaration.model._meta
        if not isinstance(meta.default_manager.get_queryset(), LiveQuerySet):  # type: ignore[union-attr]
            messages.append(
                Warning(
                    f"{meta.label} is live, but update(), bulk_create() and bulk_update() of its default "
                    "manager publish nothing.",
                    hint="Let the model inherit from realtime.live.models.LiveModel, or use LiveManager.",
                    obj=declaration.model,
                    id="realtime_live.W001",
                )
            )
        elif not isinstance(meta.base_manager.get_queryset(), LiveQuerySet):
            messages.append(
                Warning(
                    f"{meta.label} is live, but related managers and SET_NULL cascades change its rows unseen.",
                    hint='Set Meta.base_manager_name = "objects" with objects = LiveManager().',
                    obj=declaration.model,
                    id="realtime_live.W002",
                )
            )
    return messages
