"""What can be wrong with a status."""

from accounts.models import MAX_STATUS_CHARACTERS
from realtime import Invalid


class BadAvailability(Invalid):
    code = "bad_availability"
    message = "Choose auto, dnd or invisible."


class BadStatus(Invalid):
    code = "bad_status"
    message = f"A status has an emoji and at most {MAX_STATUS_CHARACTERS} plain characters."


class BadStatusTime(Invalid):
    code = "bad_status_time"
    message = "The time must lie ahead, within a year, and say its zone."
