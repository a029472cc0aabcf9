from __future__ import annotations

from datetime import timedelta
from typing import Any

import msgspec
import pytest
from django.utils import timezone

from accounts.models import Device, User
from accounts.services import token_issue, user_set_guest, user_with_password
from chat import selectors, services
from chat.models import AuditEntry, Member, RoomBan
from chat.moderation import services as order
from realtime import RealtimeError
from realtime.log.models import Event
from tests.support.people import PASSWORD, client_id, make_direct, make_room, make_user
from tests.unit.chat.moderation.conftest import Club

pytestmark = pytest.mark.django_db


def refusal(work: Any, **arguments: Any) -> str:
    """The code of the error, or "" where there was none."""
    try:
        work(client_id=client_id(), **arguments)
    except RealtimeError as error:
        return error.wire_code
    return ""


def role(club: Club, by: User, of: User, becoming: str) -> str:
    return refusal(order.role_change, user=by, room=club.room, member=of.pk, role=becoming)


def last_event(stream: str) -> tuple[str, Any]:
    event = Event.objects.filter(stream=stream).latest("id")
    return event.name, msgspec.json.decode(event.data)


# ---- roles


def test_owners_give_roles_and_nobody_else_does(club: Club) -> None:
    assert role(club, club.moderator, club.bo, "moderator") == "not_owner"
    assert role(club, club.bo, club.bo, "owner") == "not_owner"
    assert role(club, club.owner, club.bo, "moderator") == ""
    assert last_event(f"room:{club.room}") == ("chat.role_changed", {"user": club.bo.pk, "role": "moderator"})
    assert role(club, club.owner, club.bo, "owner") == ""
    assert role(club, club.bo, club.owner, "member") == "", "owners are equals"
    assert ("Ada", "changed the role of", "Bo") in club.acts()


@pytest.mark.parametrize("becoming", ["guest", "admin", "", "Owner"])
def test_only_three_roles_are_given(club: Club, becoming: str) -> None:
    assert role(club, club.owner, club.bo, becoming) == "bad_role"


def test_a_room_keeps_an_owner_and_a_guest_stays_a_guest(club: Club) -> None:
    assert role(club, club.owner, club.owner, "member") == "last_owner"
    assert role(club, club.owner, club.vera, "moderator") == "guest"
    assert role(club, club.owner, make_user(), "member") == "not_found"


def test_when_the_owner_leaves_a_moderator_inherits_before_older_members_and_never_a_guest(
    club: Club,
) -> None:
    services.room_leave(user=club.owner, room=club.room, client_id=client_id())
    assert club.member(club.moderator).role == "owner"
    for user in (club.moderator, club.bo, club.cy):
        services.room_leave(user=user, room=club.room, client_id=client_id())
    assert club.member(club.vera).role == "guest"


def test_members_are_listed_by_role_and_only_moderators_see_who_is_muted(club: Club) -> None:
    order.member_mute(
        user=club.owner, room=club.room, member=club.bo.pk, until=None, reason="", client_id=client_id()
    )
    listed = selectors.members_of(club.moderator.pk, club.room)
    assert [(one.username, one.role, one.muted) for one in listed] == [
        ("ada", "owner", False),
        ("max", "moderator", False),
        ("bo", "member", True),
        ("cy", "member", False),
        ("vera", "guest", False),
    ]
    assert not any(one.muted for one in selectors.members_of(club.cy.pk, club.room))


# ---- mute, kick, ban


def test_nobody_touches_their_equals_or_betters(club: Club) -> None:
    acts: list[tuple[Any, str, dict[str, Any]]] = [
        (order.member_mute, "member", {"until": None, "reason": ""}),
        (services.room_kick, "kicked", {}),
        (order.member_ban, "banned", {"until": None, "reason": ""}),
    ]
    role(club, club.owner, club.cy, "moderator")
    for work, whom, more in acts:
        for of in (club.owner, club.cy):
            arguments = {"user": club.moderator, "room": club.room, whom: of.pk, **more}
            assert refusal(work, **arguments) == "outranked", work
        assert refusal(work, user=club.bo, room=club.room, **{whom: club.vera.pk}, **more) == "not_moderator"


