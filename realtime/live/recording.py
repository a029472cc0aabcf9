"""Turns what happened to rows into events: compares the stored row before and after, inside one transaction.

Owns the only signal receivers of the project (deletion and many-to-many); saving is wrapped at the declared
model itself, because a receiver cannot open the transaction that a row and its event must share (G1).
Why the row is read again instead of remembered from its loading: docs/decisions/0003-live-models.md.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from functools import wraps
from typing import Any

from django.db import models, router, transaction
from django.db.models.signals import class_prepared, m2m_changed, post_delete

from realtime import Struct, publish_many
from realtime.live.declarations import Declaration, declaration_of, declarations, declarations_for
from realtime.live.events import LiveCreated, LiveDeleted, LiveUpdated
from realtime.live.versions import next_versions

ROWS_PER_QUERY = 500

Payloads = dict[Any, Mapping[str, Any]]


class Change:
    """The payloads of some rows as they were stored before a change; `publish` compares and tells."""

    def __init__(self, declaration: Declaration, pks: Collection[Any]) -> None:
        self._declaration = declaration
        self._before = _stored(declaration, pks)

    @property
    def existing(self) -> Collection[Any]:
        return self._before.keys()

    def publish(self, pks: Collection[Any]) -> None:
        """Tell what became of the rows `pks`. A row whose payload is the same says nothing."""
        after = _stored(self._declaration, pks)
        announce(self._declaration, _events(self._declaration, self._before, after))


class Told(Struct, frozen=True):
    """What is to be told of one row, before it has its version."""

    pk: Any
    data: Mapping[str, Any] | None = None  # None: deleted
    changed: list[str] | None = None  # None: created, or deleted


_collecting: ContextVar[list[tuple[Declaration, Told]] | None] = ContextVar("live_collecting", default=None)


@contextmanager
def collected() -> Iterator[None]:
    """Gathers the announcements of the block (one per row of a queryset's deletion) into one INSERT per table."""
    if _collecting.get() is not None:
        yield
        return
    gathered: list[tuple[Declaration, Told]] = []
    token = _collecting.set(gathered)
    try:
        yield
    finally:
        _collecting.reset(token)
    for declaration in declarations():
        announce(declaration, [told for one, told in gathered if one is declaration])


def announce(declaration: Declaration, tellings: Iterable[Told]) -> None:
    """Publish in the caller's transaction, on the model's stream and on each row's."""
    told = list(tellings)
    gathering = _collecting.get()
    if gathering is not None:
        gathering.extend((declaration, one) for one in told)
        return
    for different_rows in _rounds(told):
        _publish(declaration, different_rows)


def _publish(declaration: Declaration, told: Sequence[Told]) -> None:
    """Publish for different rows."""
    versions = next_versions(declaration.label, (str(one.pk) for one in told))
    events = [(one.pk, _event(declaration, one, versions[str(one.pk)])) for one in told]
    publish_many(
        (stream, event) for pk, event in events for stream in (declaration.stream, declaration.row_stream(pk))
    )


def _rounds(told: Iterable[Told]) -> list[list[Told]]:
    """In order, so that a row that is told of twice (changed, then deleted) gets two versions."""
    rounds: list[list[Told]] = []
    seen: Counter[Any] = Counter()
    for one in told:
        if seen[one.pk] == len(rounds):
            rounds.append([])
        rounds[seen[one.pk]].append(one)
        seen[one.pk] += 1
    return rounds


def watch(declaration: Declaration) -> None:
    """See every save, deletion and many-to-many change of the declared model, its proxies and its children."""
    _wrap_save(declaration)
    for model in _family(declaration.model):
        _connect(model)
    # Per model, never for all: a listener for every model would end Django's fast deletion everywhere.
    class_prepared.connect(_connect_later, weak=False, dispatch_uid="realtime.live.later")


def payload_key(pk: Any) -> int | str:
    """A primary key as it stands in an event: a number, or text for a UUID."""
    return pk if isinstance(pk, int) else str(pk)


# ---- saving


def _wrap_save(declaration: Declaration) -> None:
    original: Callable[..., None] = declaration.model.save_base

    @wraps(original)
    def save_base(self: models.Model, *args: Any, using: str | None = None, **kwargs: Any) -> None:
        using = using or router.db_for_write(self.__class__, instance=self)
        with transaction.atomic(using=using, savepoint=False):
            change = Change(declaration, [] if self.pk is None else [self.pk])
            original(self, *args, using=using, **kwargs)
            change.publish([self.pk])

    declaration.model.save_base = save_base  # type: ignore[method-assign]


# ---- receivers


def _family(model: type[models.Model]) -> Iterator[type[models.Model]]:
    yield model
    for child in model.__subclasses__():
        yield from _family(child)


def _connect(model: type[models.Model]) -> None:
    post_delete.connect(_after_delete, sender=model, dispatch_uid=f"realtime.live.delete.{model._meta.label}")
    for field in model._meta.many_to_many:
        through: Any = field.remote_field.through
        m2m_changed.connect(
            _around_m2m, sender=through, dispatch_uid=f"realtime.live.m2m.{through._meta.label}"
        )


def _connect_later(sender: type[models.Model], **kwargs: Any) -> None:
    if any(issubclass(sender, one.model) for one in declarations()):
        _connect(sender)


def _after_delete(sender: type[models.Model], instance: models.Model, **kwargs: Any) -> None:
    # Exactly the sender's: for the rows of its parents, which go as well, the signal comes again.
    declaration = declaration_of(sender)
    if declaration is not None:
        announce(declaration, [Told(pk=instance.pk)])


def _around_m2m(
    sender: type[models.Model],
    instance: models.Model,
    action: str,
    reverse: bool,
    model: type[models.Model],
    pk_set: set[Any] | None,
    **kwargs: Any,
) -> None:
    """Before and after add, remove and clear, from either side: the rows that own the field are compared."""
    moment, _, verb = action.partition("_")
    for declaration in declarations_for(model if reverse else type(instance)):
        place = f"_live_{declaration.label}_{sender._meta.label}_{verb}"
        if moment == "pre":
            pks = _owners(sender, instance, reverse=reverse, pk_set=pk_set)
            instance.__dict__[place] = Change(declaration, pks)
        elif (change := instance.__dict__.pop(place, None)) is not None:
            change.publish(change.existing)


def _owners(
    through: type[models.Model], instance: models.Model, *, reverse: bool, pk_set: set[Any] | None
) -> Collection[Any]:
    """Keys of the rows on the side that declares the field."""
    if not reverse:
        return [instance.pk]
    if pk_set is not None:
        return pk_set
    for field in through._meta.get_fields():
        if isinstance(field, models.ForeignKey) and isinstance(instance, field.related_model):
            target, source = field, _other_side(through, field)
            rows = through._base_manager.filter(**{target.attname: instance.pk})
            return set(rows.values_list(source.attname, flat=True))
    return []


def _other_side(
    through: type[models.Model], known: models.ForeignKey[Any, Any]
) -> models.ForeignKey[Any, Any]:
    return next(
        field
        for field in through._meta.get_fields()
        if isinstance(field, models.ForeignKey) and field is not known
    )


# ---- comparing


def _stored(declaration: Declaration, pks: Collection[Any]) -> Payloads:
    """The payloads of the stored rows, which stay locked until the transaction ends."""
    wanted = sorted(set(pks))
    found: Payloads = {}
    # A plain queryset: the model's own managers may hide rows.
    rows: models.QuerySet[models.Model] = (
        models.QuerySet(declaration.model).select_for_update().order_by("pk")
    )
    for start in range(0, len(wanted), ROWS_PER_QUERY):
        for row in rows.filter(pk__in=wanted[start : start + ROWS_PER_QUERY]):
            found[row.pk] = declaration.payload(row)
    return found


def _events(declaration: Declaration, before: Payloads, after: Payloads) -> Iterator[Told]:
    for pk, data in after.items():
        if pk not in before:
            yield Told(pk=pk, data=data)
        elif changed := _differing(before[pk], data):
            yield Told(pk=pk, data=data, changed=changed)


def _differing(before: Mapping[str, Any], after: Mapping[str, Any]) -> list[str]:
    missing = object()
    names = {**before, **after}
    return [name for name in names if before.get(name, missing) != after.get(name, missing)]


def _event(declaration: Declaration, told: Told, version: int) -> LiveCreated | LiveUpdated | LiveDeleted:
    row = payload_key(told.pk)
    if told.data is None:
        return LiveDeleted(model=declaration.label, id=row, version=version)
    if told.changed is None:
        return LiveCreated(model=declaration.label, id=row, version=version, data=dict(told.data))
    return LiveUpdated(
        model=declaration.label, id=row, version=version, changed=told.changed, data=dict(told.data)
    )
