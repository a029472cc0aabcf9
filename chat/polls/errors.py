"""The expected errors of polls."""

from __future__ import annotations

from realtime import Conflict, Forbidden, Invalid, NotFound


class PollNotFound(NotFound):
    message = "This message has no poll, or was deleted."


class PollClosed(Conflict):
    code = "poll_closed"
    message = "This poll has ended: nobody votes any more."


class PollIsAnonymous(Forbidden):
    code = "poll_is_anonymous"
    message = "Nobody is told who voted for what in an anonymous poll."


class BadPoll(Invalid):
    code = "bad_poll"
    message = "A poll has 2 to 10 different answers of 1 to 100 characters."


class BadPollEnd(Invalid):
    code = "bad_poll_end"
    message = "A poll ends at a time that is to come, within a year; give its time zone too."


class BadVote(Invalid):
    code = "bad_vote"
    message = "A vote is for answers of the poll, by their places from 0; for one only, unless the poll allows several."
