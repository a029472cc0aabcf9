"""The part of a form that says when: now, at a time, or again and again."""

from __future__ import annotations

from datetime import datetime, time, timedelta
from typing import Any

from django import forms
from django.contrib.admin.widgets import AdminDateWidget, AdminTextInputWidget, AdminTimeWidget
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from notifications.broadcasts.planning import bounds
from notifications.broadcasts.schedule import (
    DAY_NAMES,
    MAX_RULE_CHARS,
    MAX_TIMES,
    OWN_ZONE,
    WEEKDAYS,
    Repeats,
    Schedule,
    check_schedule,
    local_now,
    time_zone_names,
    weekdays_of,
    weekly_rule,
)
from notifications.errors import BadEnd, ScheduleInvalid, UnknownTimeZone
from notifications.models import Broadcast

NOW, LATER, WEEKLY, CRON, RRULE = "now", "later", "weekly", "cron", "rrule"
NEEDED = "needed"  # the code of the error that a field of the choice is still empty
OWN = "own"  # what the form calls each person's own zone: a choice cannot be empty
_CHOICES = [
    (NOW, _("Now")),
    (LATER, _("At a time")),
    (WEEKLY, _("On days of the week, again and again")),
    (CRON, _("By a cron rule")),
    (RRULE, _("By a recurrence rule (RRULE)")),
]
# The field that holds what recurs.
_RULE_FIELDS = {LATER: "local_time", WEEKLY: "weekdays", CRON: "cron", RRULE: "rrule"}
# In their order on the page.
WHEN_FIELDS = (
    "when", "weekdays", "cron", "rrule", "local_date", "local_time", "time_zone", "ends_on", "times",
)  # fmt: skip


