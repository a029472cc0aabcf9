"""Webhooks of rooms: programs elsewhere that write into a room, and that are told what is written there."""
