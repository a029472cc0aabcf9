"""The form that changes a broadcast as far as it has not been sent."""

from __future__ import annotations

from typing import Any

from django import forms
from django.contrib.admin.widgets import AdminTextareaWidget, AdminTextInputWidget
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from notifications.broadcasts.planning import at_once
from notifications.broadcasts.when_form import NOW, WhenForm, when_initial
from notifications.broadcasts.writing import Edit
from notifications.conf import LINK_MAX_CHARS, TEXT_MAX_CHARS, TITLE_MAX_CHARS
from notifications.links import check_link
from notifications.models import Broadcast, Level


class EditForm(WhenForm):
    """`revision` is the one that the page shows."""

    revision = forms.IntegerField(widget=forms.HiddenInput, min_value=0)
    title = forms.CharField(label=_("Title"), max_length=TITLE_MAX_CHARS, widget=AdminTextInputWidget)
    text = forms.CharField(
        label=_("Text"), max_length=TEXT_MAX_CHARS, required=False, widget=AdminTextareaWidget
    )
    level = forms.ChoiceField(label=_("Level"), choices=Level.choices)
    link = forms.CharField(
        label=_("Link"),
        max_length=LINK_MAX_CHARS,
        required=False,
        widget=AdminTextInputWidget,
        validators=[check_link],
    )

    @classmethod
    def of(cls, broadcast: Broadcast, data: Any = None) -> EditForm:
        """As the broadcast is, or as it was sent back; times that nobody has changed may have passed."""
        initial = {
            **{name: getattr(broadcast, name) for name in ("title", "text", "level", "link")},
            **when_initial(broadcast),
            "revision": broadcast.revision,
        }
        return cls(data, initial=initial, kept=broadcast.schedule)

    def edit(self) -> Edit:
        """What a valid form changes."""
        cleaned = self.cleaned_data
        return Edit(
            revision=cleaned["revision"],
            title=cleaned["title"],
            text=cleaned["text"],
            level=cleaned["level"],
            link=cleaned["link"],
            schedule=at_once(timezone.now()) if cleaned["when"] == NOW else self.schedule(),
        )
