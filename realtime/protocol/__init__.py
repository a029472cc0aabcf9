"""The wire protocol: frames, codec, stream names, cursors. Pure: no Django, no await, no clock.

`docs/protocol.md` tells the story; the messages here are its source of truth.
"""
