"""A thread for each HTTP request that is being answered, kept for the next one.

Django's handler starts one for each request, and another that waits for its end; in a new thread nothing is warm, and
its connection to the database is a new object. It also goes there and back for each step of each middleware, twenty
times in a request.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

from asgiref.sync import AsyncToSync, ThreadSensitiveContext, sync_to_async
from django.core.handlers.asgi import ASGIHandler

MAX_IDLE = 8

Application = Callable[[dict[str, Any], Any, Any], Awaitable[None]]


class RequestThreads:
    """Runs the synchronous parts of each request to `application` in one thread that no other request has meanwhile."""

    def __init__(self, application: Application) -> None:
        self._application = application
        self._idle: list[ThreadPoolExecutor] = []

    async def __call__(self, scope: dict[str, Any], receive: Any, send: Any) -> None:
        thread = self._idle.pop() if self._idle else ThreadPoolExecutor(1, thread_name_prefix="http")
        try:
            async with ThreadSensitiveContext(executor=thread):
                await self._application(scope, receive, send)
        except BaseException:
            thread.shutdown(wait=False)  # whether it is still at work is not known
            raise
        if len(self._idle) < MAX_IDLE:
            self._idle.append(thread)
        else:
            thread.shutdown(wait=False)


class RequestHandler(ASGIHandler):
    """Runs middleware and view in one go: only what cannot be synchronous (ServeStatic), and what is around it, is not.

    A view that is a coroutine still runs in the event loop.
    """

    _middleware_chain: Any

    def load_middleware(self, is_async: bool = True) -> None:
        super().load_middleware(is_async=False)
        chain = self._middleware_chain
        self._middleware_chain = chain.awaitable if isinstance(chain, AsyncToSync) else sync_to_async(chain)
