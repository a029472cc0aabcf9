"""Administrators set up webhooks, and look at what notifications say."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any
from zoneinfo import ZoneInfo

import msgspec
from csp.constants import SELF, UNSAFE_INLINE
from csp.decorators import csp_replace
from django import forms
from django.conf import settings
from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.urls import URLPattern, path
from django.utils.decorators import method_decorator
from django.utils.translation import gettext_lazy as _
from django.views.decorators.clickjacking import xframe_options_sameorigin

from notifications.channels.base import IN_APP, all_channels
from notifications.channels.outbound import checked_target
from notifications.channels.webhook import webhook_change_secret
from notifications.errors import BadData, BadEndpoint
from notifications.models import Notice, WebhookEndpoint
from notifications.policies import may_view
from notifications.preview import Preview, preview, sample_of
from notifications.types import all_types, known_type


class WebhookEndpointForm(forms.ModelForm):
    class Meta:
        model = WebhookEndpoint
        fields = ("name", "url", "user", "active")

    def clean_url(self) -> str:
        url: str = self.cleaned_data["url"]
        try:
            checked_target(url)
        except BadEndpoint as error:
            raise forms.ValidationError(str(error)) from None
        return url


@admin.register(WebhookEndpoint)
class WebhookEndpointAdmin(admin.ModelAdmin):
    """The secret is shown to whoever may change the endpoint: the receiver needs it."""

    form = WebhookEndpointForm
    list_display = ("name", "url", "user", "active")
    list_filter = ("active",)
    search_fields = ("name", "url")
    raw_id_fields = ("user",)
    actions = ("change_secrets",)

    def get_readonly_fields(
        self, request: HttpRequest, obj: WebhookEndpoint | None = None
    ) -> tuple[str, ...]:
        return ("secret",) if obj is not None and self.has_change_permission(request, obj) else ()

    @admin.action(description="Give new secrets; the old ones sign too for a day", permissions=["change"])
    def change_secrets(self, request: HttpRequest, chosen: QuerySet[WebhookEndpoint]) -> None:
        for endpoint in chosen:
            webhook_change_secret(endpoint)
        self.message_user(request, "New secrets sign from now on.", messages.SUCCESS)


class PreviewForm(forms.Form):
    """What to look at. The data are filled in, of the type's form, until somebody writes others."""

    type = forms.ChoiceField()
    channel = forms.ChoiceField(required=False)
    language = forms.ChoiceField(required=False, choices=lambda: settings.LANGUAGES)
    actor = forms.CharField(required=False, max_length=100, initial="Ada")
    data_of = forms.CharField(required=False, max_length=100, widget=forms.HiddenInput)
    data = forms.CharField(
        required=False, max_length=5000, widget=forms.Textarea(attrs={"rows": 6, "spellcheck": "false"})
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["type"].choices = [(one.name, one.name) for one in all_types()]  # type: ignore[attr-defined]
        channels = [(one.name, one.label) for one in all_channels()]
        self.fields["channel"].choices = [(IN_APP, _("In the app")), *channels]  # type: ignore[attr-defined]

    def clean_data(self) -> dict[str, Any]:
        text = self.cleaned_data["data"].strip()
        if not text:
            return sample_of(known_type(self.cleaned_data["type"])) if "type" in self.cleaned_data else {}
        try:
            return msgspec.json.decode(text, type=dict[str, Any])
        except msgspec.DecodeError as error:
            raise forms.ValidationError(f"This is no JSON object: {error}.") from None

    def shown(self) -> Preview | None:
        """None where something has to be mended first."""
        if not self.is_valid():
            return None
        wanted = self.cleaned_data
        try:
            return preview(
                known_type(wanted["type"]),
                wanted["data"],
                channel=wanted["channel"] or IN_APP,
                language=wanted["language"] or settings.LANGUAGE_CODE,
                zone=ZoneInfo(settings.TIME_ZONE),
                actor=wanted["actor"],
            )
        except BadData as error:
            self.add_error("data", str(error))
            return None


@dataclass(frozen=True, slots=True)
class _Asked:
    """A form as the page shows it: with the data that were filled in."""

    form: PreviewForm
    preview: Preview | None

    @classmethod
    def of(cls, request: HttpRequest) -> _Asked:
        query = request.GET.copy()
        if not query.get("type") and all_types():
            query["type"] = all_types()[0].name
        query.setdefault("actor", "Ada")
        if query.get("data_of") != query.get("type"):  # those of another type do not fit this one
            query["data"] = ""
        form = PreviewForm(query)
        found = form.shown()
        if found is not None and not query.get("data", "").strip():
            query["data"] = msgspec.json.format(msgspec.json.encode(form.cleaned_data["data"])).decode()
        query["data_of"] = query.get("type", "")
        return cls(form, found)


@admin.register(Notice)
class NoticeAdmin(admin.ModelAdmin):
    """Notices are made by `notify()` alone; here one looks at what they say."""

    def has_module_permission(self, request: HttpRequest) -> bool:
        return may_view(request.user)

    def has_view_permission(self, request: HttpRequest, obj: Notice | None = None) -> bool:
        return may_view(request.user)

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Notice | None = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Notice | None = None) -> bool:
        return False

    def get_urls(self) -> list[URLPattern]:
        html = self.admin_site.admin_view(self.html_view)
        return [path("html/", html, name="notifications_notice_html"), *super().get_urls()]

    def changelist_view(
        self, request: HttpRequest, extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        """The form, and what it finds."""
        asked = self._asked(request)
        context = {
            **self.admin_site.each_context(request),
            "opts": self.opts,
            "title": _("What notifications say"),
            "form": asked.form,
            "preview": asked.preview,
            "query": asked.form.data.urlencode(),
        }
        return TemplateResponse(request, "admin/notifications/notice/preview.html", context)

    # An e-mail carries its styles with it, and is shown in a frame of this page alone.
    @method_decorator(xframe_options_sameorigin)
    @method_decorator(
        csp_replace({"frame-ancestors": [SELF], "style-src": [UNSAFE_INLINE], "script-src": ["'none'"]})
    )
    def html_view(self, request: HttpRequest) -> HttpResponse:
        """The e-mail by itself."""
        found = self._asked(request).preview
        return HttpResponse(found.html if found is not None else "")

    def _asked(self, request: HttpRequest) -> _Asked:
        if not self.has_view_permission(request):
            raise PermissionDenied
        return _Asked.of(request)
