"""What jobs announce to other apps on the server."""

from django.dispatch import Signal

# A job is done or has failed: sent with `job` in the transaction that says so. Not sent for one that was cancelled.
job_ended = Signal()