def test_who_is_muted_is_told_on_all_their_devices_and_it_is_written_down(club: Club) -> None:
    until = timezone.now() + timedelta(minutes=5)
    order.member_mute(
        user=club.moderator, room=club.room, member=club.bo.pk, until=until, reason="  loud\n", client_id="m"
    )
    name, data = last_event(f"user:{club.bo.pk}")
    assert (name, data["muted"], data["reason"]) == ("chat.muted", True, "loud")
    (mine,) = selectors.rooms_of(club.bo.pk)
    assert (mine.muted, mine.muted_until, mine.mute_reason) == (True, until, "loud")
    entry = AuditEntry.objects.filter(act="muted").get()
    assert (entry.reason, entry.details) == ("loud", {"until": until.isoformat()})
    order.member_unmute(user=club.moderator, room=club.room, member=club.bo.pk, client_id=client_id())
    order.member_unmute(user=club.moderator, room=club.room, member=club.bo.pk, client_id=client_id())
    assert [act for _, act, _ in club.acts()][-2:] == ["muted", "unmuted"]


def test_nobody_unmutes_themselves(club: Club) -> None:
    order.member_mute(
        user=club.owner, room=club.room, member=club.moderator.pk, until=None, reason="", client_id="m"
    )
    arguments = {"user": club.moderator, "room": club.room, "member": club.moderator.pk}
    assert refusal(order.member_unmute, **arguments) == "outranked"


def test_who_is_kicked_is_told_why_and_may_come_back(club: Club) -> None:
    services.room_kick(
        user=club.moderator, room=club.room, kicked=club.bo.pk, reason="cool down", client_id=client_id()
    )
    removed = {"room": club.room, "why": "kicked", "reason": "cool down", "until": None}
    assert last_event(f"user:{club.bo.pk}") == ("chat.room_removed", removed)
    services.room_invite(user=club.cy, room=club.room, invited=club.bo.pk, client_id=client_id())
    assert club.code(club.bo) == "sent"


def test_the_banned_are_out_and_cannot_come_back_until_it_is_over(club: Club) -> None:
    until = timezone.now() + timedelta(days=1)
    arguments = {"user": club.moderator, "room": club.room}
    order.member_ban(**arguments, banned=club.bo.pk, until=until, reason="rude", client_id=client_id())
    name, data = last_event(f"user:{club.bo.pk}")
    assert (name, data["why"], data["reason"]) == ("chat.room_removed", "banned", "rude")
    assert club.code(club.bo) == "not_found"
    invite = {"user": club.cy, "room": club.room, "invited": club.bo.pk}
    with pytest.raises(RealtimeError, match=r"Bo is banned from this room until .*\. Reason: rude") as caught:
        services.room_invite(**invite, client_id=client_id())
    assert caught.value.as_dict()["data"]["user"] == club.bo.pk
    RoomBan.objects.update(until=timezone.now())
    assert refusal(services.room_invite, **invite) == "", "it lifts itself"


def test_a_ban_from_a_public_room_keeps_from_joining_who_was_never_in_it() -> None:
    ada, bo = make_user(), make_user()
    room = make_room(ada, kind="public")
    order.member_ban(user=ada, room=room, banned=bo.pk, until=None, reason="", client_id=client_id())
    assert refusal(services.room_join, user=bo, room=room) == "banned"
    order.ban_lift(user=ada, room=room, banned=bo.pk, client_id=client_id())
    assert refusal(services.room_join, user=bo, room=room) == ""
    assert refusal(order.ban_lift, user=ada, room=room, banned=bo.pk) == "not_found"


def test_direct_conversations_have_no_moderators(staff: User) -> None:
    ada, bo = make_user(), make_user()
    room = make_direct(ada, bo)
    for user in (ada, staff):
        arguments = {"user": user, "room": room, "until": None, "reason": ""}
        assert refusal(order.member_mute, member=bo.pk, **arguments) == "direct_room"
        assert refusal(order.member_ban, banned=bo.pk, **arguments) == "direct_room"


def test_staff_with_the_permission_moderate_rooms_that_they_are_not_in(club: Club, staff: User) -> None:
    assert role(club, staff, club.moderator, "member") == ""
    order.member_ban(
        user=staff, room=club.room, banned=club.owner.pk, until=None, reason="", client_id=client_id()
    )
    assert not Member.objects.filter(room_id=club.room, user=club.owner).exists()
    staff.user_permissions.clear()
    assert role(club, staff, club.bo, "owner") == "not_found", "the right is asked each time"


@pytest.mark.parametrize(
    "rules",
    [
        {"posting": "nobody"},
        {"slow_mode_s": -1},
        {"slow_mode_s": 21_601},
        {"retention_days": -1},
        {"retention_days": 3_651},
    ],
)
def test_rules_that_make_no_sense_are_refused(club: Club, rules: dict[str, Any]) -> None:
    with pytest.raises(RealtimeError) as caught:
        club.rules(**rules)
    assert caught.value.wire_code == "bad_rules"


