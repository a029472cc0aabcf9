"""What can be wrong with a command that is written like a message."""

from realtime import Invalid, NotFound


class UnknownSlashCommand(NotFound):
    code = "unknown_slash_command"
    message = "There is no such command. /help lists all there are; begin with // to send the text as it is."


class BadSlashCommand(Invalid):
    code = "bad_slash_command"
    message = "This command is used differently."
