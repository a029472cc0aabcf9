"""Daphne's server with our protocols, a clock that cannot jump, and a drain.

Owns the listening sockets, the running applications and the order in which everything ends. `run()` blocks until the
process was told to stop.
"""

from __future__ import annotations

import asyncio
import logging
import os
import signal
import threading
import time
from collections.abc import Callable, Mapping
from functools import partial
from types import SimpleNamespace
from typing import Any, cast

import daphne.server as daphne_server
from daphne import http_protocol, ws_protocol
from daphne.server import Server as DaphneServer
from twisted.internet import asyncioreactor
from twisted.internet import reactor as _twisted_reactor
from twisted.internet.tcp import Connection as TcpTransport
from twisted.logger import ILogObserver, LogLevel, formatEvent, globalLogPublisher

from . import state
from .connection import pending_bytes
from .http import MAX_BODY_BYTES, HTTPFactory
from .inbound import BodyInbound
from .websocket import WebSocketFactory, WebSocketProtocol, spare_debug_texts

logger = logging.getLogger("realtime.server")

reactor: Any = _twisted_reactor

BACKLOG = 4096
ACCEPTS_PER_TURN = 16
MAX_MESSAGE_BYTES = 131_072
HANDSHAKE_TIMEOUT_S = 10
APPLICATION_CLOSE_S = 5  # what an application may still do after its client left
CLOSE_HANDSHAKE_S = 5
PROTOCOL_PING_S = 60
PONG_TIMEOUT_S = 30
CHECK_INTERVAL_S = 2
CHECK_EVERYBODY_EVERY = 4  # times; those in their handshake always
NEVER = -1  # Daphne's "no limit" for the age of a socket; the gateway spreads its own
HIGH_PENDING_BYTES = 1_048_576  # an application that sends more to a slow client waits
LOW_PENDING_BYTES = 262_144
STALLED_S = 10.0
POLL_S = 0.05
CLOSING_BATCHES_PER_S = 10
OVERTIME_S = 2.0  # after the drain's deadline, for cancelling what is left

# Daphne measures durations with time.time() and Twisted's timers follow the wall clock, so a corrected clock would
# close or keep every socket at once. Both get the monotonic one.
_STEADY = SimpleNamespace(time=time.monotonic)


def use_monotonic_clock() -> None:
    for module in (daphne_server, http_protocol, ws_protocol):
        module.time = _STEADY
    reactor.seconds = time.monotonic


def spare_log_contexts() -> None:
    """Twisted notes before each read who reads, for lines of its log, which goes nowhere."""
    reactors: Any = asyncioreactor
    reactors.callWithLogger = _call


def _call(_whose: Any, method: Callable[..., None], *args: Any) -> None:
    method(*args)


