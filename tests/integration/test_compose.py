"""The compose file holds together, and the commands of our services run with its environment on this machine."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml
from django.conf import settings

from realtime import conf
from realtime.testing.redis import PrivateRedis
from realtime.testing.stack import BASE, Databases, Running, free_port
from realtime.testing.waiting import wait_until

COMPOSE = (BASE / "docker-compose.yml").read_text()
SERVICES: dict[str, dict[str, Any]] = yaml.safe_load(COMPOSE)["services"]
OURS = {name for name, service in SERVICES.items() if service["image"].startswith("carillon:")}
REQUIRED = {"SECRET_KEY", "POSTGRES_PASSWORD", "REDIS_PASSWORD", "DOMAIN", "PUBLIC_ORIGIN"}
VARIABLE = re.compile(r"\$\$|\$\{(?P<name>\w+)(?::(?P<kind>[-?])(?P<rest>[^}]*))?\}")
SECONDS = re.compile(r"(\d+)s")


class Missing(Exception):
    """A required variable has no value; the compose file's sentence about it."""


def filled(value: str, variables: dict[str, str]) -> str:
    """A value of the compose file with its variables, as compose itself puts them in."""

    def one(match: re.Match[str]) -> str:
        name = match["name"]
        if name is None:
            return "$"
        if variables.get(name):
            return variables[name]
        if match["kind"] == "?":
            raise Missing(match["rest"])
        return match["rest"] or ""

    return VARIABLE.sub(one, value)


def example() -> dict[str, str]:
    """`.env.example`, with secrets filled in."""
    lines = (BASE / ".env.example").read_text().splitlines()
    pairs = dict(line.split("=", 1) for line in lines if line and not line.startswith("#"))
    return {name: value or "0123456789abcdef" * 4 for name, value in pairs.items()}


def environment_of(service: str) -> dict[str, str]:
    variables = example()
    return {name: filled(str(value), variables) for name, value in SERVICES[service]["environment"].items()}


def seconds(text: str) -> int:
    match = SECONDS.fullmatch(text)
    assert match, f"{text} is not a number of seconds"
    return int(match[1])


@pytest.mark.parametrize("name", SERVICES)
def test_each_service_is_watched_restarted_and_bounded(name: str) -> None:
    service = SERVICES[name]
    check = service["healthcheck"]
    if name == "migrate":
        assert (check, service["restart"]) == ({"disable": True}, "on-failure")
    else:
        assert check["test"][0] in ("CMD", "CMD-SHELL")
        assert {"interval", "timeout", "retries", "start_period"} <= set(check)
        assert seconds(check["timeout"]) < seconds(check["interval"]) or name in ("postgres", "redis")
        assert service["restart"] == "unless-stopped"
        assert seconds(service["stop_grace_period"]) > 10
    assert service["mem_limit"]
    assert set(service["logging"]["options"]) == {"max-size", "max-file"}


@pytest.mark.parametrize("name", sorted(OURS))
def test_our_containers_have_no_privilege_and_no_port(name: str) -> None:
    service = SERVICES[name]
    assert service["read_only"] is True
    assert service["cap_drop"] == ["ALL"]
    assert service["security_opt"] == ["no-new-privileges:true"]
    assert "ports" not in service
    assert "user" not in service, "the image says who"


def test_only_the_proxy_is_published() -> None:
    assert [name for name, service in SERVICES.items() if "ports" in service] == ["proxy"]


def test_there_are_two_replicas_and_the_proxy_knows_both() -> None:
    upstream = (BASE / "deploy/nginx/templates/upstream.conf.template").read_text()
    replicas = {name for name, service in SERVICES.items() if "serve" in service.get("command", [])}
    assert replicas == set(re.findall(r"server (\w+):8000 resolve", upstream)) == {"web1", "web2"}
    assert replicas <= set(environment_of("web1")["ALLOWED_HOSTS"].split(","))


def test_a_stopping_server_has_more_time_than_its_drain_takes() -> None:
    assert seconds(SERVICES["web1"]["stop_grace_period"]) > conf.DEFAULTS["DRAIN_DEADLINE_S"]


def test_the_proxy_waits_longer_than_a_quiet_socket_is_quiet() -> None:
    locations = (BASE / "deploy/nginx/locations.conf").read_text()
    patience = [seconds(text) for text in re.findall(r"proxy_read_timeout (\w+);", locations)]
    assert len(patience) == 2
    assert min(patience) > conf.DEFAULTS["PING_INTERVAL_S"] + conf.DEFAULTS["PONG_TIMEOUT_S"]


