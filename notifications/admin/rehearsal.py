"""A draft: what would happen, a try on oneself, a second person's approval, and sending it."""

from __future__ import annotations

from typing import Any

import msgspec
from csp.constants import SELF, UNSAFE_INLINE
from csp.decorators import csp_replace
from django.conf import settings
from django.contrib import messages
from django.db import transaction
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect, JsonResponse
from django.urls import URLPattern, path
from django.utils import timezone
from django.utils.decorators import method_decorator
from django.utils.formats import date_format
from django.utils.translation import gettext, gettext_noop
from django.views.decorators.clickjacking import xframe_options_sameorigin
from django.views.decorators.csrf import csrf_protect

from notifications.admin.pages import CockpitPages, found_or_404, only_post, page_of
from notifications.admin.writing import NOBODY, SUBMITTED_BEFORE
from notifications.broadcasts.approval import (
    approval_ask,
    approval_decide,
    approval_needed,
    fingerprint,
    open_question,
    valid_approval,
)
from notifications.broadcasts.drafts import locked_draft
from notifications.broadcasts.forms.words import other_languages
from notifications.broadcasts.history import history
from notifications.broadcasts.messages import channel_labels, mail_of
from notifications.broadcasts.plots import bars
from notifications.broadcasts.rehearsal import rehearse
from notifications.broadcasts.submission import draft_submit, draft_try, needs_typing
from notifications.broadcasts.timing import due_moment_of, due_text, lifetime_text
from notifications.broadcasts.wording import words
from notifications.broadcasts.work import (
    FETCH_PICTURE,
    READ_PEOPLE,
    REHEARSE,
    check_ready,
    job_of_draft,
    people_are_missing,
    picture_is_missing,
    rehearse_later,
    work_of,
)
from notifications.errors import BroadcastNotFound, EmptyAudience, NotADraft
from notifications.models import Broadcast
from notifications.policies import may_approve, may_send, may_view
from realtime import RealtimeError
from realtime.jobs.models import OPEN
from realtime.jobs.services import cancel
from realtime.jobs.status import JobStatus

MAX_NOTE_CHARS = 500
# The states of a job, for people.
_STATES = {
    "queued": gettext_noop("queued"),
    "running": gettext_noop("running"),
    "done": gettext_noop("done"),
    "failed": gettext_noop("failed"),
    "cancelled": gettext_noop("cancelled"),
}


