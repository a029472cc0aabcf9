"""Our server: Daphne with flow control, limits that answer, and a drain.

`frames` and `state` import nothing of Twisted and work under any ASGI server; the rest is loaded by `manage.py serve`.
Knows sockets, HTTP and WebSocket frames; never what a frame says.
"""
