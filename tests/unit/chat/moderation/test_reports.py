from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from accounts.models import User
from chat import amending
from chat.models import AuditEntry, Member, Message, Report
from chat.moderation import reports, selectors
from notifications.models import Notification
from realtime import RealtimeError
from realtime.log.models import Event
from tests.support.people import client_id, make_direct, make_room, make_user, say
from tests.support.together import all_together
from tests.unit.chat.moderation.conftest import Club

pytestmark = pytest.mark.django_db


def make(
    user: User, message: int | None = None, person: int | None = None, why: str = "spam", text: str = ""
) -> int:
    answer = reports.report(
        user=user, message=message, person=person, why=why, text=text, client_id=client_id()
    )
    return answer.report


def close(user: User, report: int, action: str, reason: str = "", until: Any = None) -> str:
    """The outcome, or the code of the error."""
    try:
        handled = reports.report_close(
            user=user, report=report, action=action, reason=reason, until=until, client_id=client_id()
        )
    except RealtimeError as error:
        return error.wire_code
    return handled.report.outcome


def code(work: Any, **arguments: Any) -> str:
    with pytest.raises(RealtimeError) as caught:
        work(client_id=client_id(), **arguments)
    return caught.value.wire_code


def lines(user: User) -> list[str]:
    return list(Notification.objects.filter(recipient=user).order_by("pk").values_list("title", flat=True))


def test_a_report_keeps_what_was_said_and_reaches_moderators_but_not_whom_it_is_about(club: Club) -> None:
    message = club.say(club.moderator, "buy this")
    report = make(club.bo, message, text="again and again")
    amending.message_edit(user=club.moderator, message=message, text="nothing", client_id=client_id())
    shown = selectors.report_in_context(club.owner, report)
    assert (shown.report.excerpt, shown.report.text) == ("buy this", "again and again")
    assert [one.text for one in shown.messages] == ["nothing"]
    assert lines(club.owner) == ["Reported in Club: Max"]
    assert lines(club.moderator) == []
    assert selectors.queue_of(club.moderator).reports.items == []
    assert [one.id for one in selectors.queue_of(club.owner).reports.items] == [report]
    streams = set(Event.objects.filter(name="moderation.report_changed").values_list("stream", flat=True))
    assert streams == {f"moderation:{club.room}", "moderation:all"}


def test_the_context_is_a_few_messages_before_and_after(club: Club) -> None:
    for number in range(8):
        club.say(club.cy, f"before {number}")
    report = make(club.bo, club.say(club.cy, "that"))
    for number in range(8):
        club.say(club.cy, f"after {number}")
    texts = [one.text for one in selectors.report_in_context(club.moderator, report).messages]
    assert texts == [f"before {n}" for n in range(3, 8)] + ["that"] + [f"after {n}" for n in range(5)]


def test_the_same_report_is_made_once_and_too_many_are_refused(club: Club, settings: Any) -> None:
    settings.CHAT = {"reports_per_hour": 3}
    message = club.say(club.cy)
    assert make(club.bo, message) == make(club.bo, message, why="hate")
    make(club.bo, club.say(club.cy))
    make(club.bo, person=club.cy.pk)
    arguments = {"user": club.bo, "message": club.say(club.cy), "person": None, "why": "spam", "text": ""}
    assert code(reports.report, **arguments) == "too_many_reports"
    Report.objects.update(created_at=timezone.now() - timedelta(hours=2))
    assert make(club.bo, club.say(club.cy))


def test_what_is_no_report_is_refused(club: Club) -> None:
    message, own = club.say(club.cy), club.say(club.bo)
    gone = club.say(club.cy)
    amending.message_delete(user=club.cy, message=gone, client_id=client_id())
    usual = {"user": club.bo, "message": message, "person": None, "why": "spam", "text": ""}
    wrong = {
        "bad_report": [{"why": "boring"}, {"person": club.cy.pk}, {"message": None}, {"text": "x" * 1001}],
        "bad_user": [{"message": own}],
        "not_found": [{"message": gone}, {"message": 999_999}, {"message": None, "person": 999_999}],
    }
    for expected, cases in wrong.items():
        for case in cases:
            assert code(reports.report, **{**usual, **case}) == expected, case


def test_a_direct_message_is_for_staff_alone(staff: User) -> None:
    ada, bo = make_user("ada"), make_user("bo")
    (message,) = say(bo, make_direct(ada, bo), "hey")
    report = make(ada, message)
    assert selectors.queue_of(bo).reports.items == []
    assert [one.text for one in selectors.report_in_context(staff, report).messages] == ["hey"]
    assert lines(staff) == ["Reported: bo"]
    assert close(staff, report, "mute") == "bad_action"
    assert close(staff, report, "delete", "rude") == "deleted"
    assert Message.objects.get(pk=message).deleted_by == staff


