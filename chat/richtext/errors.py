"""The expected errors of rich text: all are about the installation's own emoji."""

from __future__ import annotations

from realtime import Conflict, Invalid, LimitReached


class BadEmojiName(Invalid):
    code = "bad_name"
    message = "An emoji's name has 2 to 32 of a-z, 0-9, _, + and -, and begins with a letter or digit."


class BadEmojiPicture(Invalid):
    code = "bad_picture"
    message = "This is no picture that can be used; expected PNG, JPEG, WebP or GIF."


class EmojiNameTaken(Conflict):
    code = "name_taken"
    message = "There is an emoji of that name: remove it first."


class TooManyEmoji(LimitReached):
    message = "There are as many emoji as there may be: remove some first."
    retry = False
