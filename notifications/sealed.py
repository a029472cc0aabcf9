"""Secrets that the database holds sealed: whoever reads a backup of it, and not the SECRET_KEY, has none of them.

Sealed with a key derived from SECRET_KEY, opened with one of any of SECRET_KEY_FALLBACKS too; `reseal` gives what an
old key sealed to the present one, so that an old key can go.
"""

from __future__ import annotations

import base64
import logging
from functools import lru_cache
from typing import Any

from cryptography.fernet import Fernet, InvalidToken, MultiFernet
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from django.conf import settings
from django.db import models

logger = logging.getLogger(__name__)

MARK = "sealed1:"
_PURPOSE = b"carillon secrets in the database 1"


def seal(text: str) -> str:
    return MARK + _keys().encrypt(text.encode()).decode()


def opened(sealed: str) -> str:
    """The text; what was never sealed as it is, and so what no key opens: it must not be lost by being saved."""
    if not is_sealed(sealed):
        return sealed
    try:
        return _keys().decrypt(sealed.removeprefix(MARK).encode()).decode()
    except InvalidToken:
        logger.error("A secret was sealed with a key that is neither SECRET_KEY nor one of its fallbacks.")
        return sealed


def is_sealed(text: str) -> bool:
    return text.startswith(MARK)


def is_of_present_key(sealed: str) -> bool:
    """Whether the present SECRET_KEY sealed it."""
    try:
        _fernet(settings.SECRET_KEY).decrypt(sealed.removeprefix(MARK).encode())
    except InvalidToken:
        return False
    return is_sealed(sealed)


class SealedField(models.TextField):  # type: ignore[type-arg]
    """A text that is sealed in the database, and as it is in Python, unless no key opens it. It cannot be searched."""

    def from_db_value(self, value: str | None, expression: Any, connection: Any) -> str | None:
        return value if value is None else opened(value)

    def get_prep_value(self, value: Any) -> Any:
        prepared = super().get_prep_value(value)
        return seal(prepared) if prepared and not is_sealed(prepared) else prepared


def _keys() -> MultiFernet:
    """The first one seals, each of them opens."""
    return MultiFernet([_fernet(key) for key in (settings.SECRET_KEY, *settings.SECRET_KEY_FALLBACKS)])


@lru_cache(maxsize=16)
def _fernet(secret_key: str) -> Fernet:
    derived = HKDF(SHA256(), length=32, salt=None, info=_PURPOSE).derive(secret_key.encode())
    return Fernet(base64.urlsafe_b64encode(derived))
