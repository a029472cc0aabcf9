"""Whom a broadcast is for, and who is left out."""

from __future__ import annotations

from datetime import UTC, datetime, time
from typing import Any

from django import forms
from django.contrib.admin.widgets import AdminDateWidget, AutocompleteSelectMultiple
from django.contrib.auth import get_user_model
from django.contrib.auth.models import Group
from django.urls import reverse
from django.utils.formats import number_format
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from notifications.audiences import Audience, Choice, all_segments, audience_kind
from notifications.conf import numbers
from notifications.models import AudienceChoice, Broadcast
from realtime import Unavailable, online_users

# The field that names the audience within its kind.
AUDIENCE_FIELDS = {
    AudienceChoice.GROUP: "group",
    AudienceChoice.ROOM: "room",
    AudienceChoice.USERS: "users",
    AudienceChoice.SEGMENT: "segment",
    AudienceChoice.JOINED: "joined_since",
    AudienceChoice.FILE: "people_file",
}


class PeopleSelect(AutocompleteSelectMultiple):
    """The admin's searching select, answered by the broadcast admin: a sender need not be allowed to see users."""

    def get_url(self) -> str:
        return reverse("admin:notifications_broadcast_people")


class AudienceForm(forms.Form):
    """By itself it answers how many people an unfinished form would reach.

    `draft` is the broadcast that is being changed: it keeps its list of people until another file comes.
    """

    audience_kind = forms.ChoiceField(
        label=_("Who gets it"), choices=AudienceChoice.choices, initial=AudienceChoice.EVERYBODY
    )
    group = forms.ModelChoiceField(Group.objects.order_by("name"), label=_("Group"), required=False)
    room = forms.TypedChoiceField(label=_("Room"), coerce=int, empty_value=None, required=False)
    users = forms.ModelMultipleChoiceField(
        get_user_model().objects.filter(is_active=True),
        label=_("People"),
        required=False,
        help_text=_("Type a part of a name to search."),
    )
    segment = forms.ChoiceField(label=_("Segment"), required=False)
    joined_since = forms.DateField(
        label=_("Joined since"),
        required=False,
        widget=AdminDateWidget,
        help_text=_("From that day on, UTC."),
    )
    people_file = forms.FileField(
        label=_("File of people"),
        required=False,
        help_text=_("A CSV or text file: a user name or an e-mail address a line, in the first column."),
    )
    without_group = forms.ModelChoiceField(
        Group.objects.order_by("name"), label=_("Leave out a group"), required=False
    )
    without_users = forms.ModelMultipleChoiceField(
        get_user_model().objects.filter(is_active=True), label=_("Leave out people"), required=False
    )

    def __init__(self, *args: Any, draft: Broadcast | None = None, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.draft = draft
        rooms = audience_kind(AudienceChoice.ROOM)
        self._choices("room", [("", "---------"), *_room_choices(rooms)])
        segments = [(one.name, gettext(one.label)) for one in all_segments()]
        self._choices("segment", [("", "---------"), *segments])
        missing = {AudienceChoice.ROOM} if rooms is None else set()
        if not all_segments():
            missing.add(AudienceChoice.SEGMENT)
        self._choices(
            "audience_kind", [choice for choice in AudienceChoice.choices if choice[0] not in missing]
        )

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or self.cleaned_data
        kind = cleaned.get("audience_kind", "")
        name = AUDIENCE_FIELDS.get(kind)
        if kind == AudienceChoice.FILE and "people_file" not in self.errors:
            self._check_file(cleaned.get("people_file"))
        elif name and name not in self.errors and not cleaned.get(name):
            self.add_error(name, _("Choose who gets it."))
        if kind == AudienceChoice.ONLINE:
            cleaned["online"] = self._online()
        return cleaned

    def audience(self) -> Audience:
        """The audience of a valid form; what other kinds' fields hold is ignored."""
        cleaned = self.cleaned_data
        kind = cleaned["audience_kind"]
        named: dict[str, Any] = {}
        match kind:
            case AudienceChoice.GROUP:
                named["key"] = cleaned["group"].pk
            case AudienceChoice.ROOM:
                named["key"] = cleaned["room"]
            case AudienceChoice.USERS:
                named["user_ids"] = tuple(user.pk for user in cleaned["users"])
            case AudienceChoice.SEGMENT:
                named["segment"] = cleaned["segment"]
            case AudienceChoice.JOINED:
                named["since"] = datetime.combine(cleaned["joined_since"], time(), UTC)
            case AudienceChoice.ONLINE:
                named["user_ids"] = tuple(sorted(cleaned["online"]))
            case AudienceChoice.FILE:
                named["user_ids"] = self._listed()
        without = cleaned["without_group"]
        return Audience(
            kind=kind,
            **named,
            without_users=tuple(user.pk for user in cleaned["without_users"]),
            without_group=without.pk if without else None,
        )

    def upload(self) -> Any:
        """The file of people of a valid form, which a job is to read; None where there is none."""
        is_file = self.cleaned_data["audience_kind"] == AudienceChoice.FILE
        return self.cleaned_data["people_file"] if is_file else None

    def _check_file(self, file: Any) -> None:
        most = numbers().max_people_file_bytes
        if file is None:
            if self.draft is None or self.draft.audience_kind != AudienceChoice.FILE:
                self.add_error("people_file", _("Choose the file with the people who get it."))
            return
        if file.size > most:
            too_large = _(
                "The file has %(size)s bytes; at most %(most)s are read. Split it, or ask for a segment."
            )
            said = {"size": _grouped(file.size), "most": _grouped(most)}
            self.add_error("people_file", too_large % said)

    def _online(self) -> set[int]:
        try:
            return online_users()
        except Unavailable:
            self.add_error("audience_kind", _("Who is online cannot be asked now: Redis is away."))
            return set()

    def _listed(self) -> Any:
        """As far as they are known: whom a new file names is read later."""
        if self.cleaned_data["people_file"] is not None:
            return ()
        assert self.draft is not None
        return self.draft.users.values("pk")

    def _choices(self, name: str, choices: list[tuple[Any, str]]) -> None:
        self.fields[name].choices = choices  # type: ignore[attr-defined]


def audience_initial(broadcast: Broadcast) -> dict[str, Any]:
    """What the fields of a draft hold. Two queries."""
    return {
        "audience_kind": broadcast.audience_kind,
        "group": broadcast.group_id,
        "room": broadcast.room_id,
        "users": list(broadcast.users.all()) if broadcast.audience_kind == AudienceChoice.USERS else [],
        "segment": broadcast.segment,
        "joined_since": broadcast.joined_since and broadcast.joined_since.date(),
        "without_group": broadcast.without_group_id,
        "without_users": list(broadcast.without_users.all()),
    }


def _grouped(number: int) -> str:
    return number_format(number, force_grouping=True)


def _room_choices(rooms: Any) -> list[tuple[int, str]]:
    found: list[Choice] = [] if rooms is None else list(rooms.choices(numbers().max_room_choices))
    return [(choice.key, f"{choice.name} ({choice.people})") for choice in found]
