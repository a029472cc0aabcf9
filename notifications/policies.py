"""Who may do what with broadcasts. The inbox needs no policy: one only ever reaches one's own."""

from typing import Any

SEND = "notifications.add_broadcast"
VIEW = "notifications.view_broadcast"
CANCEL = "notifications.change_broadcast"


def may_send(user: Any) -> bool:
    """May write and send broadcasts."""
    return _staff_with(user, SEND)


def may_view(user: Any) -> bool:
    """May see broadcasts and follow their progress."""
    return _staff_with(user, VIEW) or _staff_with(user, SEND) or _staff_with(user, CANCEL)


def may_cancel(user: Any) -> bool:
    """May call a scheduled broadcast off: who may send, or change, one."""
    return _staff_with(user, CANCEL) or _staff_with(user, SEND)


def _staff_with(user: Any, permission: str) -> bool:
    return bool(user.is_active and user.is_staff and user.has_perm(permission))
