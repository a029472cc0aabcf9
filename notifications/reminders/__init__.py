"""Reminders: what a person wants to be told of again, and when. Wider story: docs/decisions/0016-jobs.md."""
