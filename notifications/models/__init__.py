"""The tables of the inbox, of broadcasts, preferences, deliveries, reminders and feeds.

Rules live in the services, reads in the selectors.
"""

from notifications.audiences import AudienceChoice
from notifications.models.approval import Approval
from notifications.models.audit import AuditEntry
from notifications.models.broadcast import OPEN, Broadcast, Occurrence, Share, Status
from notifications.models.content import Content, Handled, Level, Line, Mark, Recallable
from notifications.models.delivery import UNSENT, Delivery
from notifications.models.device import PushDevice, WebhookEndpoint, new_webhook_secret
from notifications.models.digest import Digest, DigestState
from notifications.models.feed import FeedCall, FeedState
from notifications.models.inbox import (
    AudienceDelivery,
    AudienceNotification,
    AudienceState,
    InboxState,
    Notification,
    Part,
)
from notifications.models.notice import Batch, Notice
from notifications.models.picture import Picture
from notifications.models.preference import ChannelChoice, PreferenceState, ScopeChoice
from notifications.models.reminder import Reminder
from notifications.models.status import StatusItem
from notifications.models.stop import SendingStop
from notifications.models.watch import Watch

__all__ = [
    "OPEN",
    "UNSENT",
    "Approval",
    "AudienceChoice",
    "AudienceDelivery",
    "AudienceNotification",
    "AudienceState",
    "AuditEntry",
    "Batch",
    "Broadcast",
    "ChannelChoice",
    "Content",
    "Delivery",
    "Digest",
    "DigestState",
    "FeedCall",
    "FeedState",
    "Handled",
    "InboxState",
    "Level",
    "Line",
    "Mark",
    "Notice",
    "Notification",
    "Occurrence",
    "Part",
    "Picture",
    "PreferenceState",
    "PushDevice",
    "Recallable",
    "Reminder",
    "ScopeChoice",
    "SendingStop",
    "Share",
    "Status",
    "StatusItem",
    "Watch",
    "WebhookEndpoint",
    "new_webhook_secret",
]
