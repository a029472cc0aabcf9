"""Feeds: addresses that are asked every hour, or so, and whose answers become notifications.

Wider story: docs/decisions/0016-jobs.md.
"""
