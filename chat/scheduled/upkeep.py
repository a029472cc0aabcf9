"""What the tick does for messages that are sent later."""

from chat.scheduled import sending
from notifications.upkeep import register_upkeep

register_upkeep(sending.anything_due, sending.send_some)
