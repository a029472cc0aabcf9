"""The log: streams, numbered events, the outbox. The truth that Redis only makes fast.

Knows nothing of sockets or features. The story is in `docs/decisions/0001-numbering-after-commit.md`.
"""
