"""Types are declared once and checked at start-up; their texts are plain, cut to size, and their links safe."""

from __future__ import annotations

import pytest

from notifications.errors import BadData, UnknownNotificationType
from notifications.types import Text, known_type, notification_type
from realtime import Struct
from tests.support.notification_types import Liked, Offer, Shipped


class Nothing(Struct, frozen=True):
    pass


def test_texts_name_the_data_and_who_caused_it():
    words = known_type("testing.shipped").words(Shipped(number=7, note="By <b>bike</b> & foot"), actor="Ada")
    assert words == Text("Order 7 is on its way, says Ada", "By <b>bike</b> & foot", "/orders/7")


def test_a_group_has_a_title_of_its_own():
    liked = known_type("testing.liked")
    assert liked.words(Liked("tea"), actor="Ada").title == "Ada likes tea"
    assert liked.words(Liked("tea"), actor="Ada", others=1).title == "Ada and 1 other like tea"
    assert liked.words(Liked("tea"), actor="Ada", others=49).title == "Ada and 49 others like tea"


def test_what_is_too_long_is_cut_and_a_title_is_one_line():
    words = known_type("testing.liked").words(Liked("x\ny" * 400), actor="Ada")
    assert len(words.title) == 200
    assert words.title.endswith("…")
    assert "\n" not in words.title


@pytest.mark.parametrize(
    "link", ["javascript:alert(1)", "//evil.example", "/" + "x" * 600, "data:text/html,x"]
)
def test_a_link_that_could_do_harm_is_left_out(link):
    assert known_type("testing.offer").words(Offer(link), actor="").link == ""


def test_data_is_checked_against_the_class():
    shipped = known_type("testing.shipped")
    assert shipped.checked({"number": 7}) == shipped.checked(Shipped(7)) == Shipped(7)
    with pytest.raises(BadData, match=r"testing\.shipped.*number"):
        shipped.checked({"number": "seven"})
    with pytest.raises(BadData, match="missing required field"):
        shipped.checked({})


def test_a_type_that_nobody_declared_is_not_known():
    with pytest.raises(UnknownNotificationType, match=r"testing\.nothing"):
        known_type("testing.nothing")


@pytest.mark.parametrize(
    ("name", "fields", "complaint"),
    [
        ("Shipped", {"title": "x"}, "lower case"),
        ("testing.bad", {"title": "{% nothing %}"}, "cannot be read"),
        ("testing.bad", {"title": "x", "level": "loud"}, "level"),
        ("testing.shipped", {"title": "x"}, "twice"),
    ],
)
def test_mistakes_are_found_at_start_up(name, fields, complaint):
    with pytest.raises(ValueError, match=complaint):
        notification_type(name, **fields)(Nothing)
