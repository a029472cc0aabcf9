"""Rooms and the messages in them, on the engine's streams. Stands on accounts; nothing stands on it."""
