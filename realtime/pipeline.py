"""Psycopg's pipeline with a round trip only where somebody waits for an answer.

Psycopg makes four more for a transaction, as it begins, as it ends, and as the pipeline does, to know where it stands;
and it asks the socket twice for each statement whether it takes more. Each time it lets go of the interpreter, and
others take it. Not public of psycopg's names are `Connection._pipeline`, and `_communicate_gen`, `_sync_gen` and
`_exit_gen` of `Pipeline`.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import psycopg
from psycopg.abc import PQGen
from psycopg.generators import send
from psycopg.pq import PipelineStatus, TransactionStatus


class PromptPipeline(psycopg.Pipeline):
    """A statement leaves as it is executed. Answers are read where somebody looks at one, or waits for the commit."""

    def _communicate_gen(self) -> PQGen[None]:
        while self.command_queue:
            self.command_queue.popleft()()
        yield from send(self.pgconn)

    def _sync_gen(self) -> PQGen[None]:
        if self._is_in_step:
            return
        begins = self.pgconn.transaction_status == TransactionStatus.IDLE
        self._enqueue_sync()
        yield from self._communicate_gen()
        # That a transaction has begun is true as soon as it is asked for: if it is not, the next answer says so.
        if not begins:
            yield from self._fetch_gen(flush=False)

    def _exit_gen(self) -> PQGen[None]:
        if not self._is_in_step:
            yield from super()._exit_gen()

    @property
    def _is_in_step(self) -> bool:
        """No answer is owed, and after an error the server has been told where to go on."""
        owed = self.command_queue or self.result_queue
        return not owed and self.pgconn.pipeline_status == PipelineStatus.ON


@contextmanager
def pipeline(connection: Any) -> Iterator[None]:
    """What Django's `connection`, of PostgreSQL, executes inside does not wait for its answers. Errors are Django's."""
    connection.ensure_connection()
    driver = connection.connection
    if driver._pipeline is None:
        driver._pipeline = PromptPipeline(driver)
    with connection.wrap_database_errors, driver.pipeline():
        yield
