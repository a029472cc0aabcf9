"""Threads, quotes, forwarding and links to single messages.

`sending` does what a batch of sends needs for its replies and quotes, `services` who follows and has read, `showing`
and `selectors` read, `telling` notifies followers. Why it is so is in docs/decisions/0019-threads.md.
"""
