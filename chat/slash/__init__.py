"""Commands that are written like messages: `/topic Lunch`. Apps declare their own in `slash.py`."""

from chat.slash.registry import SlashCall, Whisper, slash_command

__all__ = ["SlashCall", "Whisper", "slash_command"]
