"""When a broadcast falls due: local times, the rules they come from, and the moments they mean. Pure: the clock is an
argument. What is for people to read is in the language that is active.

    zones     a local time in a zone -> one moment; what happens where clocks change
    rules     a cron or RRULE text -> local times
    schedule  one broadcast's: once or by a rule, in one zone or in each recipient's, until when
    words     the same for a person to read

The rule where clocks change: a time that comes twice happens at the first of the two, once. One that is skipped moves
forward by the gap's length (02:30 becomes 03:30), once, even where another occurrence is due then. Only a single time
in a named zone is refused instead: whoever writes it can choose another.
"""

from notifications.broadcasts.schedule.rules import (
    MAX_RULE_CHARS,
    MAX_TIMES,
    WEEKDAYS,
    Repeats,
    cron_words,
    weekdays_of,
    weekly_rule,
)
from notifications.broadcasts.schedule.schedule import (
    OWN_ZONE,
    Bounds,
    Schedule,
    Time,
    check_schedule,
    coming_times,
    first_moment,
    last_moment,
    local_now,
    times_after,
)
from notifications.broadcasts.schedule.words import DAY_NAMES, in_words
from notifications.broadcasts.schedule.zones import (
    due_moment,
    local_of,
    moment_of,
    moved_moment_of,
    oddity_of,
    offset_name,
    time_zone_names,
    zone_named,
)

__all__ = [
    "DAY_NAMES",
    "MAX_RULE_CHARS",
    "MAX_TIMES",
    "OWN_ZONE",
    "WEEKDAYS",
    "Bounds",
    "Repeats",
    "Schedule",
    "Time",
    "check_schedule",
    "coming_times",
    "cron_words",
    "due_moment",
    "first_moment",
    "in_words",
    "last_moment",
    "local_now",
    "local_of",
    "moment_of",
    "moved_moment_of",
    "oddity_of",
    "offset_name",
    "time_zone_names",
    "times_after",
    "weekdays_of",
    "weekly_rule",
    "zone_named",
]
