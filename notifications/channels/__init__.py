"""What carries notifications out of the app: one module a channel, registered by name.

    @channel("sms", label="Text message")
    class Sms: ...

See `Channel` for what a channel does. Whether somebody is to be told over it is decided in `deliveries`.
"""

from notifications.channels.base import (
    Address,
    Channel,
    Gone,
    Message,
    Outcome,
    Refused,
    Retry,
    Sent,
    all_channels,
    channel,
    is_set_up,
    known_channel,
)

__all__ = [
    "Address",
    "Channel",
    "Gone",
    "Message",
    "Outcome",
    "Refused",
    "Retry",
    "Sent",
    "all_channels",
    "channel",
    "is_set_up",
    "known_channel",
]