def test_what_the_proxy_mounts_exists_for_both_sites() -> None:
    for site in ("tls", "plain"):
        variables = {**example(), "PROXY_SITE": site}
        sources = [filled(volume, variables).split(":")[0] for volume in SERVICES["proxy"]["volumes"]]
        assert all((BASE / source).is_file() for source in sources if "deploy/" in source)


@pytest.mark.parametrize("missing", sorted(REQUIRED))
def test_it_refuses_to_start_without(missing: str) -> None:
    variables = {name: value for name, value in example().items() if name != missing}
    with pytest.raises(Missing, match=rf"Set {missing} in \.env to .+\."):
        filled(COMPOSE, variables)


def test_the_example_names_every_variable() -> None:
    used = {match["name"] for match in VARIABLE.finditer(COMPOSE) if match["name"]}
    assert used == set(example())


def test_no_secret_has_a_value_in_the_file() -> None:
    for service in SERVICES.values():
        for name, value in service.get("environment", {}).items():
            if re.search("SECRET|PASSWORD|AUTH", name):
                # Asked for, or left out where what it opens is not used.
                assert re.fullmatch(r"\$\{\w+:(\?[^}]+|-)\}", value), name


def test_the_image_has_every_app() -> None:
    dockerfile = (BASE / "deploy/Dockerfile").read_text()
    copied = {Path(source) for source in re.findall(r"^COPY (?!--)(\S+)", dockerfile, re.MULTILINE)}
    assert all((BASE / source).exists() for source in copied)
    first_party = {
        app.split(".")[0] for app in settings.INSTALLED_APPS if (BASE / app.split(".")[0]).is_dir()
    }
    assert {Path(app) for app in first_party} <= copied


class Native:
    """Our services as processes of this machine: the compose file's words, other addresses and another /tmp."""

    def __init__(self, directory: Path, *, database_url: str, redis_url: str) -> None:
        self._directory = directory
        self._port = str(free_port())
        self._addresses = {
            "DATABASE_URL": database_url,
            "REDIS_URL": redis_url,
            "PORT": self._port,
            "VAR_DIR": str(directory),
            "PATH": f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}",
            "TESTING": "0",
        }
        self.running: dict[str, Running] = {}

    def environment(self, service: str) -> dict[str, str]:
        return {**environment_of(service), **self._addresses}

    def start(self, service: str) -> Running:
        command = self._words(SERVICES[service]["command"])
        log = self._directory / f"{service}.log"
        self.running[service] = Running(service, command, self.environment(service), log)
        return self.running[service]

    def is_healthy(self, service: str) -> bool:
        process = self.running[service]
        assert process.returncode is None, process.log[-4000:]
        kind, *words = self._words(SERVICES[service]["healthcheck"]["test"])
        return self.run(service, words if kind == "CMD" else ["sh", "-c", *words]).returncode == 0

    def run(self, service: str, words: list[str]) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            words,
            env={**os.environ, **self.environment(service)},
            cwd=BASE,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            timeout=60,
            check=False,
        )

    def _words(self, words: list[str]) -> list[str]:
        variables = example()
        return [
            filled(word, variables).replace("/tmp", str(self._directory)) if word != "8000" else self._port
            for word in words
        ]

    def stop(self) -> None:
        for process in self.running.values():
            process.stop()


@pytest.fixture
def native(databases: Databases) -> Iterator[Native]:
    directory = Path(tempfile.mkdtemp(prefix="compose-"))
    redis = PrivateRedis(directory / "redis")
    redis.start()
    native = Native(directory, database_url=databases.fresh(), redis_url=redis.url)
    try:
        yield native
    finally:
        native.stop()
        redis.stop()
        shutil.rmtree(directory, ignore_errors=True)


@pytest.mark.slow
@pytest.mark.timeout(150)
def test_the_commands_of_our_services_run_and_become_healthy(native: Native) -> None:
    migrate = native.start("migrate")
    assert migrate.wait(60) == 0, migrate.log
    lasting = [name for name in ("web1", "urgent", "worker", "beat") if native.start(name)]
    for name in lasting:
        wait_until(lambda name=name: native.is_healthy(name), f"{name} is healthy", timeout_s=60)
    assert {name: native.running[name].stop() for name in lasting} == dict.fromkeys(lasting, 0)


@pytest.mark.slow
def test_the_checks_for_deployment_are_clean_in_this_environment(native: Native) -> None:
    checked = native.run(
        "web1", [sys.executable, "manage.py", "check", "--deploy", "--fail-level", "WARNING"]
    )
    assert checked.returncode == 0, checked.stderr
    assert "no issues" in checked.stdout
