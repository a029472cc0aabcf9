"""Messages for channels, as the decisions would make them."""

from __future__ import annotations

from typing import Any

from notifications.channels import Message


def message(**fields: Any) -> Message:
    usual = {
        "id": "n7-email",
        "type": "testing.shipped",
        "category": "orders",
        "level": "success",
        "critical": False,
        "title": "Order 7 is on its way",
        "text": "By bike.",
        "link": "https://carillon.example/orders/7",
        "language": "en",
        "thread": "",
        "expires_at": None,
        "unread": 3,
    }
    return Message(**{**usual, **fields})
