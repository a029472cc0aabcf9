"""The expected errors of chat."""

from __future__ import annotations

from realtime import Conflict, Forbidden, Invalid, LimitReached, NotFound


class RoomNotFound(NotFound):
    """The same for a room that is not there and one that is not yours."""

    message = "There is no such room, or you are not a member of it."


class MessageNotFound(NotFound):
    message = "There is no such message, or you are not a member of its room."


class PersonNotFound(NotFound):
    message = "There is no such user, or not in this room."


class NotRoomOwner(Forbidden):
    code = "not_owner"
    message = "Only an owner of the room may do this."


class NotAuthor(Forbidden):
    code = "not_author"
    message = "Only the author of the message may do this."


class RoomArchived(Forbidden):
    """Also says `reason`, as everything does that keeps a member from writing."""

    message = "The room is archived: it can be read, but nobody writes there."

    def __init__(self) -> None:
        super().__init__(reason="archived")


class DirectRoomIsFixed(Forbidden):
    code = "direct_room"
    message = "A direct conversation has exactly its people: nobody joins, leaves or renames it."


class MessageDeleted(Conflict):
    code = "message_deleted"
    message = "The message was deleted."


class TooLateToUndo(Conflict):
    code = "too_late"
    message = "The deletion can no longer be undone, or somebody else deleted the message."


class NameTaken(Conflict):
    code = "name_taken"
    message = "There is a public room with that name."


class RoomsLimitReached(LimitReached):
    message = "Nobody can be in more than 500 rooms."
    retry = False


class BadRoom(Invalid):
    code = "bad_room"
    message = "A room is public or private; direct conversations are opened with a user."


class BadName(Invalid):
    code = "bad_name"
    message = "This name is not allowed."


class BadReason(Invalid):
    code = "bad_reason"
    message = "A reason has at most 300 plain characters."


class BadUser(Invalid):
    code = "bad_user"
    message = "This needs another user than yourself."


class BadMentionRule(Invalid):
    code = "bad_mention_rule"
    message = "Who may use @room and @here is one of small_rooms, members and owners."


class TooManyMentions(Invalid):
    code = "too_many_mentions"
    message = "The groups in one message may not have so many people."


class TooManyPeople(Invalid):
    code = "too_many_people"
    message = "A direct conversation has room for fewer people: make a private room."


class TooManyFavourites(LimitReached):
    message = "Nobody can have so many favourite rooms. Take one away first."
    retry = False


class BadNumber(Invalid):
    code = "bad_cursor"
    message = "A message's number is from 0 to 2^63-1."


class BadLimit(Invalid):
    code = "bad_limit"
    message = "limit is from 1 to 200."


class EmptyBody(Invalid):
    code = "empty_body"
    message = "The message is empty."


class TooLong(Invalid):
    code = "too_long"
    message = "The message is too long."


class BadCharacters(Invalid):
    code = "bad_characters"
    message = "The message contains control characters."


class TooComplex(Invalid):
    code = "too_complex"
    message = "The message piles up too many marks on one letter."
