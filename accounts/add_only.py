"""Tables in which is written down who did what: rows are added, and never changed or deleted."""

from __future__ import annotations

from typing import Any, NoReturn

from django.db import models


class NotForChange(Exception):
    """A bug: something tried to change what is written down."""

    def __init__(self) -> None:
        super().__init__("The audit log is only added to.")


class _AddOnlyRows(models.QuerySet[Any]):
    def update(self, **_: Any) -> NoReturn:
        raise NotForChange()

    def delete(self) -> NoReturn:
        raise NotForChange()

    def bulk_update(self, *_: Any, **__: Any) -> NoReturn:
        raise NotForChange()


class AddOnly(models.Model):
    objects = _AddOnlyRows.as_manager()

    class Meta:
        abstract = True

    def save(self, *args: Any, **kwargs: Any) -> None:
        if self.pk is not None:
            raise NotForChange()
        super().save(*args, **kwargs)

    def delete(self, *args: Any, **kwargs: Any) -> NoReturn:
        raise NotForChange()
