"""Three queues by urgency, and which task goes to which, told by its name. Pure: the settings read it."""

from kombu import Queue

# Ticks and what a person waits for: seconds matter, and each takes milliseconds.
URGENT = "urgent"
DEFAULT = "default"
# What may take minutes: jobs such as exports, feeds, digests, retention.
BULK = "bulk"

QUEUES = tuple(Queue(name) for name in (URGENT, DEFAULT, BULK))

# The first pattern that fits wins.
ROUTES = [
    ("*.tick", {"queue": URGENT}),
    ("realtime.jobs.tasks.run", {"queue": BULK}),
    ("notifications.tasks.call_feeds", {"queue": BULK}),
    ("chat.tasks.call_hook", {"queue": BULK}),
    ("chat.previews.tasks.preview", {"queue": BULK}),
    ("*.send_digests", {"queue": BULK}),
    ("*.retain", {"queue": BULK}),
    ("*.purge", {"queue": BULK}),
]
