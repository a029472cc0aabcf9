"""The form that an administrator writes a broadcast in, in its parts.

words     what it says, in which languages, with which picture
audience  whom it is for, and who is left out
when      now, or at a time
broadcast all of it, and how it goes out
"""

from notifications.broadcasts.forms.audience import AudienceForm
from notifications.broadcasts.forms.broadcast import BroadcastForm, fieldsets, form_initial

__all__ = ["AudienceForm", "BroadcastForm", "fieldsets", "form_initial"]
