"""The form that a broadcast is written and changed in, and what its script asks meanwhile."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.contrib.admin import helpers
from django.contrib.auth import get_user_model
from django.forms import Media
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect, JsonResponse
from django.urls import URLPattern, path
from django.utils.decorators import method_decorator
from django.utils.translation import gettext, gettext_noop, ngettext
from django.utils.translation import gettext_lazy as _
from django.views.decorators.csrf import csrf_protect

from notifications import audiences
from notifications.admin.pages import CockpitPages, found_or_404, only_post, page_of
from notifications.broadcasts.drafts import draft_save
from notifications.broadcasts.forms import AudienceForm, BroadcastForm, fieldsets, form_initial
from notifications.broadcasts.script_words import form_words
from notifications.broadcasts.wording import words
from notifications.conf import TEXT_MAX_CHARS, TITLE_MAX_CHARS
from notifications.errors import EditedMeanwhile, EmptyAudience, NotADraft
from notifications.models import Broadcast, Status
from notifications.policies import may_send
from realtime import RealtimeError

PEOPLE_PER_PAGE = 20
SUBMITTED_BEFORE = _(
    "This form was submitted before; it was not sent again. This is the broadcast it made. "
    "To send another one, start with an empty form."
)
NOBODY = _("Nobody is in this audience, so nothing was sent. Choose another one.")


class WritingPages(CockpitPages):
    def writing_urls(self) -> list[URLPattern]:
        wrap = self.admin_site.admin_view
        return [
            path("people/", wrap(self.people_view), name="notifications_broadcast_people"),
            path("reach/", wrap(self.reach_view), name="notifications_broadcast_reach"),
            path("preview/", wrap(self.preview_view), name="notifications_broadcast_preview"),
            path("<int:pk>/edit/", wrap(self.edit_view), name="notifications_broadcast_edit"),
        ]

    @method_decorator(csrf_protect)
    def add_view(
        self, request: HttpRequest, form_url: str = "", extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        """The empty form, and what becomes of a filled one: a draft."""
        self.require(request, may_send(request.user), "write a broadcast")
        if request.method != "POST":
            return self._form_page(request, BroadcastForm(admin_site=self.admin_site))
        return self._save(request, None)

    @method_decorator(csrf_protect)
    def edit_view(self, request: HttpRequest, pk: int) -> HttpResponse:
        """The form of a draft; of what was submitted, that of its words and times to come."""
        self.require(request, may_send(request.user), gettext_noop("change a broadcast"), pk)
        draft = found_or_404(pk)
        if draft.status != Status.DRAFT:
            return super().edit_view(request, pk)  # type: ignore[no-any-return, misc]
        if request.method != "POST":
            form = BroadcastForm(initial=form_initial(draft), draft=draft, admin_site=self.admin_site)
            return self._form_page(request, form)
        return self._save(request, draft)

    def reach_view(self, request: HttpRequest) -> JsonResponse:
        """How many people the audience fields name now, as a number and as a sentence."""
        self.require(request, may_send(request.user), "count an audience")
        form = AudienceForm(request.GET)
        people = (audiences.count(form.audience()) or 0) if form.is_valid() else None
        return JsonResponse({"people": people, "says": _reach(people)})

    @method_decorator(csrf_protect)
    def preview_view(self, request: HttpRequest) -> JsonResponse:
        """What a title and a text look like: the same words that people get."""
        only_post(request)
        self.require(request, may_send(request.user), "preview a text")
        title, text = request.POST.get("title", "")[:TITLE_MAX_CHARS], request.POST.get("text", "")
        return JsonResponse(words(title, text[:TEXT_MAX_CHARS]))

    def people_view(self, request: HttpRequest) -> JsonResponse:
        """Active people whose name contains `term`, in the form the admin's searching select reads."""
        self.require(request, may_send(request.user), "search people")
        term = request.GET.get("term", "").replace("\0", "")[:100]
        page = _page_number(request.GET.get("page", "1"))
        people = (
            get_user_model().objects.filter(is_active=True, username__icontains=term).order_by("username")
        )
        first = (page - 1) * PEOPLE_PER_PAGE
        found = list(people[first : first + PEOPLE_PER_PAGE + 1])
        return JsonResponse(
            {
                "results": [{"id": str(user.pk), "text": str(user)} for user in found[:PEOPLE_PER_PAGE]],
                "pagination": {"more": len(found) > PEOPLE_PER_PAGE},
            }
        )

    def _save(self, request: HttpRequest, draft: Broadcast | None) -> HttpResponse:
        form = BroadcastForm(request.POST, request.FILES, draft=draft, admin_site=self.admin_site)
        if not form.is_valid():
            return self._form_page(request, form)
        key = draft.form_key if draft is not None else form.cleaned_data["form_key"]
        try:
            saved = draft_save(form.written(), form_key=key, seen=form.cleaned_data["seen"], by=request.user)
        except EmptyAudience:
            messages.warning(request, NOBODY)
            return self._form_page(request, form)
        except (NotADraft, EditedMeanwhile) as error:
            messages.warning(request, SUBMITTED_BEFORE if isinstance(error, NotADraft) else error.sentence)
            return HttpResponseRedirect(page_of(Broadcast.objects.get(form_key=key).pk))
        except RealtimeError as error:
            messages.error(request, error.sentence)
            return self._form_page(request, form)
        return HttpResponseRedirect(page_of(saved.pk))

    def _form_page(self, request: HttpRequest, form: BroadcastForm) -> HttpResponse:
        admin_form = helpers.AdminForm(form, fieldsets(form), {}, model_admin=self)  # type: ignore[arg-type]
        return self.page(
            request,
            "form",
            title=gettext("Change the broadcast") if form.draft else gettext("Write a broadcast"),
            form=form,
            draft=form.draft,
            adminform=admin_form,
            errors=helpers.AdminErrorList(form, []) if form.is_bound else [],
            words=form_words(),
            media=self.media + Media(js=["admin/js/core.js"]) + form.media,
        )


def _reach(people: int | None) -> str:
    if people is None:
        return gettext("Choose who gets it to see how many people that is.")
    if not people:
        return gettext("This reaches nobody: choose another audience.")
    reaches = ngettext("This reaches %(number)s person.", "This reaches %(number)s people.", people)
    return reaches % {"number": people}


def _page_number(text: str) -> int:
    return (
        min(int(text), 1000) if text.isascii() and text.isdigit() and 0 < len(text) < 6 and int(text) else 1
    )
