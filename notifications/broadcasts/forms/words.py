"""What a broadcast says: Markdown, other languages, a picture, a link."""

from __future__ import annotations

from typing import Any

from django import forms
from django.conf import settings
from django.contrib.admin.widgets import AdminTextareaWidget, AdminTextInputWidget
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from notifications.channels import outbound
from notifications.conf import ENDPOINT_MAX_CHARS, LINK_MAX_CHARS, TEXT_MAX_CHARS, TITLE_MAX_CHARS
from notifications.errors import BadEndpoint, BadPicture
from notifications.links import check_link
from notifications.models import Broadcast, Level, Picture
from notifications.pictures import picture_store

TITLE, TEXT = "title", "text"


class WordsForm(forms.Form):
    """Title and text, once more for each language of the installation. `draft` is what is being changed."""

    title = forms.CharField(label=_("Title"), max_length=TITLE_MAX_CHARS, widget=AdminTextInputWidget)
    text = forms.CharField(
        label=_("Text"),
        max_length=TEXT_MAX_CHARS,
        required=False,
        widget=AdminTextareaWidget,
        help_text=_("**bold**, *italic*, [a link](https://…), lists with - at the start of lines."),
    )
    level = forms.ChoiceField(label=_("Level"), choices=Level.choices, initial=Level.INFO)
    link = forms.CharField(
        label=_("Link"),
        max_length=LINK_MAX_CHARS,
        required=False,
        widget=AdminTextInputWidget,
        validators=[check_link],
        help_text=_("Optional. https://… or a page of this site such as /rooms/1."),
    )
    picture = forms.FileField(
        label=_("Picture"),
        required=False,
        help_text=_("Optional. PNG, JPEG, WebP or GIF; shown under the text, scaled down."),
    )
    picture_url = forms.CharField(
        label=_("Or its address"),
        max_length=ENDPOINT_MAX_CHARS,
        required=False,
        widget=AdminTextInputWidget,
        help_text=_("https://… of a picture: it is fetched once, and kept here like an uploaded one."),
    )
    no_picture = forms.BooleanField(label=_("Remove the picture"), required=False)

    draft: Broadcast | None

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for code, language in other_languages().items():
            self.fields[f"{TITLE}_{code}"] = forms.CharField(
                label=gettext("Title, %(language)s") % {"language": language},
                max_length=TITLE_MAX_CHARS,
                required=False,
                widget=AdminTextInputWidget,
            )
            self.fields[f"{TEXT}_{code}"] = forms.CharField(
                label=gettext("Text, %(language)s") % {"language": language},
                max_length=TEXT_MAX_CHARS,
                required=False,
                widget=AdminTextareaWidget,
            )

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or self.cleaned_data
        for code in other_languages():
            title, text = cleaned.get(f"{TITLE}_{code}"), cleaned.get(f"{TEXT}_{code}")
            if text and not title:
                self.add_error(f"{TITLE}_{code}", _("The text of this language needs a title too."))
        self._check_pictures(cleaned)
        return cleaned

    def _check_pictures(self, cleaned: dict[str, Any]) -> None:
        """One picture, or none."""
        if not cleaned.get("picture_url"):
            return
        if cleaned.get("picture") is not None:
            self.add_error("picture_url", _("Choose a file or an address, not both."))
        elif cleaned.get("no_picture"):
            cleaned["picture_url"] = ""

    def translations(self) -> dict[str, dict[str, str]]:
        """Of a valid form: the languages that somebody wrote."""
        cleaned = self.cleaned_data
        return {
            code: {TITLE: cleaned[f"{TITLE}_{code}"], TEXT: cleaned[f"{TEXT}_{code}"]}
            for code in other_languages()
            if cleaned[f"{TITLE}_{code}"]
        }

    def clean_picture(self) -> Picture | None:
        """Stored at once: the same picture again is the same one."""
        file = self.cleaned_data["picture"]
        if not file:
            return None
        try:
            return picture_store(file, by=None)
        except BadPicture as error:
            raise forms.ValidationError(error.sentence) from error

    def clean_picture_url(self) -> str:
        """Whether it may be asked at all; what it answers, the worker sees."""
        url: str = self.cleaned_data["picture_url"].strip()
        if url:
            try:
                outbound.checked_target(url)
            except BadEndpoint as error:
                raise forms.ValidationError(error.sentence) from error
        return url

    def image(self) -> str:
        """The path of the uploaded picture of a valid form, or ""; one from an address is fetched later."""
        picture, draft = self.cleaned_data["picture"], self.draft
        if picture is not None:
            return str(picture.path)
        keeps = draft is not None and not draft.image_url and not self.cleaned_data.get("no_picture")
        return draft.image if keeps and draft is not None and not self.cleaned_data["picture_url"] else ""


def other_languages() -> dict[str, str]:
    """Languages by code, without that of the installation itself."""
    return {code: str(name) for code, name in settings.LANGUAGES if code != settings.LANGUAGE_CODE}


def words_initial(broadcast: Broadcast) -> dict[str, Any]:
    """What the fields of a draft hold."""
    translated = {
        f"{name}_{code}": said[name]
        for code, said in broadcast.translations.items()
        for name in (TITLE, TEXT)
    }
    return {
        "title": broadcast.title,
        "text": broadcast.text,
        "level": broadcast.level,
        "link": broadcast.link,
        "picture_url": broadcast.image_url,
        **translated,
    }
