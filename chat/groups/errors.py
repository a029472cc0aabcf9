"""The expected errors of groups."""

from __future__ import annotations

from realtime import Conflict, Forbidden, Invalid, LimitReached, NotFound


class GroupNotFound(NotFound):
    message = "There is no such group."


class NotGroupManager(Forbidden):
    code = "not_group_manager"
    message = "Groups are managed by people with that permission. Ask an administrator."


class BadGroup(Invalid):
    code = "bad_group"
    message = "A group is mentioned by everybody or by its members."


class GroupNameTaken(Conflict):
    code = "name_taken"
    message = "A user or a group has that name, or it is reserved. Choose another."


class TooManyMembers(LimitReached):
    message = "A group cannot have so many people."
    retry = False
