"""Reactions: an emoji that a person puts on a message. Nobody is notified of one."""
