"""The system check of feeds: what is configured wrongly is said at start, with the feed's name."""

from __future__ import annotations

from typing import Any

from django.core.checks import CheckMessage, Error, register

from notifications.feeds.configuration import BadFeed, check_feeds


@register()
def check_configuration(app_configs: Any, **kwargs: Any) -> list[CheckMessage]:
    try:
        check_feeds()
    except BadFeed as error:
        return [Error(str(error), id="notifications.E010")]
    return []
