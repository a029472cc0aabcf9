"""Pins: messages that a room keeps at hand, for all its members."""
