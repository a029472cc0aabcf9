"""Whom broadcasts and notices reach: kinds of audiences, segments, lists of people, and who is left out.

kinds        what is one stream: everybody, a group, a room; other apps register theirs
segments     `@segment("shop.buyers", label="Has bought something")`: a query declared in code
audience     one audience: its people, how many they are, and whether they are one stream
people_file  a file of user names and e-mail addresses, and what is wrong with its lines
"""

from notifications.audiences.audience import Audience, AudienceChoice, count, people, stream_of
from notifications.audiences.kinds import (
    EVERYBODY_STREAM,
    AudienceKind,
    Choice,
    Everybody,
    GroupMembers,
    audience_kind,
    audience_kinds,
    group_stream,
    register_audience,
)
from notifications.audiences.segments import Segment, all_segments, known_segment, segment

__all__ = [
    "EVERYBODY_STREAM",
    "Audience",
    "AudienceChoice",
    "AudienceKind",
    "Choice",
    "Everybody",
    "GroupMembers",
    "Segment",
    "all_segments",
    "audience_kind",
    "audience_kinds",
    "count",
    "group_stream",
    "known_segment",
    "people",
    "register_audience",
    "segment",
    "stream_of",
]
