"""Words of which people want to hear."""

from __future__ import annotations

from typing import ClassVar

from django.conf import settings
from django.db import models

MAX_KEYWORD_CHARACTERS = 60


class Keyword(models.Model):
    """A word, or a few side by side, that notifies its owner like a mention wherever they are a member."""

    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="+", db_index=False
    )
    text = models.CharField(max_length=MAX_KEYWORD_CHARACTERS)
    # As texts are compared: its words with blanks between them, and the first of them, by which it is looked up.
    key = models.CharField(max_length=4 * MAX_KEYWORD_CHARACTERS)
    first = models.CharField(max_length=64, db_index=True)

    class Meta:
        constraints: ClassVar = [models.UniqueConstraint(fields=["user", "key"], name="keyword_once")]

    def __str__(self) -> str:
        return self.text
