"""What accounts announces to apps that it does not know."""

from django.dispatch import Signal

# Sent with `user`, in the transaction in which their account became a guest's, or a full one.
guest_changed = Signal()
