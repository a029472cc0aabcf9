"""The form an administrator writes a broadcast in: fields, their rules, and the audience they name."""

from __future__ import annotations

import uuid
from datetime import datetime
from typing import Any

from django import forms
from django.contrib.admin.widgets import (
    AdminDateWidget,
    AdminTextareaWidget,
    AdminTextInputWidget,
    AdminTimeWidget,
    AutocompleteSelectMultiple,
)
from django.contrib.auth import get_user_model
from django.contrib.auth.models import Group
from django.urls import reverse
from django.utils import timezone

from notifications.audiences import Choice, audience_kind
from notifications.broadcasts import Audience, NewBroadcast
from notifications.conf import LINK_MAX_CHARS, TEXT_MAX_CHARS, TITLE_MAX_CHARS, numbers
from notifications.errors import ScheduleInvalid
from notifications.links import check_link
from notifications.models import AudienceChoice, Broadcast, Level
from notifications.schedule import due_moment, time_zone_names

NOW = "now"
LATER = "later"
# The field that names the audience within its kind.
AUDIENCE_FIELDS = {
    AudienceChoice.GROUP: "group",
    AudienceChoice.ROOM: "room",
    AudienceChoice.USERS: "users",
}


class PeopleSelect(AutocompleteSelectMultiple):
    """The admin's searching select, answered by the broadcast admin: a sender need not be allowed to see users."""

    def get_url(self) -> str:
        return reverse("admin:notifications_broadcast_people")


class AudienceForm(forms.Form):
    """Whom it is for; by itself it answers how many people an unfinished form would reach."""

    audience_kind = forms.ChoiceField(
        label="Who gets it", choices=AudienceChoice.choices, initial=AudienceChoice.EVERYBODY
    )
    group = forms.ModelChoiceField(Group.objects.order_by("name"), required=False)
    room = forms.TypedChoiceField(coerce=int, empty_value=None, required=False)
    users = forms.ModelMultipleChoiceField(
        get_user_model().objects.filter(is_active=True),
        label="People",
        required=False,
        help_text="Type a part of a name to search.",
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        rooms = audience_kind(AudienceChoice.ROOM)
        self.fields["room"].choices = [("", "---------"), *_room_choices(rooms)]  # type: ignore[attr-defined]
        if rooms is None:
            kinds = [choice for choice in AudienceChoice.choices if choice[0] != AudienceChoice.ROOM]
            self.fields["audience_kind"].choices = kinds  # type: ignore[attr-defined]

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or self.cleaned_data
        name = AUDIENCE_FIELDS.get(cleaned.get("audience_kind", ""))
        if name and name not in self.errors and not cleaned.get(name):
            self.add_error(name, "Choose who gets it.")
        return cleaned

    def audience(self) -> Audience:
        """The audience of a valid form; what other kinds' fields hold is ignored."""
        kind = self.cleaned_data["audience_kind"]
        if kind == AudienceChoice.GROUP:
            return Audience(kind=kind, key=self.cleaned_data["group"].pk)
        if kind == AudienceChoice.ROOM:
            return Audience(kind=kind, key=self.cleaned_data["room"])
        if kind == AudienceChoice.USERS:
            return Audience(kind=kind, user_ids=tuple(user.pk for user in self.cleaned_data["users"]))
        return Audience(kind=kind)


class BroadcastForm(AudienceForm):
    """The whole broadcast. `form_key` is made with the empty form: whatever is sent twice has it twice."""

    form_key = forms.UUIDField(
        widget=forms.HiddenInput,
        initial=uuid.uuid4,
        error_messages=dict.fromkeys(
            ("required", "invalid"), "This page is damaged. Start with an empty form."
        ),
    )
    title = forms.CharField(max_length=TITLE_MAX_CHARS, widget=AdminTextInputWidget)
    text = forms.CharField(max_length=TEXT_MAX_CHARS, required=False, widget=AdminTextareaWidget)
    level = forms.ChoiceField(choices=Level.choices, initial=Level.INFO)
    link = forms.CharField(
        max_length=LINK_MAX_CHARS,
        required=False,
        widget=AdminTextInputWidget,
        validators=[check_link],
        help_text="Optional. https://… or a page of this site such as /rooms/1.",
    )
    when = forms.ChoiceField(
        label="When", choices=[(NOW, "Now"), (LATER, "At a time")], initial=NOW, widget=forms.RadioSelect
    )
    local_date = forms.DateField(label="Date", required=False, widget=AdminDateWidget)
    local_time = forms.TimeField(label="Time", required=False, widget=AdminTimeWidget)
    time_zone = forms.ChoiceField(
        required=False,
        help_text="The date and time above are those of this zone. Where the clocks go back and a time "
        "comes twice, the first one is meant.",
    )

    field_order = (
        "form_key", "title", "text", "level", "link", "audience_kind", "group", "room", "users",
        "when", "local_date", "local_time", "time_zone",
    )  # fmt: skip

    def __init__(self, *args: Any, admin_site: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["time_zone"].choices = [(name, name) for name in time_zone_names()]  # type: ignore[attr-defined]
        self.fields["users"].widget = PeopleSelect(
            Broadcast._meta.get_field("users"),
            admin_site,
            choices=self.fields["users"].choices,  # type: ignore[attr-defined]
        )

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean()
        if cleaned.get("when") == LATER:
            cleaned["due_at"] = self._due_moment(cleaned)
        return cleaned

    def new_broadcast(self) -> NewBroadcast:
        """What a valid form submits."""
        cleaned = self.cleaned_data
        return NewBroadcast(
            form_key=cleaned["form_key"],
            title=cleaned["title"],
            text=cleaned["text"],
            level=cleaned["level"],
            link=cleaned["link"],
            audience=self.audience(),
            due_at=cleaned.get("due_at"),
            time_zone=cleaned["time_zone"] or "UTC",
        )

    def _due_moment(self, cleaned: dict[str, Any]) -> datetime | None:
        for name in ("local_date", "local_time"):
            if cleaned.get(name) is None and name not in self.errors:
                self.add_error(name, "Needed to send at a time.")
        if not cleaned.get("time_zone") and "time_zone" not in self.errors:
            self.add_error("time_zone", "Choose the time zone of the date and time.")
        if {"local_date", "local_time", "time_zone"} & self.errors.keys():
            return None
        local = datetime.combine(cleaned["local_date"], cleaned["local_time"])
        try:
            return due_moment(
                local, cleaned["time_zone"], now=timezone.now(), max_ahead_days=numbers().max_ahead_days
            )
        except ScheduleInvalid as error:
            self.add_error("local_time", str(error))
            return None


def _room_choices(rooms: Any) -> list[tuple[int, str]]:
    found: list[Choice] = [] if rooms is None else list(rooms.choices(numbers().max_room_choices))
    return [(choice.key, f"{choice.name} ({choice.people})") for choice in found]
