from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

import pytest

from chat.moderation.barriers import barrier, wait_before_next
from chat.moderation.ranks import SERVER, may_post, moderates, outranks
from chat.moderation.times import FOREVER

NOW = datetime(2026, 11, 29, 12, 0, tzinfo=UTC)
ROLES = ("guest", "member", "moderator", "owner")


@dataclass
class Rules:
    posting: str = "everybody"
    slow_mode_s: int = 0


@dataclass
class Standing:
    role: str = "member"
    muted_until: datetime | str | None = None
    mute_reason: str = ""
    barred: bool = False
    sent_at: datetime | str | None = None


def code(rules: Rules, standing: Standing) -> str:
    error = barrier(rules, standing, NOW)
    return "" if error is None else error.wire_code


def test_each_role_outranks_those_below_and_staff_outrank_all() -> None:
    assert [[outranks(one, other) for other in ROLES] for one in ROLES] == [
        [False, False, False, False],
        [True, False, False, False],
        [True, True, False, False],
        [True, True, True, False],
    ]
    assert all(outranks(SERVER, role) for role in ROLES)
    assert [moderates(role) for role in ROLES] == [False, False, True, True]


def test_who_may_post() -> None:
    assert {
        posting: [may_post(posting, role) for role in ROLES]
        for posting in ("everybody", "moderators", "owners")
    } == {
        "everybody": [True, True, True, True],
        "moderators": [False, False, True, True],
        "owners": [False, False, False, True],
    }


def test_a_mute_says_why_and_until_when_and_ends_by_itself() -> None:
    muted = Standing(muted_until=NOW + timedelta(minutes=5), mute_reason="loud")
    error = barrier(Rules(), muted, NOW)
    assert error is not None
    assert error.as_dict()["data"] == {"reason": "loud", "until": "2026-11-29T12:05:00+00:00"}
    assert "until 2026-11-29 12:05 UTC. Reason: loud" in error.sentence
    assert code(Rules(), Standing(muted_until=NOW)) == ""
    assert code(Rules(), Standing(muted_until="9999-12-31 00:00:00")) == "muted"
    forever = barrier(Rules(), Standing(muted_until=FOREVER), NOW)
    assert forever is not None
    assert forever.data["until"] is None


def test_a_closed_room_and_a_blocked_person_are_told_apart() -> None:
    assert code(Rules(posting="owners"), Standing(role="moderator")) == "posting_closed"
    assert code(Rules(), Standing(barred=True)) == "cannot_write"


@pytest.mark.parametrize(
    ("role", "waits"), [("guest", True), ("member", True), ("moderator", False), ("owner", False)]
)
def test_slow_mode_is_for_members_and_guests(role: str, waits: bool) -> None:
    just_now = Standing(role=role, sent_at=NOW - timedelta(seconds=1))
    assert (wait_before_next(Rules(slow_mode_s=30), just_now, NOW) is not None) is waits


def test_slow_mode_says_how_long_and_never_longer_than_it_is() -> None:
    slow = Rules(slow_mode_s=30)
    assert wait_before_next(slow, Standing(), NOW) is None
    assert wait_before_next(slow, Standing(sent_at=NOW - timedelta(seconds=30)), NOW) is None
    error = wait_before_next(slow, Standing(sent_at="2026-11-29 11:59:50.500"), NOW)
    assert error is not None
    assert error.retry_after_ms == 20_501
    # The database's clock is ahead.
    error = wait_before_next(slow, Standing(sent_at=NOW + timedelta(hours=1)), NOW)
    assert error is not None
    assert error.retry_after_ms == 30_001
    assert wait_before_next(slow, Standing(), NOW, just_wrote=True) is not None
