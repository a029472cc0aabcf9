"""The answers that a poll offers: what they may be, and what the filters make of them."""

from __future__ import annotations

from collections.abc import Sequence

from msgspec import structs

from accounts.models import User
from chat.errors import EmptyBody
from chat.marks.payloads import PollInfo
from chat.moderation.filters import passed
from chat.polls.errors import BadPoll
from chat.text import message_text

MAX_OPTIONS = 10
MAX_OPTION_CHARACTERS = 100


def options_of(raw: Sequence[str]) -> list[str]:
    """Two to ten different short texts, each in one line. Raises BadPoll, and what `message_text` raises."""
    if not 2 <= len(raw) <= MAX_OPTIONS:
        raise BadPoll()
    try:
        options = [" ".join(message_text(text).split()) for text in raw]
    except EmptyBody:
        raise BadPoll() from None
    if any(len(text) > MAX_OPTION_CHARACTERS for text in options):
        raise BadPoll()
    if len({text.casefold() for text in options}) < len(options):
        raise BadPoll()
    return options


def filtered(poll: PollInfo, author: User, room: int) -> tuple[PollInfo, str]:
    """The poll as the filters let it be, and why a moderator is to see it before, or "".

    Raises TextRefused, FilterFailed, and BadPoll where what they say instead is no poll any more.
    """
    answers = [passed(option.text, "message", author, room) for option in poll.options]
    texts = options_of([answer.text for answer in answers])
    options = [structs.replace(option, text=text) for option, text in zip(poll.options, texts, strict=True)]
    return structs.replace(poll, options=options), next((one.hold for one in answers if one.hold), "")
