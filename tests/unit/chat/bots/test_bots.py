"""Accounts of programs: their tokens, and what ends them."""

from __future__ import annotations

import io

import pytest
from django.core.management import CommandError, call_command
from django.test import Client

from accounts.authentication import authenticate_token, still_valid
from accounts.bots import bot_make, bot_name, bot_renew_token, bot_switch_off, bot_token
from accounts.models import User
from chat.models import Member
from realtime import AccountDisabled, AuthInvalid
from tests.support.people import make_room

pytestmark = pytest.mark.django_db


@pytest.fixture
def bot() -> User:
    return bot_make(bot_name(), "Helper")


def test_a_token_is_its_bot_until_it_is_renewed(bot: User) -> None:
    token = bot_token(bot)
    identity = authenticate_token(token)
    assert (identity.user_id, identity.user.is_bot) == (bot.pk, True)
    assert still_valid([identity]) == {identity.session}
    other = bot_renew_token(bot)
    assert still_valid([identity]) == set()
    with pytest.raises(AuthInvalid):
        authenticate_token(token)
    assert authenticate_token(other).user_id == bot.pk


@pytest.mark.parametrize(
    "change",
    [
        lambda token: token[:-1],
        lambda token: token + "0",
        lambda token: token.replace("bot.", "bot.9", 1),
        lambda token: "bot.1",
        lambda token: "bot.x.y",
        lambda token: "bot." + "9" * 40 + ".y",
        lambda token: "bot.1.ü",
        lambda token: "bot." + "x" * 10_000,
    ],
)
def test_no_other_token_is(bot: User, change: object) -> None:
    with pytest.raises(AuthInvalid):
        authenticate_token(change(bot_token(bot)))  # type: ignore[operator]


def test_another_secret_key_voids_it_unless_the_old_one_is_kept(bot: User, settings: object) -> None:
    token, old = bot_token(bot), settings.SECRET_KEY  # type: ignore[attr-defined]
    settings.SECRET_KEY = "another " * 8  # type: ignore[attr-defined]
    with pytest.raises(AuthInvalid):
        authenticate_token(token)
    settings.SECRET_KEY_FALLBACKS = [old]  # type: ignore[attr-defined]
    assert authenticate_token(token).user_id == bot.pk


def test_one_that_was_switched_off_gets_nowhere(bot: User) -> None:
    token = bot_token(bot)
    bot_switch_off(bot)
    with pytest.raises((AccountDisabled, AuthInvalid)):
        authenticate_token(token)


def test_it_has_no_password_and_uses_the_api_by_its_token(bot: User) -> None:
    assert not bot.has_usable_password()
    headers = {"authorization": f"Bearer {bot_token(bot)}"}
    answer = Client().get("/api/rooms", headers=headers)
    assert (answer.status_code, answer.json()) == (200, [])


def test_the_command_makes_one_that_is_in_its_rooms(ada: User) -> None:
    room = make_room(ada)

    def run(*args: object) -> str:
        said = io.StringIO()
        call_command("bot", *map(str, args), stdout=said)
        return said.getvalue().strip()

    token = run("deployer", "--name", "Deployer", "--room", room)
    bot = authenticate_token(token).user
    assert Member.objects.filter(room=room, user=bot).exists()
    renewed = run("deployer", "--renew")
    assert authenticate_token(renewed).user_id == bot.pk
    for wrong in (("deployer",), ("ada", "--renew"), ("nobody", "--off"), ("other", "--room", 10**9)):
        with pytest.raises(CommandError):
            run(*wrong)
    run("deployer", "--off")
    with pytest.raises((AccountDisabled, AuthInvalid)):
        authenticate_token(renewed)
