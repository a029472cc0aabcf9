"""Drafts: what a person began to write, on all their devices. One per room, and one per thread.

The writer who comes last wins. Each change has a higher version than the one before, so that a device knows which of
two that it hears of is newer. Sending a message leaves the draft alone, which costs the hot path nothing: the device
that sends clears its draft with the next command, in the order of its calls.
"""