class WhenForm(forms.Form):
    """By itself it answers what an unfinished form would mean. A schedule that is `kept` as it is may have passed."""

    when = forms.ChoiceField(label=_("When"), choices=_CHOICES, initial=NOW, widget=forms.RadioSelect)
    weekdays = forms.MultipleChoiceField(
        label=_("Days"),
        choices=list(zip(WEEKDAYS, DAY_NAMES, strict=True)),
        required=False,
        widget=forms.CheckboxSelectMultiple,
        help_text=_("None of them: every day."),
    )
    cron = forms.CharField(
        label=_("Cron rule"),
        max_length=MAX_RULE_CHARS,
        required=False,
        widget=AdminTextInputWidget(attrs={"placeholder": "0 9 * * 1-5"}),
        help_text=_(
            "Minute, hour, day of the month, month, day of the week. L is the last day of the month, "
            "MON#1 the first Monday."
        ),
    )
    rrule = forms.CharField(
        label=_("Recurrence rule"),
        max_length=MAX_RULE_CHARS,
        required=False,
        widget=AdminTextInputWidget(attrs={"placeholder": "FREQ=MONTHLY;BYDAY=-1FR"}),
        help_text=_(
            "As calendars have it (RFC 5545), from DAILY up. It begins on the date below, at its time."
        ),
    )
    local_date = forms.DateField(label=_("Date"), required=False, widget=AdminDateWidget)
    local_time = forms.TimeField(label=_("Time"), required=False, widget=AdminTimeWidget)
    time_zone = forms.ChoiceField(
        label=_("Time zone"),
        required=False,
        help_text=_(
            "Dates and times are those of this zone. A time that comes twice, where the clocks go back, "
            "is the first of the two. One that the clocks skip is refused where it happens once; in a series, and "
            "in people's own zones, it moves forward by the length of the gap."
        ),
    )
    ends_on = forms.DateField(
        label=_("Last day"), required=False, widget=AdminDateWidget, help_text=_("Empty: it goes on.")
    )
    times = forms.IntegerField(
        label=_("Number of times"),
        required=False,
        min_value=1,
        max_value=MAX_TIMES,
        help_text=_("Empty: it goes on."),
    )

    def __init__(self, *args: Any, kept: Schedule | None = None, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._kept = kept
        zones = [(name, name) for name in time_zone_names()]
        own = (OWN, _("Each person's own time zone"))
        self.fields["time_zone"].choices = [own, *zones]  # type: ignore[attr-defined]

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or self.cleaned_data
        if cleaned.get("when", NOW) != NOW:
            self._check(cleaned)
        return cleaned

    def schedule(self) -> Schedule | None:
        """Of a valid form; None for now."""
        found: Schedule | None = self.cleaned_data.get("schedule")
        return found

    def _check(self, cleaned: dict[str, Any]) -> None:
        when = cleaned["when"]
        needed = {LATER: ("local_date", "local_time"), CRON: ("cron",)}.get(when, ("local_time",))
        for name in (*needed, "rrule") if when == RRULE else needed:
            if cleaned.get(name) in (None, "") and name not in self.errors:
                self.add_error(name, forms.ValidationError(_("Needed for this choice."), code=NEEDED))
        if not cleaned.get("time_zone") and "time_zone" not in self.errors:
            self.add_error("time_zone", _("Choose the time zone of the date and time."))
        if set(WHEN_FIELDS) & self.errors.keys():
            return
        schedule = _schedule(cleaned, self._kept)
        try:
            if schedule != self._kept:
                check_schedule(schedule, bounds(), now=timezone.now())
        except ScheduleInvalid as error:
            self.add_error(_field_of(error, when), error.sentence)
        else:
            cleaned["schedule"] = schedule


def when_initial(broadcast: Broadcast) -> dict[str, Any]:
    """What the fields hold where a broadcast is changed."""
    schedule = broadcast.schedule
    days = weekdays_of(schedule.rule) if schedule.repeats is Repeats.RRULE else None
    when = {Repeats.ONCE: LATER, Repeats.CRON: CRON}.get(schedule.repeats, RRULE if days is None else WEEKLY)
    return {
        "when": when,
        "weekdays": days or [],
        "cron": schedule.rule if when == CRON else "",
        "rrule": schedule.rule if when == RRULE else "",
        "local_date": schedule.start.date(),
        "local_time": None if when == CRON else schedule.start.time(),
        "time_zone": schedule.zone or OWN,
        "ends_on": schedule.ends_on,
        "times": schedule.times,
    }


def _schedule(cleaned: dict[str, Any], kept: Schedule | None) -> Schedule:
    when = cleaned["when"]
    zone = OWN_ZONE if cleaned["time_zone"] == OWN else cleaned["time_zone"]
    recurs = when != LATER
    return Schedule(
        start=_start(cleaned, zone, kept),
        zone=zone,
        repeats={LATER: Repeats.ONCE, CRON: Repeats.CRON}.get(when, Repeats.RRULE),
        rule=weekly_rule(cleaned["weekdays"]) if when == WEEKLY else cleaned.get(when, ""),
        ends_on=cleaned["ends_on"] if recurs else None,
        times=cleaned["times"] if recurs else None,
    )


def _start(cleaned: dict[str, Any], zone: str, kept: Schedule | None) -> datetime:
    """A number of times is counted from there, so it is not in the past unless somebody says so."""
    day, at, here = cleaned["local_date"], cleaned["local_time"], local_now(timezone.now(), zone)
    if cleaned["when"] != CRON:
        next_day = here.date() + timedelta(days=datetime.combine(here, at) <= here)
        return datetime.combine(day or next_day, at)
    if kept is not None and kept.start.date() == day:
        return kept.start
    return (
        here.replace(second=0, microsecond=0) if day in (None, here.date()) else datetime.combine(day, time())
    )


def _field_of(error: ScheduleInvalid, when: str) -> str:
    """Where on the page the error belongs."""
    if isinstance(error, BadEnd):
        return "ends_on"
    if isinstance(error, UnknownTimeZone):
        return "time_zone"
    return _RULE_FIELDS[when]
