"""Pages for previews, by their paths, on a real HTTP server."""

from __future__ import annotations

from tests.support.http_peer import HttpPeer, Received, Reply


class WebPages:
    """What no page is made for answers 404."""

    def __init__(self, peer: HttpPeer) -> None:
        self._peer = peer
        self._pages: dict[str, Reply] = {}
        peer.reply_to = self._reply  # type: ignore[method-assign]

    def page(
        self, path: str, html: str | bytes, *, type: str = "text/html; charset=utf-8", status: int = 200
    ) -> str:
        """The address of a new page."""
        body = html.encode() if isinstance(html, str) else html
        self._pages[path] = Reply(status, {"Content-Type": type}, body)
        return self.url(path)

    def redirect(self, path: str, to: str, *, status: int = 302) -> str:
        self._pages[path] = Reply(status, {"Location": to})
        return self.url(path)

    def url(self, path: str) -> str:
        return f"{self._peer.url}{path}"

    @property
    def asked(self) -> list[Received]:
        """All requests, in their order."""
        return self._peer.received

    @property
    def paths(self) -> list[str]:
        return [request.path for request in self.asked]

    def _reply(self, request: Received) -> Reply:
        return self._pages.get(request.path, Reply(404))
