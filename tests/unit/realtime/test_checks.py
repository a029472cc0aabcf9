"""Configurations that would lose messages or open a door are refused, with the fix in one line."""

from __future__ import annotations

from typing import Any

import pytest

from realtime import checks, conf, failpoints


def ids(found: list[Any]) -> list[str]:
    assert all(message.msg for message in found)
    return [message.id for message in found]


def test_the_project_itself_passes() -> None:
    for check in (checks.check_layer, checks.check_sqlite, checks.check_settings):
        assert check(None) == []


@pytest.mark.parametrize(
    "layers",
    [
        {},
        {"default": {"BACKEND": "channels_redis.core.RedisChannelLayer"}},
        {"default": {"BACKEND": "channels.layers.InMemoryChannelLayer"}},
    ],
)
def test_another_layer_is_refused(settings: Any, layers: Any) -> None:
    settings.CHANNEL_LAYERS = layers
    assert "realtime.E001" in ids(checks.check_layer(None))


def test_two_layers_with_one_prefix_are_refused(settings: Any) -> None:
    ours = {"BACKEND": "realtime.layer.RedisLayer"}
    settings.CHANNEL_LAYERS = {"default": ours, "other": ours}
    assert ids(checks.check_layer(None)) == ["realtime.E002"]


def test_sqlite_that_takes_its_lock_late_is_refused(settings: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    late = {"ENGINE": "django.db.backends.sqlite3", "OPTIONS": {}}
    monkeypatch.setitem(settings.DATABASES, "late", late)
    assert ids(checks.check_sqlite(None)) == ["realtime.E003"]


@pytest.mark.parametrize(
    ("changed", "id"),
    [
        ({"PING_INTERVAL": 5}, "realtime.E004"),
        ({"AUTHENTICATION": "no.such.module"}, "realtime.E005"),
        ({"ORIGINS": ["*"]}, "realtime.E006"),
        ({"ORIGINS": ["https://chat.example.com/path"]}, "realtime.E006"),
        ({"ORIGINS": ["chat.example.com"]}, "realtime.E006"),
    ],
)
def test_wrong_settings_are_named(settings: Any, changed: dict[str, Any], id: str) -> None:
    settings.REALTIME = {**settings.REALTIME, **changed}
    assert ids(checks.check_settings(None)) == [id]


def test_doors_that_stand_open_are_told_at_deployment(settings: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    settings.ALLOWED_HOSTS = ["*"]
    settings.REALTIME = {**settings.REALTIME, "ORIGINS": ["http://chat.example.com"]}
    monkeypatch.setenv(failpoints.VARIABLE, "committed")
    assert ids(checks.check_deploy(None)) == ["realtime.E007", "realtime.W001", "realtime.W002"]
    settings.ALLOWED_HOSTS = ["chat.example.com"]
    settings.REALTIME = {**settings.REALTIME, "ORIGINS": ["https://chat.example.com"]}
    monkeypatch.delenv(failpoints.VARIABLE)
    assert checks.check_deploy(None) == []


def test_a_setting_without_a_default_is_a_bug() -> None:
    with pytest.raises(KeyError):
        conf.get("NO_SUCH_SETTING")
