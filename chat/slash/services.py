"""Carries out what somebody wrote with a slash in front."""

from __future__ import annotations

from difflib import get_close_matches

from accounts.models import User
from chat.payloads import Sent
from chat.policies import room_for_reading
from chat.sending import message_send
from chat.slash.errors import UnknownSlashCommand
from chat.slash.payloads import SlashCommand as CommandPayload
from chat.slash.payloads import SlashResult
from chat.slash.registry import SlashCall, Whisper, all_commands, known_command
from realtime import once

MAX_CHARACTERS = 4000


def slash_run(*, user: User, room: int, text: str, client_id: str) -> SlashResult:
    """Carries `text` out, which begins with a slash; two slashes send the rest as it is, with one.

    Raises RoomNotFound, UnknownSlashCommand, and what the command raises.
    """
    return once(
        user_id=user.pk,
        client_id=client_id,
        name="chat.slash_run",
        result=SlashResult,
        run=lambda: _run(user, room, text[: MAX_CHARACTERS + 2].strip(), client_id),
    )


def commands() -> list[CommandPayload]:
    """All there are, by name."""
    return [CommandPayload(one.name, one.usage, one.description) for one in all_commands()]


def _run(user: User, room: int, text: str, client_id: str) -> SlashResult:
    room_for_reading(user.pk, room)
    if text.startswith("//"):
        return SlashResult("", _say(user, room, text[1:], client_id))
    word, _, rest = text.removeprefix("/").partition(" ")
    name = word.casefold()
    command = known_command(name)
    if command is None:
        raise _unknown(name)
    outcome = command.handler(SlashCall(user, room, rest.strip(), client_id))
    if isinstance(outcome, str):
        return SlashResult("", _say(user, room, outcome, client_id))
    return SlashResult(outcome.text if isinstance(outcome, Whisper) else "", None)


def _say(user: User, room: int, text: str, client_id: str) -> Sent:
    """Under a client_id of its own: the command's names the command."""
    return message_send(author=user, room=room, text=text, client_id=f"slash-{client_id}"[:64])


def _unknown(name: str) -> UnknownSlashCommand:
    near = get_close_matches(name[:32], [one.name for one in all_commands()], n=1)
    if near:
        return UnknownSlashCommand(f"There is no command /{name[:32]}. Do you mean /{near[0]}?")
    return UnknownSlashCommand()
