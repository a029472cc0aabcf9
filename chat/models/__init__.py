"""Tables of chat. Everything that changes a row is in a service; every read on a user's behalf goes by `policies`."""

from chat.models.acks import Ack, AckRequest
from chat.models.drafts import Draft
from chat.models.emoji import OwnEmoji
from chat.models.files import Upload
from chat.models.groups import GroupMember, UserGroup
from chat.models.hooks import Hook
from chat.models.invitations import Invitation
from chat.models.keywords import Keyword
from chat.models.mentions import Mention, Untold
from chat.models.messages import SHOWN, Message, Revision
from chat.models.moderation import AuditEntry, Block, HeldMessage, ListedWord, Report, RoomBan
from chat.models.pins import Pin
from chat.models.polls import Poll, Vote
from chat.models.previews import LinkedPage, Preview, Unpreviewed
from chat.models.reactions import Reaction
from chat.models.rooms import Member, Room
from chat.models.saved import Saved
from chat.models.scheduled import Scheduled
from chat.models.search import SearchedRoom, SearchEntry
from chat.models.streams import stream_of, user_stream
from chat.models.threads import Thread, ThreadReader

__all__ = [
    "SHOWN",
    "Ack",
    "AckRequest",
    "AuditEntry",
    "Block",
    "Draft",
    "GroupMember",
    "HeldMessage",
    "Hook",
    "Invitation",
    "Keyword",
    "LinkedPage",
    "ListedWord",
    "Member",
    "Mention",
    "Message",
    "OwnEmoji",
    "Pin",
    "Poll",
    "Preview",
    "Reaction",
    "Report",
    "Revision",
    "Room",
    "RoomBan",
    "Saved",
    "Scheduled",
    "SearchEntry",
    "SearchedRoom",
    "Thread",
    "ThreadReader",
    "Unpreviewed",
    "Untold",
    "Upload",
    "UserGroup",
    "Vote",
    "stream_of",
    "user_stream",
]
