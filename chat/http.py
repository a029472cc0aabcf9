"""What the HTTP API of chat's features has in common."""

from __future__ import annotations

from ninja import Schema


class OnceIn(Schema):
    """A write that says nothing more than its own name: sent again with the same one, it returns the first result."""

    client_id: str
