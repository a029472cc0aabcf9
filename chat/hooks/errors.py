"""What can be wrong with webhooks, and with requests to them."""

from realtime import AuthRequired, Forbidden, Invalid, LimitReached, NotFound


class HookNotFound(NotFound):
    """The same for one that is not there and one of a room that is not yours."""

    message = "There is no such webhook, or you do not own its room."


class BadHook(Invalid):
    code = "bad_hook"
    message = "A webhook has a direction (incoming or outgoing), a name, and if it is outgoing an address."


class TooManyHooks(LimitReached):
    message = "A room has at most 20 webhooks. Remove one first."
    retry = False


class HookRefused(AuthRequired):
    """401. The same whatever was wrong, but for a clock that is."""

    code = "bad_signature"
    message = (
        "The signature or token is missing, wrong or too old. See the room's integrations for the right one."
    )


class HookOff(Forbidden):
    code = "hook_off"
    message = "This webhook was switched off. An owner of the room can make another."