class Server(DaphneServer):  # type: ignore[misc]
    """`endpoints` as in Twisted's strings. `max_body_bytes_by_path` is for paths that start with its keys.

    `on_listening(address)` runs once the first socket listens.
    """

    def __init__(
        self,
        application: Any,
        *,
        endpoints: list[str],
        drain_deadline_s: float = 30.0,
        drain_batch_percent: int = 10,
        max_body_bytes: int = MAX_BODY_BYTES,
        max_body_bytes_by_path: Mapping[str, int] | None = None,
        websocket_paths: frozenset[str] = frozenset({"/ws", "/ws/"}),
        behind_proxy: bool = False,
        on_listening: Callable[[str], None] = lambda address: None,
    ) -> None:
        super().__init__(
            application,
            endpoints=endpoints,
            signal_handlers=False,
            ping_interval=PROTOCOL_PING_S,
            ping_timeout=PONG_TIMEOUT_S,
            websocket_timeout=NEVER,
            websocket_connect_timeout=HANDSHAKE_TIMEOUT_S,
            websocket_handshake_timeout=0,  # ours answers 503, autobahn's would just cut
            websocket_max_message_size=MAX_MESSAGE_BYTES,
            websocket_max_frame_size=MAX_MESSAGE_BYTES,
            application_close_timeout=APPLICATION_CLOSE_S,
            server_name="",
            proxy_forwarded_address_header="X-Forwarded-For" if behind_proxy else None,
            proxy_forwarded_port_header="X-Forwarded-Port" if behind_proxy else None,
            proxy_forwarded_proto_header="X-Forwarded-Proto" if behind_proxy else None,
        )
        self._max_body_bytes = max_body_bytes
        self._max_body_bytes_by_path = dict(max_body_bytes_by_path or {})
        self.websocket_paths = websocket_paths
        self.listen_failure: str | None = None
        self._drain_deadline_s = drain_deadline_s
        self._drain_batch_percent = drain_batch_percent
        self._on_listening = on_listening
        self._ports: list[Any] = []
        self._drain_task: asyncio.Task[None] | None = None
        self._checks = 0
        # WebSockets in their handshake.
        self.arriving: set[WebSocketProtocol] = set()
        # Open, and asked by their applications whether they are still there.
        self.attended: set[WebSocketProtocol] = set()

    def max_body_bytes_of(self, path: str) -> int:
        """The limit of the longest configured path that `path` starts with, else that of all."""
        known = [prefix for prefix in self._max_body_bytes_by_path if path.startswith(prefix)]
        return self._max_body_bytes_by_path[max(known, key=len)] if known else self._max_body_bytes

    # ------------------------------------------------------------------ life

    def run(self) -> None:
        use_monotonic_clock()
        spare_debug_texts()
        spare_log_contexts()
        # Daphne's run() names its factories itself; ours take their place for the length of this call.
        daphne_server.HTTPFactory, daphne_server.WebSocketFactory = HTTPFactory, _OurWebSocketFactory
        self._listen_to_signals()
        globalLogPublisher.addObserver(cast(ILogObserver, _log_bugs))
        super().run()
        if not self.abort_start:
            _finish_tasks(reactor._asyncioEventloop)

    def listen_success(self, port: Any) -> None:
        super().listen_success(port)
        self._ports.append(port)
        _accept_a_few_at_a_time(port)
        host = port.getHost()
        self._on_listening(_address_of(host))

    def listen_error(self, failure: Any) -> None:
        self.listen_failure = str(failure.value)
        self.stop()

    def _listen_to_signals(self) -> None:
        loop = reactor._asyncioEventloop
        for number in (signal.SIGTERM, signal.SIGINT):
            loop.add_signal_handler(number, self.begin_stop)

    def begin_stop(self) -> None:
        """Drain and leave; asked a second time, leave at once."""
        if self._drain_task is not None:
            logger.warning("Asked twice to stop: leaving with %d open connections.", len(self.connections))
            os._exit(1)
        self._drain_task = asyncio.get_running_loop().create_task(self._drain())
        # A database thread that hangs, or a loop that does, must not keep the process past its deadline.
        watchdog = threading.Timer(self._drain_deadline_s + OVERTIME_S, _leave_now)
        watchdog.daemon = True
        watchdog.start()

    async def _drain(self) -> None:
        deadline = time.monotonic() + self._drain_deadline_s
        logger.info("Draining: %d connections are open.", len(self.connections))
        try:
            state.draining = True
            for port in self._ports:
                port.stopListening()
            self._close_idle_http()
            await state.begin_drain(self._drain_deadline_s)
            await self._close_websockets(deadline)
            while self._busy() and time.monotonic() < deadline:
                self._close_idle_http()
                await asyncio.sleep(POLL_S)
        except Exception:
            logger.exception("The drain failed; stopping anyway.")
        finally:
            self.stop()

    def _busy(self) -> bool:
        return any("disconnected" not in details for details in self.connections.values()) or any(
            _running(details) for details in self.connections.values()
        )

    def _close_idle_http(self) -> None:
        for channel in list(self.http_factory.channels):
            if channel.idle:
                channel.loseConnection()

    async def _close_websockets(self, deadline: float) -> None:
        """Those that no hook closed: consumers of the project's own."""
        open_ones = self._open_websockets()
        per_batch = max(1, len(open_ones) * self._drain_batch_percent // (100 * CLOSING_BATCHES_PER_S))
        for start in range(0, len(open_ones), per_batch):
            for protocol in open_ones[start : start + per_batch]:
                protocol.close_with(1012, "The server restarts; please come back.")
            if time.monotonic() > deadline:
                return
            if start + per_batch < len(open_ones):
                await asyncio.sleep(1 / CLOSING_BATCHES_PER_S)

    def _open_websockets(self) -> list[WebSocketProtocol]:
        return [
            protocol
            for protocol in self.connections
            if isinstance(protocol, WebSocketProtocol) and protocol.state == protocol.STATE_OPEN
        ]

    # ------------------------------------------------------------------ applications

    def create_application(
        self, protocol: Any, scope: dict[str, Any]
    ) -> asyncio.Queue[dict[str, Any]] | None:
        """As Daphne's, with a bounded input for WebSockets and an end that is noticed at once."""
        scope.setdefault("asgi", {"version": "3.0"})
        inbound: asyncio.Queue[dict[str, Any]]
        if isinstance(protocol, WebSocketProtocol):
            inbound = protocol.inbound
            extensions = scope.setdefault("extensions", {})
            extensions["realtime.connection"] = protocol.connection
            extensions["websocket.http.response"] = {}
        else:
            body = getattr(protocol, "large_body", None)
            inbound = asyncio.Queue() if body is None else BodyInbound(body)
        details = self.connections.get(protocol)
        if details is None:
            return None
        running = self.application(
            scope=scope, receive=inbound.get, send=partial(self.handle_reply, protocol)
        )
        task = asyncio.ensure_future(running)
        details["application_instance"] = task
        task.add_done_callback(partial(self._application_ended, protocol))
        return inbound

    async def handle_reply(self, protocol: Any, message: dict[str, Any]) -> None:
        if "disconnected" in self.connections.get(protocol, {"disconnected": True}):
            # Nobody listens. An application that sends on and on must still let the others run.
            await asyncio.sleep(POLL_S)
            return
        await super().handle_reply(protocol, message)
        transport = _transport_of(protocol)
        if transport is not None and pending_bytes(transport) > HIGH_PENDING_BYTES:
            await _until_drained(transport)

    def _application_ended(self, protocol: Any, task: asyncio.Task[None]) -> None:
        details = self.connections.get(protocol)
        if details is None or details.get("application_instance") is not task:
            return
        del details["application_instance"]
        gone = "disconnected" in details
        if gone:
            del self.connections[protocol]
        error = None if task.cancelled() else task.exception()
        if error is not None:
            logger.error("The application failed.", exc_info=error)
        if not gone:
            protocol.application_ended(error)

    def protocol_disconnected(self, protocol: Any) -> None:
        details = self.connections.get(protocol)
        if details is None:
            return
        if not _running(details):
            del self.connections[protocol]
            return
        super().protocol_disconnected(protocol)
        reactor.callLater(APPLICATION_CLOSE_S, self._end_late, protocol)

    def _end_late(self, protocol: Any) -> None:
        """Cancels an application that goes on after its client left, until it ends."""
        details = self.connections.get(protocol)
        if details is not None and _running(details):
            logger.warning("An application went on for %d s without its client.", APPLICATION_CLOSE_S)
            details["application_instance"].cancel()
            reactor.callLater(APPLICATION_CLOSE_S, self._end_late, protocol)

    def timeout_checker(self) -> None:
        self._checks += 1
        everybody = self._checks % CHECK_EVERYBODY_EVERY == 0
        for protocol in self.connections.keys() - self.attended if everybody else list(self.arriving):
            protocol.check_timeouts()
        reactor.callLater(CHECK_INTERVAL_S, self.timeout_checker)

    def application_checker(self) -> None:
        """Daphne looks at every connection each second to find what has ended; here everything that ends says so."""

    def kill_all_applications(self) -> Any:
        for details in list(self.connections.values()):
            details.setdefault("application_instance", _nothing())
        return super().kill_all_applications()


class _OurWebSocketFactory(WebSocketFactory):
    def setProtocolOptions(self, **options: Any) -> None:
        super().setProtocolOptions(
            **options, failByDrop=False, closeHandshakeTimeout=CLOSE_HANDSHAKE_S, tcpNoDelay=True
        )


def _accept_a_few_at_a_time(port: Any) -> None:
    """The rest of a storm waits in the kernel's queue, where it costs the sockets that are open already nothing.

    Twisted would take more at each turn, and all their handshakes would be the next turn of the loop.
    """
    accept = port.doRead

    def accept_a_few() -> None:
        port.numberAccepts = ACCEPTS_PER_TURN
        accept()

    port.doRead = accept_a_few


def _address_of(host: Any) -> str:
    if not hasattr(host, "port"):
        return str(host)
    return f"[{host.host}]:{host.port}" if ":" in host.host else f"{host.host}:{host.port}"


def _leave_now() -> None:
    logger.error("The drain did not end in time; leaving without it.")
    os._exit(1)


def _log_bugs(event: Any) -> None:
    """Twisted's own log goes nowhere; an exception that reached the reactor is ours to know about."""
    if event.get("log_level") is LogLevel.critical:
        failure = event.get("log_failure")
        error = failure.value if failure is not None else None
        logger.error("An exception reached the reactor: %s", formatEvent(event), exc_info=error)


def _running(details: dict[str, Any]) -> bool:
    task = details.get("application_instance")
    return task is not None and not task.done()


def _nothing() -> asyncio.Future[None]:
    done: asyncio.Future[None] = asyncio.get_running_loop().create_future()
    done.set_result(None)
    return done


def _transport_of(protocol: Any) -> Any:
    """The TCP transport under a WebSocket or a request; None for anything else."""
    transport = getattr(protocol, "transport", None)
    channel = getattr(protocol, "channel", None)
    if channel is not None:
        transport = getattr(channel, "transport", None)
    return transport if isinstance(transport, TcpTransport) else None


async def _until_drained(transport: Any) -> None:
    """Hold the application back until the client has read; cut a client that reads nothing."""
    pending, since = pending_bytes(transport), time.monotonic()
    while transport.connected and pending > LOW_PENDING_BYTES:
        await asyncio.sleep(POLL_S)
        left = pending_bytes(transport)
        if left < pending:
            pending, since = left, time.monotonic()
        elif time.monotonic() - since > STALLED_S:
            transport.abortConnection()
            return


def _finish_tasks(loop: asyncio.AbstractEventLoop) -> None:
    """What asyncio.run() does at its end: no task is left pending, no thread working."""
    tasks = asyncio.all_tasks(loop)
    for task in tasks:
        task.cancel()
    if tasks:
        loop.run_until_complete(asyncio.wait(tasks, timeout=2))
    loop.run_until_complete(loop.shutdown_asyncgens())
