"""A mail server on loopback that keeps what it took, and refuses what it is told to."""

from __future__ import annotations

import email.policy
from collections.abc import Iterator
from contextlib import contextmanager
from email.message import EmailMessage
from typing import Any

from aiosmtpd.controller import Controller


class _AnyPort(Controller):
    """A controller that learns its port from the system, before it knocks at it."""

    def _trigger_server(self) -> None:
        self.port = self.server.sockets[0].getsockname()[1]
        super()._trigger_server()


class MailServer:
    """`refusals` are answers that it gives, one after the other, to the next e-mails instead of taking them."""

    def __init__(self) -> None:
        self.refusals: list[str] = []
        self.taken: list[EmailMessage] = []
        self.recipients: list[str] = []
        self._controller = _AnyPort(self, hostname="127.0.0.1", port=0)

    @property
    def settings(self) -> dict[str, Any]:
        """What tells Django of it."""
        return {
            "EMAIL_BACKEND": "django.core.mail.backends.smtp.EmailBackend",
            "EMAIL_HOST": "127.0.0.1",
            "EMAIL_PORT": self.port,
            "EMAIL_USE_TLS": False,
        }

    @property
    def environment(self) -> dict[str, str]:
        """What tells an installation of it."""
        return {"EMAIL_HOST": "127.0.0.1", "EMAIL_PORT": str(self.port), "EMAIL_USE_TLS": "false"}

    @property
    def port(self) -> int:
        return int(self._controller.port)

    async def handle_RCPT(
        self, server: Any, session: Any, envelope: Any, address: str, options: list[str]
    ) -> str:
        if self.refusals:
            return self.refusals.pop(0)
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server: Any, session: Any, envelope: Any) -> str:
        parsed = email.message_from_bytes(envelope.content, policy=email.policy.default)
        assert isinstance(parsed, EmailMessage)
        self.taken.append(parsed)
        self.recipients += envelope.rcpt_tos
        return "250 taken"

    @contextmanager
    def running(self) -> Iterator[None]:
        self._controller.start()
        try:
            yield
        finally:
            self._controller.stop()


@contextmanager
def running_mail_server() -> Iterator[MailServer]:
    server = MailServer()
    with server.running():
        yield server


def part(mail: EmailMessage, kind: str) -> str:
    """The text of its part of that kind: "plain" or "html"."""
    body = mail.get_body((kind,))
    assert body is not None
    text: str = body.get_content()
    return text
