"""Celery, whole: which broker and which queues, how messages look and who signed them, beat, and what a pool must bear.

Composition stays in `realtime/celery.py` and the settings. Why each part is as it is: docs/decisions/0015.
"""