@pytest.mark.parametrize(
    ("action", "outcome"),
    [
        ("dismiss", "dismissed"),
        ("delete", "deleted"),
        ("warn", "warned"),
        ("mute", "muted"),
        ("ban", "banned"),
    ],
)
def test_each_action_is_done_written_down_and_told(club: Club, action: str, outcome: str) -> None:
    message = club.say(club.cy, "buy this")
    report = make(club.bo, message)
    assert close(club.moderator, report, action, "please don't") == outcome
    assert Message.objects.get(pk=message).deleted_at is not None if action == "delete" else True
    here = Member.objects.filter(room_id=club.room, user=club.cy).first()
    assert (here is None) == (action == "ban")
    assert action != "mute" or (here is not None and here.muted_until is not None)
    warned = ["A warning from the moderators of Club"] if action == "warn" else []
    assert lines(club.cy) == warned
    done = "nothing was done" if action == "dismiss" else "something was done"
    assert lines(club.bo) == [f"Your report about Cy was looked at: {done}"]
    closed = AuditEntry.objects.filter(act__startswith="closed a report").get()
    assert (closed.actor, closed.person, closed.reason) == (club.moderator, club.cy, "please don't")
    assert close(club.owner, report, "dismiss") == "report_closed"
    assert selectors.queue_of(club.owner).reports.items == []
    page = selectors.reports_page(club.owner, state="closed", room=club.room, before=None)
    assert [(one.id, one.outcome) for one in page.items] == [(report, outcome)]


def test_all_who_reported_a_message_are_answered_at_once(club: Club) -> None:
    message = club.say(club.cy, "buy this")
    first, second = make(club.bo, message), make(club.vera, message)
    other = make(club.bo, club.say(club.cy))
    assert close(club.moderator, first, "delete") == "deleted"
    outcomes = dict(Report.objects.values_list("pk", "outcome"))
    assert outcomes == {first: "deleted", second: "deleted", other: ""}
    assert len(lines(club.bo)) == len(lines(club.vera)) == 1


def test_a_claim_keeps_others_off_for_a_while(club: Club) -> None:
    report = make(club.bo, club.say(club.cy))
    reports.report_claim(user=club.moderator, report=report, client_id=client_id())
    assert code(reports.report_claim, user=club.owner, report=report) == "report_claimed"
    assert close(club.owner, report, "dismiss") == "report_claimed"
    Report.objects.update(claimed_until=timezone.now())
    claimed = reports.report_claim(user=club.owner, report=report, client_id=client_id())
    assert claimed.report.claimed_by is not None
    assert claimed.report.claimed_by.id == club.owner.pk
    reports.report_release(user=club.owner, report=report, client_id=client_id())
    assert close(club.moderator, report, "dismiss") == "dismissed"


def test_moderators_act_within_their_rank(club: Club, staff: User) -> None:
    about_owner = make(club.bo, club.say(club.owner))
    assert close(club.moderator, about_owner, "mute") == "outranked"
    assert close(club.moderator, about_owner, "ban_everywhere") == "staff_only"
    assert close(club.moderator, about_owner, "warn") == "bad_action", "a warning says why"
    assert close(club.moderator, about_owner, "burn") == "bad_action"
    assert close(staff, about_owner, "ban_everywhere", "spam") == "banned_everywhere"
    club.owner.refresh_from_db()
    assert club.owner.is_banned


def test_a_report_about_a_person_is_for_staff(club: Club, staff: User) -> None:
    report = make(club.bo, person=club.cy.pk, why="harassment", text="everywhere")
    assert code(reports.report_claim, user=club.owner, report=report) == "not_found"
    assert close(staff, report, "ban") == "bad_action"
    assert close(staff, report, "delete") == "bad_action"
    assert close(staff, report, "warn", "stop it") == "warned"


def test_reading_the_queue_costs_the_same_whatever_is_in_it(club: Club) -> None:
    def cost() -> int:
        with CaptureQueriesContext(connection) as captured:
            selectors.queue_of(club.owner)
        return len(captured)

    make(club.bo, club.say(club.cy))
    few = cost()
    for _ in range(8):
        make(club.bo, club.say(club.cy))
    assert cost() == few


@pytest.mark.django_db(transaction=True)
def test_two_moderators_at_the_same_moment_do_one_thing() -> None:
    ada, max_, bo, cy = (make_user(name) for name in ("ada", "max", "bo", "cy"))
    room = make_room(ada, max_, bo, cy)
    Member.objects.filter(room_id=room, user=max_).update(role="moderator")
    (message,) = say(cy, room, "buy this")
    report = make(bo, message)
    got = all_together([lambda: close(ada, report, "delete"), lambda: close(max_, report, "mute")])
    assert sorted(got) in (["deleted", "report_closed"], ["muted", "report_closed"])
    assert Notification.objects.filter(recipient=bo).count() == 1
