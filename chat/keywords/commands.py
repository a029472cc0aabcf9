"""Keywords over the socket."""

from __future__ import annotations

from chat.keywords import services
from chat.keywords.services import Keywords
from realtime import Context, Struct, command


class SetKeywords(Struct, frozen=True):
    words: list[str]
    client_id: str


@command("chat.keywords_set")
def keywords_set(context: Context, args: SetKeywords) -> Keywords:
    return services.keywords_set(user=context.user, words=args.words, client_id=args.client_id)
