"""The engine's settings: `REALTIME = {...}` in Django's settings over these defaults. Units are in the names."""

from __future__ import annotations

from typing import Any

from django.conf import settings

DEFAULTS: dict[str, Any] = {
    # The module that knows sessions and tokens (see `realtime.identity.Authentication`).
    "AUTHENTICATION": "accounts.authentication",
    # Exact origins (scheme://host:port) whose pages may open a socket with a session cookie.
    "ORIGINS": [],
    # ---- connections
    "HELLO_TIMEOUT_S": 10.0,
    "PING_INTERVAL_S": 25.0,
    "PONG_TIMEOUT_S": 10.0,
    # Sockets live this long at most, plus up to 40 % at random, so that a deploy's reconnects spread out.
    "SOCKET_LIFETIME_S": 72_000.0,
    "MAX_SOCKETS_PER_USER": 10,
    # In one process, and of these those that have not said hello. Addresses of this machine are not counted.
    "MAX_SOCKETS_PER_ADDRESS": 200,
    "MAX_STRANGERS_PER_ADDRESS": 100,
    "MAX_STREAMS_PER_SOCKET": 550,
    # As much as later ones, because hello brings a cursor for each stream.
    "MAX_FRAME_BYTES_BEFORE_HELLO": 65_536,
    "MAX_FRAME_BYTES": 65_536,
    # Fewer allowed files than this are a warning at start: each socket is one.
    "MIN_OPEN_FILES": 65_536,
    # ---- HTTP
    "MAX_BODY_BYTES": 1_048_576,
    # For paths that start so. /sse takes a frame, whose own limit answers better.
    "MAX_BODY_BYTES_BY_PATH": {"/sse": 131_072},
    # ---- commands
    "MAX_CALLS_IN_FLIGHT": 32,
    "CALLS_PER_S": 20.0,
    "CALLS_BURST": 60,
    "CALL_TIMEOUT_S": 10.0,
    "MAX_BATCH": 200,
    "MAX_WAITING_CALLS": 5_000,
    # Frames of any kind, above which a socket is closed.
    "FRAMES_PER_S": 100.0,
    "FRAMES_BURST": 400,
    # ---- flow control
    # Over the soft bound a socket gets no more live events and follows from the log; over the hard one it is cut.
    "SOFT_BUFFER_BYTES": 262_144,
    "HARD_BUFFER_BYTES": 1_048_576,
    # Who takes fewer bytes than this in that time, while there are some to take, is cut too.
    "STALLED_AFTER_S": 10.0,
    "STALLED_BELOW_BYTES": 4_096,
    # The longest that an event waits so that it leaves in one write with those that come right after it. It never
    # waits longer than its stream's last fan-out took, nor after a pause as long as that: a lone event leaves at
    # once. 0 gives every event a write of its own.
    "WRITE_SHARING_MS": 10,
    # ---- streams
    "MAX_EVENT_BYTES": 524_288,
    "RING_EVENTS": 256,
    "REPLAY_PAGE_EVENTS": 200,
    # A client this far behind gets a snapshot instead of a replay.
    "MAX_REPLAY_EVENTS": 100_000,
    "GAP_WAIT_MS": 20,
    # How often a process looks for events whose notice was lost, and how far back.
    "HEAL_INTERVAL_S": 0.75,
    "HEAL_WINDOW_S": 5.0,
    "FULL_CHECK_INTERVAL_S": 60.0,
    # Access is pushed when it changes; this is how long it may last if that push is lost.
    "RECHECK_INTERVAL_S": 30.0,
    # ---- retention
    "RETENTION_DAYS": 90,
    "RETENTION_MIN_EVENTS": 1_000,
    # ---- presence
    "PRESENCE_COALESCE_MS": 250,
    "PRESENCE_LEASE_S": 15.0,
    # Who is gone is shown for so long: a reload or a change of network is no news.
    "PRESENCE_LINGER_S": 3.0,
    # Where more are there, only their number is told, and that at most so often.
    "PRESENCE_NAMES": 500,
    "PRESENCE_COUNT_INTERVAL_S": 2.0,
    # What clients have got is gathered for so long before features are told.
    "SEEN_COALESCE_S": 0.5,
    # What sockets confirm is written down together, so often.
    "RECEIPTS_INTERVAL_S": 1.0,
    # ---- jobs
    # A worker that saves no step for so long is taken for dead: steps are to be much shorter.
    "JOB_LEASE_S": 30.0,
    # So long one job keeps a worker, then others have their turn.
    "JOB_SLICE_S": 5.0,
    # At most so often a running job tells how far it is.
    "JOB_PROGRESS_INTERVAL_S": 0.25,
    # Jobs that one tick hands out.
    "JOB_CLAIM_BATCH": 20,
    # Begun so often without a new checkpoint, a job is given up.
    "JOB_MAX_ATTEMPTS": 5,
    # Jobs that have ended, and their files.
    "JOB_KEEP_DAYS": 7.0,
    "MAX_OPEN_JOBS_PER_USER": 3,
    "MAX_JOBS_PER_USER_AND_DAY": 50,
    "JOBS_SHOWN": 50,
    # ---- database
    "DATABASE_THREADS": 4,
    # PostgreSQL, in processes that serve: what takes longer is given up, and its client told to try again.
    "STATEMENT_TIMEOUT_S": 5.0,
    "LOCK_TIMEOUT_S": 2.0,
    "IDLE_IN_TRANSACTION_TIMEOUT_S": 10.0,
    # PostgreSQL only: a server that leaves a command's work unanswered for so long is hung up on.
    "DATABASE_TIMEOUT_S": 10.0,
    # ---- drain
    "DRAIN_DEADLINE_S": 30.0,
    "DRAIN_BATCH_PERCENT": 10,
    "DRAIN_SPREAD_MS": 1_000,
}


def get(name: str) -> Any:
    """The setting `REALTIME[name]`, or its default. A name without a default is a bug (KeyError)."""
    default = DEFAULTS[name]
    return getattr(settings, "REALTIME", {}).get(name, default)
