"""The inbox and the broadcasts: what a person is told, and which of it they have read.

May import `accounts` and the engine's public names; must never know `chat` (rooms come in through `audiences`).
"""
