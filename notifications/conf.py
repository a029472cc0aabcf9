"""Every number of the notifications app, with its unit; the setting NOTIFICATIONS = {…} overrides them by name."""

from dataclasses import dataclass

from django.conf import settings

TITLE_MAX_CHARS = 200
TEXT_MAX_CHARS = 4000
LINK_MAX_CHARS = 500


@dataclass(frozen=True, slots=True, kw_only=True)
class Numbers:
    """What may be tuned without a migration."""

    tick_interval_s: float = 1.0  # how often beat asks for due broadcasts
    lease_s: float = 10.0  # a sender that shows no progress for so long is taken for dead
    claim_batch: int = 20  # broadcasts one tick claims at most
    max_attempts: int = 10  # claims in a row without one finished chunk, then the broadcast is failed
    chunk_recipients: int = 500  # inbox rows and events written in one transaction
    progress_interval_s: float = 0.25  # at most so often one broadcast reports its progress
    page_items: int = 20
    max_page_items: int = 100
    max_unread_counted: int = 9_999  # an unread count stops here
    max_read_items: int = 200  # ids in one notifications.read
    max_ahead_days: int = 5 * 366  # how far ahead a broadcast may be scheduled
    max_room_choices: int = 1000  # rooms offered in the broadcast form


def numbers() -> Numbers:
    """The numbers in force; cheap, read at each use so that tests can override the setting."""
    return Numbers(**getattr(settings, "NOTIFICATIONS", {}))
