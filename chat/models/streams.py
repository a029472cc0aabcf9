"""The names of the streams on which chat publishes."""


def stream_of(room_id: int | str) -> str:
    """The stream that carries a room's events."""
    return f"room:{room_id}"


def user_stream(user_id: int) -> str:
    """The stream of what concerns one user alone, on all their devices."""
    return f"user:{user_id}"
