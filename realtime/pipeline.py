"""Psycopg's pipeline, where a statement leaves as it is executed.

Psycopg asks the socket twice for each, whether it takes more and whether it has brought an answer, and lets go of the
interpreter each time. Others take it, and the next statement waits for them: a quarter of the time of a batch of
messages. Two of psycopg's names are used that are not public: `Connection._pipeline`, `Pipeline._communicate_gen`.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import psycopg
from psycopg.abc import PQGen
from psycopg.generators import send


class PromptPipeline(psycopg.Pipeline):
    """Answers are read where somebody looks at one, and meanwhile only where the kernel takes no more."""

    def _communicate_gen(self) -> PQGen[None]:
        while self.command_queue:
            self.command_queue.popleft()()
        yield from send(self.pgconn)


@contextmanager
def pipeline(connection: Any) -> Iterator[None]:
    """What Django's `connection`, of PostgreSQL, executes inside does not wait for its answers. Errors are Django's."""
    connection.ensure_connection()
    driver = connection.connection
    if driver._pipeline is None:
        driver._pipeline = PromptPipeline(driver)
    with connection.wrap_database_errors, driver.pipeline():
        yield
