"""System checks: configurations that would lose messages or open a door are refused with the fix in one line."""

from __future__ import annotations

import os
from typing import Any

from django.conf import settings
from django.core.checks import CheckMessage, Error, Tags, Warning, register
from django.utils.module_loading import import_string

from realtime import conf, failpoints


@register(Tags.compatibility)
def check_layer(app_configs: Any, **kwargs: Any) -> list[CheckMessage]:
    layers = getattr(settings, "CHANNEL_LAYERS", {})
    default = layers.get("default", {})
    found: list[CheckMessage] = []
    backend = default.get("BACKEND", "")
    if backend != "realtime.layer.RedisLayer":
        found.append(
            Error(
                f"CHANNEL_LAYERS['default'] is {backend or 'missing'}: set BACKEND to realtime.layer.RedisLayer.",
                id="realtime.E001",
            )
        )
    prefixes = [layer.get("CONFIG", {}).get("prefix", "asgi") for layer in layers.values()]
    if len(set(prefixes)) != len(prefixes):
        found.append(
            Error(
                "Two channel layers share a prefix: give each its own CONFIG['prefix'].", id="realtime.E002"
            )
        )
    return found


@register(Tags.database)
def check_sqlite(app_configs: Any, **kwargs: Any) -> list[CheckMessage]:
    databases: dict[str, dict[str, Any]] = settings.DATABASES
    return [
        Error(
            f"DATABASES[{name!r}] is SQLite without OPTIONS['transaction_mode'] = 'IMMEDIATE': set it, "
            "or writers will fail with 'database is locked'.",
            id="realtime.E003",
        )
        for name, database in databases.items()
        if database["ENGINE"].endswith("sqlite3")
        and database.get("OPTIONS", {}).get("transaction_mode") != "IMMEDIATE"
    ]


@register()
def check_settings(app_configs: Any, **kwargs: Any) -> list[CheckMessage]:
    found: list[CheckMessage] = []
    unknown = set(getattr(settings, "REALTIME", {})) - set(conf.DEFAULTS)
    if unknown:
        found.append(
            Error(
                f"REALTIME has unknown settings: {', '.join(sorted(unknown))}. See realtime/conf.py for the names.",
                id="realtime.E004",
            )
        )
    try:
        import_string(conf.get("AUTHENTICATION") + ".authenticate_session")
    except ImportError as error:
        found.append(Error(f"REALTIME['AUTHENTICATION'] can't be used: {error}.", id="realtime.E005"))
    if any(origin.count("/") != 2 or "*" in origin for origin in conf.get("ORIGINS")):
        found.append(
            Error(
                "REALTIME['ORIGINS'] takes exact origins such as https://chat.example.com, without path or *.",
                id="realtime.E006",
            )
        )
    return found


@register(Tags.security, deploy=True)
def check_deploy(app_configs: Any, **kwargs: Any) -> list[CheckMessage]:
    found: list[CheckMessage] = []
    if failpoints.VARIABLE in os.environ:
        found.append(
            Error(f"{failpoints.VARIABLE} is set: it kills processes. Unset it.", id="realtime.E007")
        )
    if "*" in settings.ALLOWED_HOSTS:
        found.append(
            Warning("ALLOWED_HOSTS has '*': list the host names that you serve.", id="realtime.W001")
        )
    if any(origin.startswith("http://") for origin in conf.get("ORIGINS")):
        found.append(
            Warning(
                "REALTIME['ORIGINS'] has an http:// origin: use https:// in production.", id="realtime.W002"
            )
        )
    return found
