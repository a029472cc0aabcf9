"""The administrator's page that answers: why did, or did not, this person get this?"""

from __future__ import annotations

from typing import Any

from django import forms
from django.contrib import admin
from django.contrib.auth import get_user_model
from django.core.exceptions import PermissionDenied
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.utils.translation import gettext_lazy as _

from notifications.deliveries.selectors import figures_of, line_of, title_of
from notifications.deliveries.why import channel_label
from notifications.models import Delivery, Notice
from notifications.preferences.selectors import zones_of

SHOWN = 50


class WhyForm(forms.Form):
    """Whom and what it is about; with neither, the newest decisions about anybody."""

    person = forms.CharField(
        label=_("Person"), required=False, max_length=150, help_text=_("Their user name.")
    )
    notice = forms.CharField(
        label=_("Notice"), required=False, max_length=200, help_text=_("Its number, or its key.")
    )

    def clean_person(self) -> Any:
        name = self.cleaned_data["person"].strip()
        if not name:
            return None
        users = get_user_model()
        try:
            return users._default_manager.get_by_natural_key(name)  # type: ignore[attr-defined]
        except users.DoesNotExist:
            raise forms.ValidationError(_("There is nobody of that name.")) from None

    def clean_notice(self) -> Notice | None:
        text = self.cleaned_data["notice"].strip()
        if not text:
            return None
        number = int(text) if text.isascii() and text.isdigit() and len(text) < 19 else 0
        found = Notice.objects.filter(pk=number).first() or Notice.objects.filter(key=text).last()
        if found is None:
            raise forms.ValidationError(_("There is no notice of that number or key."))
        return found


@admin.register(Delivery)
class DeliveryAdmin(admin.ModelAdmin):
    """Decisions are read, never made or changed, here."""

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Delivery | None = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Delivery | None = None) -> bool:
        return False

    def changelist_view(
        self, request: HttpRequest, extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        """The form, and what it finds: decisions as sentences, and of a notice the figures."""
        if not self.has_view_permission(request):
            raise PermissionDenied
        form = WhyForm(request.GET)
        person = notice = None
        if form.is_valid():
            person, notice = form.cleaned_data["person"], form.cleaned_data["notice"]
        found = list(_deliveries(person, notice)[:SHOWN]) if form.is_valid() else []
        context = {
            **self.admin_site.each_context(request),
            "opts": self.opts,
            "title": _("Why did, or did not, this person get this?"),
            "form": form,
            "person": person,
            "notice": notice,
            "notice_title": notice and title_of(notice),
            "figures": _figures(notice) if notice and not person else [],
            "lines": _shown(found),
            "more": len(found) == SHOWN,
        }
        return TemplateResponse(request, "admin/notifications/delivery/why.html", context)


def _deliveries(person: Any, notice: Notice | None) -> QuerySet[Delivery]:
    rows = Delivery.objects.select_related("notice", "recipient").order_by("-pk")
    if person is not None:
        rows = rows.filter(recipient=person)
    return rows if notice is None else rows.filter(notice=notice)


def _figures(notice: Notice) -> list[tuple[str, list[tuple[str, int]]]]:
    return [
        (channel_label(channel), [(why.replace("_", " "), count) for why, count in counts.items()])
        for channel, counts in figures_of(notice).items()
    ]


def _shown(found: list[Delivery]) -> list[dict[str, Any]]:
    """Times are those of the recipient: quiet hours and digests are."""
    zones = zones_of([delivery.recipient_id for delivery in found])
    return [{"delivery": one, "line": line_of(one, zones[one.recipient_id])} for one in found]
