"""The one consumer that every WebSocket client talks to.

A connection (how bytes leave) belongs to a session (who, which streams, which calls), and all sessions of the
process to `Sessions`. Knows the protocol and the hub; knows no feature: commands and stream kinds are registered.
"""
