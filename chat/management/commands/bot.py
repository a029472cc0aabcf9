"""`manage.py bot`: a program's account, for programs that use the API or a socket. Prints its token, once."""

from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db import transaction

from accounts.bots import bot_make, bot_renew_token, bot_switch_off, bot_token
from accounts.models import User
from accounts.names import username_key
from chat.models import Room
from chat.policies import room_locked
from chat.services import bot_join


class Command(BaseCommand):
    help = "Makes a bot and prints its token; --renew gives another token, --off switches the bot off."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("username")
        parser.add_argument("--name", default="", help="what others see (default: the user name)")
        parser.add_argument(
            "--room", type=int, action="append", default=[], help="id of a room that it joins"
        )
        parser.add_argument("--renew", action="store_true", help="another token; the old one is void")
        parser.add_argument("--off", action="store_true", help="nothing more comes from it")

    @transaction.atomic
    def handle(self, *args: Any, **options: Any) -> None:
        known = User.objects.filter(username_key=username_key(options["username"])).first()
        if known is not None and not known.is_bot:
            raise CommandError(f"{known.username} is a person. Choose another name.")
        if options["off"] or options["renew"]:
            if known is None or not known.is_active:
                raise CommandError("There is no such bot, or it is switched off.")
            if options["off"]:
                bot_switch_off(known)
                return
            self.stdout.write(bot_renew_token(known))
            return
        if known is not None:
            raise CommandError(f"{known.username} is there already: --renew gives another token.")
        bot = bot_make(options["username"], options["name"])
        for room_id in options["room"]:
            if not Room.objects.filter(pk=room_id).exclude(kind=Room.Kind.DIRECT).exists():
                raise CommandError(f"There is no room {room_id} that somebody may join.")
            bot_join(room_locked(room_id), bot)
        self.stdout.write(bot_token(bot))
