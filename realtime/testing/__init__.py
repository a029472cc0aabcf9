"""Shipped to users for their own tests: a client that speaks the protocol and notes what it saw."""

from realtime.testing.client import CallFailed, Client, Closed

__all__ = ["CallFailed", "Client", "Closed"]