class RehearsalPages(CockpitPages):
    def rehearsal_urls(self) -> list[URLPattern]:
        wrap = self.admin_site.admin_view
        return [
            path("<int:pk>/submit/", wrap(self.submit_view), name="notifications_broadcast_submit"),
            path("<int:pk>/try/", wrap(self.try_view), name="notifications_broadcast_try"),
            path("<int:pk>/ask/", wrap(self.ask_view), name="notifications_broadcast_ask"),
            path("<int:pk>/decide/", wrap(self.decide_view), name="notifications_broadcast_decide"),
            path("<int:pk>/count/", wrap(self.count_view), name="notifications_broadcast_count"),
            path(
                "<int:pk>/mail/<str:language>/",
                wrap(self.mail_view),
                name="notifications_broadcast_mail",
            ),
            path("<int:pk>/work/", wrap(self.work_view), name="notifications_broadcast_work"),
            path(
                "<int:pk>/work/<int:job>/cancel/",
                wrap(self.cancel_work_view),
                name="notifications_broadcast_cancel_work",
            ),
        ]

    def rehearsal_page(self, request: HttpRequest, draft: Broadcast) -> HttpResponse:
        """Everything that somebody wants to know before it goes out."""
        due = due_moment_of(draft) or timezone.now()
        rehearsal = rehearse(draft, now=due)
        approval, question = valid_approval(draft), open_question(draft)
        return self.page(
            request,
            "rehearsal",
            title=gettext("Rehearse the broadcast"),
            broadcast=draft,
            rehearsal=rehearsal,
            due=due_text(draft),
            lifetime=lifetime_text(draft.expires_after) if draft.expires_after else "",
            previews=_previews(draft),
            channels=[channel_labels().get(name, name) for name in draft.channels],
            curve=bars(
                gettext("When people get it, UTC"),
                [(date_format(moment, "d M H:i"), number) for moment, number in rehearsal.moments],
            ),
            needs_typing=needs_typing(rehearsal.people),
            needs_approval=approval_needed(rehearsal.people),
            approval=approval,
            question=question,
            fingerprint=fingerprint(draft),
            work=[_told(job) for job in _work(draft)],
            waits_for_people=people_are_missing(draft),
            waits_for_picture=picture_is_missing(draft),
            mails=_mails(draft),
            refusal=draft.approvals.filter(granted=False).exclude(decided_by=None).first(),
            history=history(draft),
        )

    @method_decorator(csrf_protect)
    def submit_view(self, request: HttpRequest, pk: int) -> HttpResponse:
        """Lets the draft go out."""
        only_post(request)
        self.require(request, may_send(request.user), gettext_noop("send it"), pk)
        try:
            sent = draft_submit(pk, people=_number(request.POST.get("people", "")), by=request.user)
        except BroadcastNotFound as error:
            raise Http404 from error
        except NotADraft:
            messages.warning(request, SUBMITTED_BEFORE)
        except EmptyAudience:
            messages.warning(request, NOBODY)
        except RealtimeError as error:
            messages.error(request, error.sentence)
        else:
            if (due_moment_of(sent) or timezone.now()) > timezone.now():
                said = gettext("“%(title)s” is scheduled for %(due)s.")
            else:
                said = gettext("“%(title)s” is on its way.")
            messages.success(request, said % {"title": sent, "due": due_text(sent)})
        return HttpResponseRedirect(page_of(pk))

    @method_decorator(csrf_protect)
    def try_view(self, request: HttpRequest, pk: int) -> HttpResponse:
        """Sends it to whoever asks, and to nobody else."""
        only_post(request)
        self.require(request, may_send(request.user), gettext_noop("send it to themselves"), pk)
        done = gettext("You have it: look into your inbox, and at the other channels.")
        return self.act(request, pk, lambda: draft_try(pk, to=request.user), done)

    @method_decorator(csrf_protect)
    def ask_view(self, request: HttpRequest, pk: int) -> HttpResponse:
        only_post(request)
        self.require(request, may_send(request.user), gettext_noop("ask for approval"), pk)
        done = gettext("Asked. Somebody else who may approve broadcasts decides on this page.")
        return self.act(request, pk, lambda: approval_ask(pk, by=request.user), done)

    @method_decorator(csrf_protect)
    def decide_view(self, request: HttpRequest, pk: int) -> HttpResponse:
        """A second person's yes or no, to what they saw."""
        only_post(request)
        granted = "approve" in request.POST
        act = gettext_noop("approve it") if granted else gettext_noop("refuse it")
        self.require(request, may_approve(request.user), act, pk)
        note = request.POST.get("note", "").replace("\0", "").strip()[:MAX_NOTE_CHARS]
        seen = request.POST.get("seen", "")

        def decide() -> Any:
            return approval_decide(pk, by=request.user, seen=seen, granted=granted, note=note)

        return self.act(request, pk, decide, gettext("Approved.") if granted else gettext("Refused."))

    @method_decorator(csrf_protect)
    def count_view(self, request: HttpRequest, pk: int) -> HttpResponse:
        """Has a job look at everybody."""
        only_post(request)
        self.require(request, may_send(request.user), gettext_noop("count it"), pk)

        @transaction.atomic
        def begin() -> None:
            draft = locked_draft(pk)
            check_ready(draft)
            at = due_moment_of(draft) or timezone.now()
            rehearse_later(draft, fingerprint(draft), at=at, by=request.user)

        done = gettext("Everybody is being looked at: this page shows how far that is.")
        return self.act(request, pk, begin, done)

    def work_view(self, request: HttpRequest, pk: int) -> JsonResponse:
        """How far the draft's jobs are, for the page's script."""
        self.require(request, may_view(request.user), gettext_noop("see it"), pk)
        return JsonResponse({"jobs": [_told(job) for job in work_of(found_or_404(pk))]})

    @method_decorator(csrf_protect)
    def cancel_work_view(self, request: HttpRequest, pk: int, job: int) -> HttpResponse:
        only_post(request)
        self.require(request, may_send(request.user), gettext_noop("call its work off"), pk)
        if job_of_draft(found_or_404(pk), job) is None:
            raise Http404
        return self.act(request, pk, lambda: cancel(job), gettext("It is called off."))

    @method_decorator(xframe_options_sameorigin)
    @method_decorator(
        csp_replace({"frame-ancestors": [SELF], "style-src": [UNSAFE_INLINE], "script-src": ["'none'"]})
    )
    def mail_view(self, request: HttpRequest, pk: int, language: str) -> HttpResponse:
        """The e-mail by itself, for a frame of the draft's page."""
        self.require(request, may_view(request.user), gettext_noop("see it"), pk)
        draft = found_or_404(pk)
        if language not in dict(settings.LANGUAGES):
            raise Http404
        return HttpResponse(mail_of(draft, language=language))


def _work(draft: Broadcast) -> list[JobStatus]:
    """What goes on, and what went wrong with what it still lacks."""
    lacking = {
        READ_PEOPLE: people_are_missing(draft),
        FETCH_PICTURE: picture_is_missing(draft),
        REHEARSE: False,
    }
    return [one for one in work_of(draft) if one.state in OPEN or lacking.get(one.kind)]


def _told(job: JobStatus) -> dict[str, Any]:
    """For the page and its script. A job's own message is English, so how far it is stands in its place."""
    if job.total and job.state in OPEN:
        says = gettext("%(done)s of %(total)s") % {"done": job.done, "total": job.total}
    else:
        says = job.error or gettext(_STATES[job.state])
    return {**msgspec.to_builtins(job), "label": gettext(job.label), "says": says}


def _mails(draft: Broadcast) -> list[tuple[str, str]]:
    """The languages that an e-mail of it can be looked at in, by code and name; none where it is not sent by e-mail."""
    if "email" not in draft.channels:
        return []
    names = dict(settings.LANGUAGES)
    return [(code, names[code]) for code in (settings.LANGUAGE_CODE, *draft.translations) if code in names]


def _previews(draft: Broadcast) -> list[dict[str, Any]]:
    """The words of each language; the first are those of whoever reads none of the others."""
    names = other_languages()
    translated = [
        {"language": names.get(code, code), "code": code, **words(said["title"], said["text"])}
        for code, said in draft.translations.items()
    ]
    return [
        {
            "language": gettext("All other languages") if translated else "",
            "code": "",
            **words(draft.title, draft.text),
        },
        *translated,
    ]


def _number(text: str) -> int:
    """As a person types it: 5,000 is 5 000 is 5000."""
    digits = "".join(letter for letter in text if letter not in " .,'\u00a0\u202f_")
    return int(digits) if digits.isascii() and digits.isdigit() and len(digits) < 12 else -1
