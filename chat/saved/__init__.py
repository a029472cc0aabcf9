"""Saved messages: what a person keeps for themselves. Nobody else learns of it."""
