"""The expected errors of messages that are sent later."""

from __future__ import annotations

from realtime import Invalid, LimitReached, NotFound


class ScheduledNotFound(NotFound):
    message = "There is no such scheduled message: it was sent or cancelled, or is not yours."


class BadSendTime(Invalid):
    code = "bad_send_time"
    message = "A message is sent at a time that is to come, within a year; give its time zone too."


class ThreadGone(NotFound):
    code = "thread_gone"
    message = (
        "The thread in which this was to be said is gone. Cancel it, and write its text where it fits now."
    )


class QuoteGone(NotFound):
    code = "quote_gone"
    message = "The message that this quotes was deleted. Edit it: without the quote it can be sent."


class TooManyScheduled(LimitReached):
    code = "too_many_scheduled"
    message = "You have scheduled as many messages as one can: cancel one first."
    retry = False
