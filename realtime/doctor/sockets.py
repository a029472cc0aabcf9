"""The page and the WebSocket as a browser would reach them: through name server, proxy and TLS."""

from __future__ import annotations

import json
import ssl
import time
import urllib.error
import urllib.request
from collections.abc import Iterator

from websockets.exceptions import InvalidStatus, WebSocketException
from websockets.sync.client import connect
from websockets.typing import Origin

from realtime import conf
from realtime.doctor.registry import Finding, Site, examine, fine, wrong

TIMEOUT_S = 5.0
# Of nobody: the answer must be that it is none, in the words of the protocol.
HELLO = json.dumps({"type": "hello", "id": 1, "protocol": 1, "token": "of-nobody"})


@examine("page")
def page(site: Site) -> Iterator[Finding]:
    began = time.perf_counter()
    try:
        with urllib.request.urlopen(f"{site.url}/healthz", timeout=TIMEOUT_S) as response:  # noqa: S310
            healthy = json.load(response) == {"status": "ok"}
    except urllib.error.HTTPError as error:
        yield wrong(f"{site.url} answers with the error {error.code}.", _about_status(error.code))
        return
    except (OSError, ValueError) as error:
        reason = getattr(error, "reason", error)
        yield wrong(f"{site.url} does not answer ({reason}).", _about_connection(reason))
        return
    if healthy:
        yield fine(f"{site.url} answers in {(time.perf_counter() - began) * 1000:.0f} ms.")
    else:
        yield wrong(f"{site.url} is not Carillon.", "Correct the proxy, or name the address with --url.")


@examine("socket")
def socket(site: Site) -> Iterator[Finding]:
    address = site.url.replace("http", "ws", 1) + "/ws"
    began = time.perf_counter()
    try:
        with connect(
            address, origin=Origin(site.origin), open_timeout=TIMEOUT_S, close_timeout=1, proxy=None
        ) as client:
            client.send(HELLO)
            answer = json.loads(client.recv(timeout=TIMEOUT_S))
    except InvalidStatus as error:
        yield wrong(
            f"{address} refuses a WebSocket ({error.response.status_code}).", _about_refusal(site, error)
        )
        return
    except (OSError, ValueError, WebSocketException) as error:
        yield wrong(f"{address} does not speak ({error or type(error).__name__}).", _about_connection(error))
        return
    took_ms = (time.perf_counter() - began) * 1000
    if answer.get("code") == "auth_invalid":
        yield fine(f"{address} answers hello in {took_ms:.0f} ms.")
    else:
        yield wrong(
            f"{address} answers hello with {str(answer)[:200]}.", "Another server, or another release?"
        )


def _about_status(status: int) -> str:
    if status == 400:
        return "Add its host name to ALLOWED_HOSTS."
    if status in {502, 503, 504}:
        return "The proxy runs, the servers behind it do not: start them."
    return "See the log of the proxy and of the servers."


def _about_connection(reason: object) -> str:
    if isinstance(reason, ssl.SSLError):
        return "Put a valid certificate into TLS_DIR, or name the address with --url."
    return "Start the server and the proxy, or name the address with --url."


def _about_refusal(site: Site, error: InvalidStatus) -> str:
    if b"origin_not_allowed" in (error.response.body or b"") or site.origin not in conf.get("ORIGINS"):
        return f"Add {site.origin} to REALTIME_ORIGINS."
    if error.response.status_code == 429:
        return (
            "Too many sockets come from one address: the proxy must tell addresses, and the server trust it."
        )
    return "Let the proxy pass Upgrade and Connection on /ws, with HTTP/1.1."
