"""Which models are live, what of a row is told, and who may read it. Filled by each app's `live.py`."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.core.exceptions import ValidationError
from django.db import models

from realtime.protocol.streams import check_stream

Payload = Callable[[Any], Mapping[str, Any]]
# readable_by(user, None) -> may the user read the whole model; readable_by(user, pks) -> the rows they may read.
ReadableBy = Callable[[Any, "Collection[Any] | None"], "bool | Collection[Any]"]


@dataclass(frozen=True, slots=True)
class Declaration:
    """One live model."""

    model: type[models.Model]
    stream: str
    payload: Payload
    readable_by: ReadableBy

    @property
    def label(self) -> str:
        """`app.model`, as it stands in the events."""
        return self.model._meta.label_lower

    @property
    def key(self) -> str:
        """The stream's name without its kind."""
        return self.stream.partition(":")[2]

    def row_stream(self, pk: object) -> str:
        return f"{self.stream}:{pk}"

    def row_key(self, text: str) -> Any:
        """The primary key written as `text`, or None: not every text is one, and only one text is each."""
        try:
            pk = _root_pk(self.model).clean(text, None)
        except ValidationError:
            return None
        return pk if str(pk) == text else None


_declarations: dict[type[models.Model], Declaration] = {}


def live(
    model: type[models.Model],
    *,
    readable_by: ReadableBy,
    stream: str | None = None,
    payload: Sequence[str] | Payload | None = None,
) -> Callable[[Payload], Payload]:
    """Declare `model` live. `payload` is a list of its fields or a function of an instance.

    Without `payload` it decorates that function:

        @live(Order, readable_by=with_permission("shop.view_order"))
        def order_payload(order): return {"number": order.number, "state": order.state}

    The function is called with the row as it is stored, before and after each change: what it returns must come
    from the row itself (and its many-to-many fields), in JSON types, datetimes, decimals or UUIDs. `stream`
    starts with `model:`; it defaults to the model's label.
    """

    def register(function: Payload) -> Payload:
        _register(Declaration(model, check_stream(stream or _default_stream(model)), function, readable_by))
        return function

    if payload is None:
        return register
    register(payload if callable(payload) else fields_payload(model, payload))
    return register


def declaration_of(model: type[models.Model]) -> Declaration | None:
    """The declaration of exactly this model (a proxy counts as its concrete model)."""
    return _declarations.get(model._meta.concrete_model or model)


def declarations() -> list[Declaration]:
    return list(_declarations.values())


def declarations_for(model: type[models.Model]) -> list[Declaration]:
    """Every declaration that a row of `model` belongs to: its own and those of its parents."""
    return [one for one in _declarations.values() if issubclass(model, one.model)]


def fields_payload(model: type[models.Model], names: Sequence[str]) -> Payload:
    """A payload of the named fields: foreign keys and many-to-many fields as keys, files as names."""
    single = [f for f in (model._meta.get_field(name) for name in names) if not f.many_to_many]
    many = [name for name in names if model._meta.get_field(name).many_to_many]

    def payload(instance: models.Model) -> dict[str, Any]:
        told = {field.name: _plain(field.value_from_object(instance)) for field in single}  # type: ignore[union-attr]
        return told | {name: _related_keys(instance, name) for name in many}

    return payload


def with_permission(permission: str) -> ReadableBy:
    """readable_by for people who hold `permission` on the whole model: all rows or none."""

    def readable_by(user: Any, pks: Collection[Any] | None) -> bool | Collection[Any]:
        allowed = bool(user.is_active and user.has_perm(permission))
        if pks is None:
            return allowed
        return pks if allowed else ()

    return readable_by


def _register(declaration: Declaration) -> None:
    from realtime.live.recording import watch

    known = _declarations.get(declaration.model)
    if known is not None:
        raise ValueError(f"{declaration.label} is declared live twice: keep one of the declarations.")
    if not declaration.stream.startswith("model:"):
        raise ValueError(f"A live model's stream starts with 'model:', and {declaration.stream!r} does not.")
    if any(one.stream == declaration.stream for one in _declarations.values()):
        raise ValueError(f"Two live models share the stream {declaration.stream!r}.")
    if not isinstance(_root_pk(declaration.model), (models.IntegerField, models.UUIDField)):
        raise ValueError(f"{declaration.label} needs an integer or UUID primary key to be live.")
    _declarations[declaration.model] = declaration
    watch(declaration)


def _default_stream(model: type[models.Model]) -> str:
    return f"model:{model._meta.label_lower}"


def _root_pk(model: type[models.Model]) -> models.Field[Any, Any]:
    field = model._meta.pk
    while isinstance(field, models.ForeignKey):
        field = field.target_field
    return field


def _plain(value: Any) -> Any:
    return value.name if isinstance(value, models.fields.files.FieldFile) else value


def _related_keys(instance: models.Model, name: str) -> list[Any]:
    return list(getattr(instance, name).order_by("pk").values_list("pk", flat=True))
