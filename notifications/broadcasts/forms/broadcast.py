"""The whole form of a broadcast, and how it goes out."""

from __future__ import annotations

import uuid
from datetime import timedelta
from typing import Any

from django import forms
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from notifications.broadcasts.drafts import Draft
from notifications.broadcasts.forms.audience import AudienceForm, PeopleSelect, audience_initial
from notifications.broadcasts.forms.words import TEXT, TITLE, WordsForm, other_languages, words_initial
from notifications.broadcasts.when_form import NOW, WHEN_FIELDS, WhenForm, when_initial
from notifications.channels import all_channels, is_set_up
from notifications.deliveries.rules import IN_APP
from notifications.models import AudienceChoice, Broadcast

_HOUR = 3600
_LIFETIMES = [
    ("", _("Never")),
    (str(_HOUR), _("After an hour")),
    (str(4 * _HOUR), _("After 4 hours")),
    (str(24 * _HOUR), _("After a day")),
    (str(72 * _HOUR), _("After 3 days")),
    (str(168 * _HOUR), _("After a week")),
    (str(720 * _HOUR), _("After 30 days")),
]
_DAMAGED = _("This page is damaged. Start with an empty form.")


class BroadcastForm(WordsForm, AudienceForm, WhenForm):
    """`form_key` is made with the empty form: whatever is sent twice has it twice. `seen` is the revision it shows."""

    form_key = forms.UUIDField(
        widget=forms.HiddenInput,
        initial=uuid.uuid4,
        error_messages=dict.fromkeys(("required", "invalid"), _DAMAGED),
    )
    seen = forms.IntegerField(widget=forms.HiddenInput, initial=0, min_value=0)
    channels = forms.MultipleChoiceField(
        label=_("Channels"),
        required=False,
        widget=forms.CheckboxSelectMultiple,
        help_text=_(
            "It is always in the inbox, and on open pages. People's own settings decide about the rest."
        ),
    )
    critical = forms.BooleanField(
        label=_("Critical"),
        required=False,
        help_text=_("Reaches people in their quiet hours, and who has muted notifications. For emergencies."),
    )
    expires_after = forms.TypedChoiceField(
        label=_("Disappears"), required=False, choices=_LIFETIMES, coerce=int, empty_value=None
    )
    people_per_s = forms.IntegerField(
        label=_("People per second"),
        required=False,
        min_value=1,
        max_value=1_000_000,
        help_text=_(
            "Empty: as fast as possible. Slower, where everybody follows a link to the same page: then each of "
            "them has a line of their own, which comes at this pace in the app too."
        ),
    )

    def __init__(self, *args: Any, admin_site: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for name in ("users", "without_users"):
            self.fields[name].widget = PeopleSelect(
                Broadcast._meta.get_field(name),
                admin_site,
                choices=self.fields[name].choices,  # type: ignore[attr-defined]
            )
        chosen = self.draft.channels if self.draft is not None else []
        offered = [one for one in all_channels() if is_set_up(one) or one.name in chosen]
        missing = [gettext(one.label) for one in all_channels() if not is_set_up(one)]
        if offered or missing:
            self._choices("channels", [(one.name, gettext(one.label)) for one in offered])
            if missing:
                unset = gettext("Not set up here: %(names)s.") % {"names": ", ".join(missing)}
                self.fields["channels"].help_text += f" {unset}"
        else:
            del self.fields["channels"]
        if self.draft is None or not self.draft.image:
            del self.fields["no_picture"]

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean()
        if cleaned.get("audience_kind") == AudienceChoice.ONLINE and cleaned.get("when") != NOW:
            self.add_error(
                "when", _("Who is online is known only now: send it now, or choose another audience.")
            )
        return cleaned

    def written(self) -> Draft:
        """What a valid form says."""
        cleaned = self.cleaned_data
        lifetime = cleaned["expires_after"]
        return Draft(
            title=cleaned["title"],
            text=cleaned["text"],
            level=cleaned["level"],
            link=cleaned["link"],
            image=self.image(),
            image_url=cleaned["picture_url"],
            translations=self.translations(),
            critical=cleaned["critical"],
            expires_after=timedelta(seconds=lifetime) if lifetime else None,
            channels=(IN_APP, *cleaned.get("channels", ())),
            people_per_s=cleaned["people_per_s"] or 0,
            audience=self.audience(),
            upload=self.upload(),
            upload_name=self.upload().name if self.upload() else "",
            schedule=self.schedule(),
        )


def form_initial(broadcast: Broadcast) -> dict[str, Any]:
    """What the fields hold where a draft is changed."""
    lifetime = broadcast.expires_after
    return {
        "form_key": broadcast.form_key,
        "seen": broadcast.revision,
        "channels": broadcast.channels,
        "critical": broadcast.critical,
        "expires_after": str(int(lifetime.total_seconds())) if lifetime else "",
        "people_per_s": broadcast.people_per_s or None,
        **words_initial(broadcast),
        **audience_initial(broadcast),
        **(when_initial(broadcast) if broadcast.starts_at else {"when": NOW}),
    }


def fieldsets(form: BroadcastForm) -> list[tuple[str, dict[str, Any]]]:
    """The form's fields under their headings, as the admin draws them."""
    languages = [f"{name}_{code}" for code in other_languages() for name in (TITLE, TEXT)]
    found = [
        (
            gettext("Message"),
            {"fields": ["title", "text", "level", "link", "picture", "picture_url", "no_picture"]},
        ),
        (gettext("Other languages"), {"fields": languages, "classes": ["collapse"]}),
        (
            gettext("Audience"),
            {
                "fields": [
                    "audience_kind", "group", "room", "users", "segment", "joined_since", "people_file",
                    "without_group", "without_users",
                ]
            },
        ),
        (gettext("Time"), {"fields": list(WHEN_FIELDS)}),
        (gettext("How it goes out"), {"fields": ["channels", "critical", "expires_after", "people_per_s"]}),
    ]  # fmt: skip
    shown = [
        (name, {**options, "fields": [field for field in options["fields"] if field in form.fields]})
        for name, options in found
    ]
    return [(name, options) for name, options in shown if options["fields"]]
