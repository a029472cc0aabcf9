"""Every number of the chat app, with its unit; the setting CHAT = {…} overrides them by name."""

from dataclasses import dataclass
from typing import Any

from django.conf import settings


@dataclass(frozen=True, slots=True, kw_only=True)
class Numbers:
    """What may be tuned without a migration."""

    max_names: int = 20  # different names in one message that are looked up; further ones stay plain text
    large_room_members: int = 100  # above, only owners may address everybody, unless the room says otherwise
    max_direct_people: int = 9  # in one direct conversation, whoever opens it included
    suggestions: int = 10  # members that one search by name returns
    max_mentioned: int = 100  # unread mentions of a room, the newest, that a client is told of
    max_threads: int = 300  # that somebody follows, the last replied to, of which a client is told
    tell_after_s: float = 1.5  # whoever reads a message meanwhile needs no notification of it
    tell_chunk: int = 50  # messages that one step of the upkeep tells of
    max_tell_attempts: int = 10  # then the notifications of a message are given up
    excerpt_chars: int = 300  # of a message, in a notification
    online_timeout_s: float = 0.5  # how long all processes are waited for when asked who is online
    hook_chunk: int = 100  # webhooks that one tick hands to workers
    max_hook_attempts: int = 30  # to tell one message, about a day; then the webhook is switched off
    receipts_max_members: int = 50  # in larger rooms who has read what is told only if asked for
    readers_named: int = 100  # of those who have read a message
    status_chunk: int = 100  # people whose status one step of the upkeep ends
    undo_s: float = 15.0  # how long a deletion can be undone
    forget_chunk: int = 500  # texts of deleted messages that one step of the upkeep forgets
    max_reactions: int = 20  # different ones on one message
    max_pins: int = 50  # in one room
    max_saved: int = 500  # messages that one person keeps
    max_drafts: int = 200  # of one person
    max_scheduled: int = 100  # messages that one person sends later
    max_schedule_days: int = 366  # how far ahead
    send_chunk: int = 20  # messages for now that one step of the upkeep sends
    max_send_attempts: int = 10  # then such a message has failed, and waits for its author
    max_poll_days: int = 366  # how far ahead a poll may end
    poll_chunk: int = 50  # polls that one step of the upkeep ends
    ack_remind_every_s: float = 4 * 3600.0  # who has not acknowledged a message is reminded so often,
    max_ack_reminders: int = 3  # and so many times
    ack_room_members: int = 200  # in larger rooms the author is not told who has not
    ack_chunk: int = 20  # messages that one step of the upkeep reminds of
    max_html_chars: int = 24_000  # of a message's HTML; a text that makes more is shown as it was written
    render_chunk: int = 200  # messages without HTML that one step of the upkeep renders
    max_own_emoji: int = 500  # of the installation
    max_emoji_bytes: int = 262_144  # of an emoji's file
    max_emoji_pixels: int = 4_000_000  # width times height of an emoji's file
    emoji_edge_px: int = 128  # an emoji's longer edge, as it is kept
    own_emoji_kept_s: float = 5.0  # how long a process keeps the list of them
    search_page: int = 20
    max_search_page: int = 50
    search_tail: int = 1_000  # messages that wait for the index and are read by each search instead
    search_ranked: int = 1_000  # by relevance, of what matches, the newest
    search_window: int = 4_000  # messages that are looked at before the whole index is
    search_room_facts: int = 8  # in so many rooms at most the index itself is asked for the room
    index_chunk: int = 500  # messages that one step of the upkeep indexes
    index_rooms: int = 50  # rooms that one step of the upkeep looks at
    max_keywords: int = 20  # of one person
    hear_within_s: float = 3600.0  # older messages are not looked through for keywords
    max_favourites: int = 100  # of one person
    max_invitations: int = 20  # links of one room that work
    max_group_members: int = 1_000
    max_group_mention: int = 200  # people that the groups in one message may have together

    max_files: int = 10  # of one message
    max_file_bytes: int = (
        52_428_800  # MAX_FILE_BYTES in the environment, which the server's own limit follows
    )
    max_user_bytes: int = 2_147_483_648  # of all files of one person
    unattached_s: float = 86_400.0  # a file that no message has by then goes
    upload_lease_s: float = 120.0  # an upload that is not stored after so long is taken for dead
    forget_files_chunk: int = 50  # files that one step of the upkeep deletes
    max_image_pixels: int = 50_000_000  # looked at before it is unpacked
    max_animation_pixels: int = 1_000_000_000  # of all frames together
    image_timeout_s: float = 20.0  # to make one image harmless, and to wait for a place to do so
    image_memory_bytes: int = 1_073_741_824  # of the process that does
    images_at_once: int = 2  # in one server process
    small_image_px: int = 480  # the longer side, as it is shown in a list
    large_image_px: int = 1600  # as it is shown on a whole screen
    max_archive_entries: int = 20_000
    max_unpacked_bytes: int = 1_073_741_824  # an archive may unpack into more,
    max_unpacked_times: int = 100  # if it is not so many times what it is itself
    file_threads: int = 4  # of one server process, that read files for downloads

    link_previews: bool = True  # LINK_PREVIEWS in the environment; rooms may do without
    max_previews: int = 3  # of one message
    preview_after_s: float = 0.5  # links are looked at so long after the message was sent
    preview_chunk: int = 20  # messages whose links one tick hands out
    preview_lease_s: float = 90.0  # links that a worker has not looked at after so long are handed out again
    max_preview_attempts: int = 3
    preview_redirects: int = 4
    preview_timeout_s: float = 8.0  # one request, whole
    max_page_bytes: int = 1_048_576  # more of a page is not read
    max_preview_image_bytes: int = 5_242_880
    preview_image_px: int = 480
    keep_page_s: float = 86_400.0  # what a page said is believed for so long
    keep_failure_s: float = 600.0  # and so long, that it said nothing
    max_slow_mode_s: int = 21_600  # between two messages of a person; six hours
    max_retention_days: int = 3_650  # that a room may keep its messages, where it does not keep them for ever
    retention_days: int = 0  # of rooms that say nothing else; 0: for ever
    trim_chunk: int = 200  # old messages, or lines of the audit log, that one step of the upkeep deletes
    trim_every_s: float = 3_600.0  # how often a room is looked at for messages that are too old
    audit_keep_days: int = 365  # lines of the audit log
    reports_per_hour: int = 10  # of one person
    claim_s: float = 900.0  # how long a moderator has a report to themselves
    context_messages: int = 5  # shown to moderators before, and after, a reported message
    max_blocks: int = 1_000  # people that one person may block
    max_bans_shown: int = 200  # of a room
    words_cached_s: float = 15.0  # how long a process goes on with the list of words that it has read
    max_words: int = 2_000  # of that list, by the alphabet
    erase_chunk: int = 200  # messages, or rooms, that one step of erasing an account changes


_made: tuple[Any, Numbers] = (None, Numbers())  # the setting, and what was made of it


def numbers() -> Numbers:
    """The numbers in force; cheap, read at each use so that tests can override the setting."""
    global _made
    chosen = getattr(settings, "CHAT", None)
    if chosen is not _made[0]:
        _made = (chosen, Numbers(**(chosen or {})))
    return _made[1]
