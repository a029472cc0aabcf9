"""System checks of how task messages look. A worker does not start on an error; pickle stays a warning."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.core.checks import CheckMessage, Error, Tags, Warning, register

from realtime.workers.messages import COMPRESSIONS, CONTENT_TYPES, Messages

MAKE_KEYS = "`manage.py task_keys FOLDER` makes a pair"


@register(Tags.security)
def check_messages(app_configs: Any, **kwargs: Any) -> list[CheckMessage]:
    messages: Messages = settings.TASK_MESSAGES
    wanted = {messages.serializer, *messages.accept}
    found: list[CheckMessage] = []
    if unknown := wanted - set(CONTENT_TYPES):
        found.append(
            Error(
                f"CELERY_SERIALIZER, CELERY_ACCEPT: {sorted(unknown)}: take {', '.join(CONTENT_TYPES)}.",
                id="realtime.E010",
            )
        )
    if messages.compression not in COMPRESSIONS:
        found.append(
            Error(
                f"CELERY_COMPRESSION takes {', '.join(COMPRESSIONS)}, not {messages.compression}.",
                id="realtime.E011",
            )
        )
    if "pickle" in wanted:
        found.append(_about_pickle(messages))
    if messages.signed:
        found += _about_signing(messages)
    return found


def _about_pickle(messages: Messages) -> CheckMessage:
    if not messages.allow_pickle:
        return Error(
            "Pickle is not switched on: whoever can write to the broker could run any code in a worker. "
            "Take json, msgpack or yaml, or set CELERY_ALLOW_PICKLE=true as well.",
            id="realtime.E012",
        )
    return Warning(
        "Workers unpickle task messages: whoever can write to the broker can run any code in them"
        + (" if they also have a signing key." if messages.signed else ". Sign messages, or take json."),
        id="realtime.W003",
    )


def _about_signing(messages: Messages) -> list[CheckMessage]:
    paths = {
        "CELERY_SECURITY_KEY": messages.key,
        "CELERY_SECURITY_CERTIFICATE": messages.certificate,
        "CELERY_SECURITY_CERT_STORE": messages.cert_store,
    }
    if missing := [name for name, path in paths.items() if not path]:
        return [Error(f"Signed messages need {', '.join(missing)} as well; {MAKE_KEYS}.", id="realtime.E013")]
    # Only where it is used: loading the cryptography takes a tenth of a second.
    from realtime.workers.signing import SignedSerializer

    try:
        SignedSerializer(messages).probe()
    except Exception as error:  # a file that is missing, no key, expired, of another pair
        return [
            Error(f"Task messages can't be signed and read again: {error} ({MAKE_KEYS}).", id="realtime.E014")
        ]
    return []
