"""Every number of the notifications app, with its unit; the setting NOTIFICATIONS = {…} overrides them by name."""

from dataclasses import dataclass

from django.conf import settings

TITLE_MAX_CHARS = 200
TEXT_MAX_CHARS = 4000
LINK_MAX_CHARS = 500
CATEGORY_MAX_CHARS = 40
ENDPOINT_MAX_CHARS = 1000
NOTE_MAX_CHARS = 200


@dataclass(frozen=True, slots=True, kw_only=True)
class Numbers:
    """What may be tuned without a migration."""

    tick_interval_s: float = 1.0  # how often beat asks for due broadcasts
    lease_s: float = 4.0  # a sender that shows no progress for so long is taken for dead
    claim_batch: int = 20  # broadcasts one tick claims at most
    max_attempts: int = 10  # beginnings in a row without one finished chunk, then the broadcast is failed
    chunk_recipients: int = 500  # inbox rows and events written in one transaction
    progress_interval_s: float = 0.25  # at most so often one broadcast reports its progress
    page_items: int = 20
    max_page_items: int = 100
    max_unread_counted: int = 9_999  # an unread count stops here
    max_read_items: int = 200  # ids in one call
    max_ahead_days: int = 5 * 366  # how far ahead a broadcast may be scheduled
    min_minutes_between: int = 5  # two occurrences of a series
    planned_ahead: int = 5  # occurrences of a series that stand in the table before they are due
    plan_chunk: int = 50  # missed ones that one transaction writes down
    catch_up_hours: int = 4  # an occurrence of a series that is later than that is skipped
    spread_before_s: int = 3600  # when recipients' zones are looked up, before the first of them has the time
    zones_chunk: int = 5000  # people whose zones one query looks up
    max_snooze_days: int = 366
    max_reminders: int = 200  # of one person, at a time
    max_reminder_days: int = 2 * 366  # how far ahead one may be set
    upkeep_chunk: int = 500  # lines that one transaction of the upkeep changes
    upkeep_chunks: int = 40  # transactions that one run of the upkeep makes of each kind
    keep_days: int = 90  # lines that are read or archived, and notices
    keep_unread_days: int = 366
    outbound_timeout_s: float = 10.0  # one request to a push service or webhook, whole
    max_answer_bytes: int = 65_536  # more of such an answer is not read
    max_push_devices: int = 20  # of one person; above, those registered first give way
    push_keep_s: int = 3 * 86_400  # a push service keeps a message for a device that is away at most so long
    webhook_old_secret_s: int = 86_400  # after a change of the secret, the old one signs too for so long
    max_room_choices: int = 1000  # rooms offered in the broadcast form
    max_people_file_bytes: int = 8_000_000  # about half a million names, in one request with a picture
    max_people_file_problems: int = 200  # wrong lines that are told; all of them are counted
    max_picture_bytes: int = 1_000_000  # as uploaded
    max_picture_pixels: int = (
        20_000_000  # looked at before it is unpacked: a small file can hold a huge picture
    )
    picture_edge_px: int = 1200  # of the longer side, as it is stored
    confirm_people: int = 100  # broadcasts to so many people are sent by typing how many; 0: none are
    count_holds_s: float = 60.0  # people counted so lately are not counted again: a million takes a while
    confirm_drift_percent: int = 1  # by how much the audience may have changed since somebody read the number
    watch_s: float = (
        60.0  # so long after a page asked for them, a broadcast's figures are counted once a second
    )
    approve_people: int = 0  # broadcasts to so many people need a second person's approval; 0: none do
    rehearse_people: int = 5000  # people whom a rehearsal looks at in the request; of more, a job counts all

    digest_morning_hour: int = 8  # of the person's zone: when the digest of a day comes
    digest_evening_hour: int = 18  # and the one at the end of the day
    digest_chunk: int = 500  # digests that one transaction begins
    max_digest_entries: int = 50  # a digest says how many more there were
    max_digest_text_chars: int = 300  # of one entry
    max_mute_days: int = 10 * 366  # a mute "until I end it" is one of so many days
    max_scope_choices: int = 500  # of one person: rooms with a rule of their own, as many as they may be in

    feed_lease_s: float = 60.0  # a feed whose worker says nothing for so long is asked by another one
    feed_attempts: int = 4  # in one window
    feed_retry_s: float = 30.0  # the first wait between them; each further one is twice as long

    delivery_chunk: int = 25  # deliveries that one claim takes
    deliveries_in_hand: int = 50  # of one channel, over all workers: a slow one leaves workers to the others
    delivery_lease_s: float = 60.0  # a delivery whose worker says nothing for so long is tried by another one
    delivery_run_s: float = 20.0  # a task that sends ends after so long, and the next tick goes on
    delivery_attempts: int = 16  # then it has failed; with the waits below, after three to four hours
    retry_base_s: float = (
        10.0  # the first wait; each further one is twice as long, and drawn at random up to it
    )
    retry_max_s: float = 1800.0
    throttle_window_s: float = 3600.0  # a person gets at most so many messages outside the app in it,
    throttle_messages: int = 60  # beside critical ones
    storm_window_s: float = 60.0  # more notices of one type and group to one person in it are a storm:
    storm_notices: int = 10  # those that follow are told in one message
    storm_hold_s: float = 300.0  # that comes so long after the first of them
    keep_delivery_days: int = 90  # decisions, and what became of them


def numbers() -> Numbers:
    """The numbers in force; cheap, read at each use so that tests can override the setting."""
    return Numbers(**getattr(settings, "NOTIFICATIONS", {}))
