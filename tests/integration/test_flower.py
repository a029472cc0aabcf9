"""Flower behind the proxy: its own configuration and the compose file's own command, as processes of this machine.

Needs nginx (Debian's, installed where we may) and the group `flower` (`tools/setup test flower`).
"""

from __future__ import annotations

import shutil
import sys
import urllib.error
import urllib.request
from collections.abc import Iterator
from importlib.util import find_spec
from pathlib import Path

import pytest
import yaml

from realtime.testing.stack import BASE, START_TIMEOUT_S, Running, Stack, free_port
from realtime.testing.waiting import wait_until
from tests.support import debian

MAKE_ADA = """
from django.contrib.auth import get_user_model
get_user_model().objects.create_user("{name}", password="correct horse battery", is_staff={staff})
"""
LOG_IN = """
from django.contrib.auth import get_user_model, BACKEND_SESSION_KEY, HASH_SESSION_KEY, SESSION_KEY
from django.contrib.sessions.backends.db import SessionStore
user = get_user_model().objects.get(username="{name}")
session = SessionStore()
session[SESSION_KEY] = str(user.pk)
session[BACKEND_SESSION_KEY] = "django.contrib.auth.backends.ModelBackend"
session[HASH_SESSION_KEY] = user.get_session_auth_hash()
session.save()
print(session.session_key)
"""


class Proxied:
    """A server, Flower and nginx before both, on ports of this machine."""

    def __init__(self, stack: Stack) -> None:
        self._stack, self._port, self._flower_port = stack, free_port(), free_port()
        self._running: list[Running] = []

    def start(self, nginx: str, directory: Path) -> None:
        self._stack.start_web(environment={"ALLOWED_HOSTS": "localhost,127.0.0.1"})
        self._start_flower(directory)
        self._start_nginx(nginx, directory)

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self._port}"

    def _start_flower(self, directory: Path) -> None:
        command = yaml.safe_load((BASE / "docker-compose.yml").read_text())["services"]["flower"]["command"]
        words = [*command[1:]]
        words = [
            word.replace("5555", str(self._flower_port)).replace("0.0.0.0", "127.0.0.1") for word in words
        ]
        program = [sys.executable, "-m", "celery", *words]
        self._running.append(Running("flower", program, self._stack.environment, directory / "flower.log"))
        address = f"http://127.0.0.1:{self._flower_port}/flower/healthcheck"
        wait_until(lambda: status_of(address) == 200, "Flower answers", timeout_s=START_TIMEOUT_S)

    def _start_nginx(self, nginx: str, directory: Path) -> None:
        shared = directory / "carillon"
        shared.mkdir()
        for name in ("locations.conf", "proxy.conf"):
            text = (BASE / "deploy/nginx" / name).read_text()
            text = text.replace("/etc/nginx/carillon", str(shared))
            (shared / name).write_text(text.replace("flower:5555", f"127.0.0.1:{self._flower_port}"))
        configuration = directory / "nginx.conf"
        configuration.write_text(
            f"""daemon off; worker_processes 1; pid {directory}/nginx.pid; error_log stderr warn;
            events {{ worker_connections 64; }}
            http {{
                access_log off;
                client_body_temp_path {directory}/body; proxy_temp_path {directory}/proxy;
                fastcgi_temp_path {directory}/fastcgi; uwsgi_temp_path {directory}/uwsgi;
                scgi_temp_path {directory}/scgi;
                map "" $public_scheme {{ default http; }}
                map $http_upgrade $connection_upgrade {{ default upgrade; "" ""; }}
                upstream carillon {{ server 127.0.0.1:{self._stack.port("web")}; }}
                server {{ listen 127.0.0.1:{self._port}; include {shared}/locations.conf; }}
            }}"""
        )
        program = [nginx, "-c", str(configuration), "-p", str(directory)]
        self._running.append(Running("nginx", program, {}, directory / "nginx.log"))
        wait_until(lambda: status_of(f"{self.url}/healthz") == 200, "nginx answers", timeout_s=30)

    def stop(self) -> None:
        for running in reversed(self._running):
            running.stop()


class NoRedirect(urllib.request.HTTPRedirectHandler):
    def redirect_request(self, *_: object) -> None:
        return None


def ask(url: str, cookie: str = "") -> tuple[int, str, str]:
    """Status, where it leads, and what it says."""
    request = urllib.request.Request(url, headers={"Cookie": cookie} if cookie else {})
    try:
        with urllib.request.build_opener(NoRedirect).open(request, timeout=10) as answer:
            return answer.status, "", answer.read().decode(errors="replace")
    except urllib.error.HTTPError as error:
        with error:
            return error.code, error.headers.get("Location", ""), ""


def status_of(url: str) -> int:
    try:
        return ask(url)[0]
    except OSError:
        return 0


@pytest.fixture
def proxied(stack: Stack, tmp_path: Path) -> Iterator[Proxied]:
    nginx = shutil.which("nginx")
    if nginx is None and debian.install("nginx-light"):
        nginx = shutil.which("nginx")
    if nginx is None:
        pytest.skip("nginx is not installed here")
    if find_spec("flower") is None:
        pytest.skip("Flower is not installed here: tools/setup test flower")
    proxied = Proxied(stack)
    try:
        proxied.start(nginx, tmp_path)
        yield proxied
    finally:
        proxied.stop()


@pytest.mark.timeout(300)  # three programs are started
def test_flower_is_behind_the_log_in_of_the_admin(proxied: Proxied, stack: Stack) -> None:
    cookies = {}
    for name, staff in (("ada", True), ("ben", False)):
        stack.manage("shell", "--no-imports", "-c", MAKE_ADA.format(name=name, staff=staff))
        key = stack.manage("shell", "--no-imports", "-c", LOG_IN.format(name=name)).split()[-1]
        cookies[name] = f"sessionid={key}"
    flower = f"{proxied.url}/flower/"
    status, location, _ = ask(flower)
    assert (status, location.removeprefix(proxied.url)) == (302, "/admin/login/?next=/flower/")
    assert ask(flower, cookies["ben"])[0] == 403
    status, _, page = ask(flower, cookies["ada"])
    assert (status, "Flower" in page) == (200, True)
    # It shows, and changes nothing; and nobody asks the door itself.
    assert ask(f"{flower}api/workers", cookies["ada"])[0] in {401, 403}
    assert status_of(f"{proxied.url}/staff-only") == 404