def test_what_changes_about_a_room_is_written_down_with_what_it_was(club: Club) -> None:
    club.rules(posting="owners")
    club.rules(posting="owners")
    services.room_change(user=club.owner, room=club.room, name="Den", topic=None, client_id=client_id())
    details = [entry.details for entry in AuditEntry.objects.order_by("pk")][-2:]
    assert [one["before"] for one in details] == [
        {"posting": "everybody", "slow_mode_s": 0, "retention_days": None},
        {"name": "Club", "topic": "", "mention_all": "small_rooms"},
    ]
    assert details[1]["after"]["name"] == "Den"


# ---- everywhere


def test_a_ban_from_everything_ends_every_log_in_and_says_why(club: Club, staff: User) -> None:
    tokens = token_issue(club.bo, device_name="phone")
    until = timezone.now() + timedelta(days=2)
    order.person_ban(user=staff, banned=club.bo.pk, until=until, reason="spam", client_id=client_id())
    assert not Device.objects.filter(user=club.bo, revoked_at=None).exists()
    data = [
        msgspec.json.decode(one.data)
        for one in Event.objects.filter(name="access.session_ended").order_by("id")
    ]
    assert data[0] | {"message": ""} == {"user": club.bo.pk, "session": None, "code": "banned", "message": ""}
    assert data[0]["message"].endswith("Reason: spam")
    with pytest.raises(RealtimeError, match=r"banned until .* Reason: spam") as caught:
        user_with_password(username="bo", password=PASSWORD, address="10.0.0.1")
    assert caught.value.http_status == 403
    with pytest.raises(RealtimeError) as caught:
        user_with_password(username="bo", password="wrong", address="10.0.0.1")
    assert caught.value.wire_code == "wrong_credentials", "who does not know the password learns nothing"
    from accounts.services import token_refresh

    with pytest.raises(RealtimeError):
        token_refresh(tokens.refresh)
    User.objects.filter(pk=club.bo.pk).update(banned_until=timezone.now())
    assert user_with_password(username="bo", password=PASSWORD, address="10.0.0.1") == club.bo


def test_nobody_bans_staff_or_themselves(club: Club, staff: User) -> None:
    other = make_user(is_staff=True)
    arguments = {"user": staff, "until": None, "reason": ""}
    assert refusal(order.person_ban, banned=other.pk, **arguments) == "outranked"
    assert refusal(order.person_ban, banned=staff.pk, **arguments) == "bad_user"
    assert refusal(order.person_ban, banned=999_999, **arguments) == "not_found"


def test_a_ban_from_everything_is_lifted(club: Club, staff: User) -> None:
    order.person_ban(user=staff, banned=club.bo.pk, until=None, reason="", client_id=client_id())
    assert order.person_lift_ban(user=staff, banned=club.bo.pk, client_id=client_id()).lifted
    assert not order.person_lift_ban(user=staff, banned=club.bo.pk, client_id=client_id()).lifted
    assert user_with_password(username="bo", password=PASSWORD, address="10.0.0.1") == club.bo


# ---- guests


def test_a_guest_sees_only_their_rooms_and_who_is_in_them(club: Club) -> None:
    from accounts.selectors import people_matching

    stranger = make_user("zoe")
    room = make_room(stranger, kind="public", name="Open")
    assert selectors.public_rooms_matching(club.vera, "") == []
    assert {one.username for one in people_matching(club.vera, "")} == {"ada", "max", "bo", "cy", "vera"}
    assert "zoe" in {one.username for one in people_matching(club.bo, "")}
    assert refusal(services.room_join, user=club.vera, room=room) == "not_found"
    assert refusal(services.room_create, user=club.vera, kind="private", name="x", topic="") == "guest"
    assert refusal(services.room_invite, user=club.vera, room=club.room, invited=stranger.pk) == "guest"
    assert refusal(services.direct_open, user=club.vera, others=[stranger.pk]) == "not_found"
    assert refusal(services.direct_open, user=club.vera, others=[club.bo.pk]) == ""


def test_an_account_that_becomes_a_guests_is_one_in_all_its_rooms_and_back(club: Club) -> None:
    user_set_guest(club.owner, guest=True)
    assert club.member(club.owner).role == "guest"
    assert club.member(club.moderator).role == "owner"
    user_set_guest(club.owner, guest=False)
    assert club.member(club.owner).role == "member"


def test_a_reason_is_one_plain_line_of_bounded_length(club: Club) -> None:
    arguments = {"user": club.owner, "room": club.room, "member": club.bo.pk, "until": None}
    assert refusal(order.member_mute, reason="x" * 301, **arguments) == "bad_reason"
    assert refusal(order.member_mute, reason="a\u202eb\x00", **arguments) == ""
    assert club.member(club.bo).mute_reason == "ab"
