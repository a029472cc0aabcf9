"""What the tick does for polls."""

from chat.polls import ending
from notifications.upkeep import register_upkeep

register_upkeep(ending.anything_due, ending.end_some)
