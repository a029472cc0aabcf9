"""Renders messages that were stored without HTML: from before there was a renderer, or imported. The newest first.

Until their turn comes they are rendered whenever somebody reads them. What they said before an edit stays at that.
"""

from __future__ import annotations

from django.db import transaction

from chat.conf import numbers
from chat.models import Message
from chat.payloads import mentions_loaded
from chat.richtext.rendering import rendered


def anything_to_render() -> bool:
    return Message.objects.filter(html=None).exists()


@transaction.atomic
def render_some() -> bool:
    """Renders a few messages; whether more may be left. One that is just being edited gets its HTML from the edit."""
    size = numbers().render_chunk
    waiting = Message.objects.select_for_update(skip_locked=True, of=("self",)).filter(html=None)
    chunk = list(waiting.only("text", "mentions").order_by("-pk")[:size])
    for message in chunk:
        message.html = rendered(message.text, mentions_loaded(message.mentions))
    Message.objects.bulk_update(chunk, ["html"])
    return len(chunk) == size
