"""The slash commands of chat itself."""

from __future__ import annotations

from accounts.models import User
from accounts.names import username_key
from chat import services
from chat.errors import PersonNotFound
from chat.slash.errors import BadSlashCommand
from chat.slash.registry import SlashCall, Whisper, all_commands, slash_command


@slash_command("help", description="List all commands")
def help_(call: SlashCall) -> Whisper:
    lines = [f"/{one.name} {one.usage}".strip() + f": {one.description}" for one in all_commands()]
    return Whisper("\n".join(lines))


@slash_command("me", usage="[what you do]", description="Say what you do, about yourself")
def me(call: SlashCall) -> str:
    if not call.rest:
        raise BadSlashCommand("Say what you do: /me waves.")
    return f"*{call.user.get_full_name()} {call.rest}*"


@slash_command("shrug", usage="[text]", description="Add a shrug")
def shrug(call: SlashCall) -> str:
    return f"{call.rest} ¯\\\\\\_(ツ)\\_/¯".strip()


@slash_command("topic", usage="[topic]", description="Give the room another topic")
def topic(call: SlashCall) -> Whisper:
    services.room_change(
        user=call.user, room=call.room, name=None, topic=call.rest, client_id=f"topic-{call.client_id}"[:64]
    )
    return Whisper("The topic was changed.")


@slash_command("invite", usage="@name", description="Bring somebody into the room")
def invite(call: SlashCall) -> Whisper:
    name = call.rest.removeprefix("@")
    invited = User.objects.filter(username_key=username_key(name[:64]), is_active=True).first()
    if invited is None:
        raise PersonNotFound(f"There is nobody called @{name[:64]}.")
    services.room_invite(
        user=call.user, room=call.room, invited=invited.pk, client_id=f"invite-{call.client_id}"[:64]
    )
    return Whisper(f"{invited.get_full_name()} is in the room.")


@slash_command("leave", description="Leave the room")
def leave(call: SlashCall) -> None:
    services.room_leave(user=call.user, room=call.room, client_id=f"leave-{call.client_id}"[:64])
