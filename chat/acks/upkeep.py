"""What the tick does for acknowledgements."""

from chat.acks import reminding
from notifications.upkeep import register_upkeep

register_upkeep(reminding.anything_due, reminding.remind_some)
