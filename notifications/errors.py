"""The expected errors of notifications; the engine turns them into wire and HTTP answers.

Invalid   BadItem · BadPageCursor · BroadcastInvalid · EmptyAudience
          ScheduleInvalid: UnknownTimeZone · TimeDoesNotExist · TimeInThePast · TimeTooFarAhead
NotFound  BroadcastNotFound
Conflict  AlreadySent
"""

from realtime import Conflict, Invalid, NotFound


class BadItem(Invalid):
    code = "bad_item"
    message = 'An inbox item id is "n" or "b" and a number, for example "n12".'


class BadPageCursor(Invalid):
    code = "bad_page_cursor"
    message = (
        "That is not a page position of this inbox; use the id of the last item you have, or leave it out."
    )


class BroadcastInvalid(Invalid):
    code = "broadcast_invalid"
    message = "This broadcast cannot be stored."


class EmptyAudience(Invalid):
    code = "empty_audience"
    message = "Nobody is in this audience, so there is nothing to send."


class ScheduleInvalid(Invalid):
    code = "schedule_invalid"
    message = "This is not a time a broadcast can be sent at."


class UnknownTimeZone(ScheduleInvalid):
    code = "unknown_time_zone"
    message = "There is no such time zone; expected a name such as Europe/Berlin."


class TimeDoesNotExist(ScheduleInvalid):
    code = "time_does_not_exist"
    message = "The clocks skip this time on that day."


class TimeInThePast(ScheduleInvalid):
    code = "time_in_the_past"
    message = "This time has passed already. Choose a later one, or send now."


class TimeTooFarAhead(ScheduleInvalid):
    code = "time_too_far_ahead"
    message = "This time is too far ahead."


class BroadcastNotFound(NotFound):
    code = "broadcast_not_found"
    message = "There is no such broadcast."


class AlreadySent(Conflict):
    code = "already_sent"
    message = "This broadcast is already being sent or finished; it cannot be cancelled any more."
