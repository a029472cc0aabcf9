"""Who may do what with broadcasts. The inbox needs no policy: one only ever reaches one's own."""

from typing import Any

SEND = "notifications.add_broadcast"
VIEW = "notifications.view_broadcast"
CANCEL = "notifications.change_broadcast"
APPROVE = "notifications.approve_broadcast"
STOP = "notifications.stop_broadcasts"


def may_send(user: Any) -> bool:
    """May write and send broadcasts."""
    return _staff_with(user, SEND)


def may_view(user: Any) -> bool:
    """May see broadcasts and follow their progress."""
    return any(_staff_with(user, permission) for permission in (VIEW, SEND, CANCEL, APPROVE, STOP))


def may_cancel(user: Any) -> bool:
    """May call a broadcast off, pause and resume it, or recall it: who may send, or change, one."""
    return _staff_with(user, CANCEL) or _staff_with(user, SEND)


def may_approve(user: Any) -> bool:
    """May approve what somebody else wrote."""
    return _staff_with(user, APPROVE)


def may_stop(user: Any) -> bool:
    """May stop all sending at once, and let it go on."""
    return _staff_with(user, STOP)


def _staff_with(user: Any, permission: str) -> bool:
    return bool(user.is_active and user.is_staff and user.has_perm(permission))
