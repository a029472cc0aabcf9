"""One operation of a migration for many changes of tables.

After each change Django makes anew the classes of all models that are related to the changed one, which by way of the
users are nearly all: a long migration took seconds for an empty database. Tables are changed just as well by classes
of which the changed one alone is new; what comes after sees all of them new.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.db.backends.base.schema import BaseDatabaseSchemaEditor
from django.db.migrations.operations import SeparateDatabaseAndState
from django.db.migrations.operations.base import Operation
from django.db.migrations.state import ProjectState


class _State(ProjectState):
    """Its classes are its own, so that the half new ones are seen by nobody else."""

    @classmethod
    def of(cls, state: ProjectState) -> _State:
        return cls({key: model.clone() for key, model in state.models.items()}, state.real_apps)

    def clone(self) -> _State:
        copy = self.of(self)
        copy.apps = self.apps.clone()
        return copy

    def _find_reload_model(
        self, app_label: str, model_name: str, delay: bool = False
    ) -> set[tuple[str, str]]:
        return {(app_label, model_name.lower())}


class AtOnce(SeparateDatabaseAndState):
    """The operations, in their order; for changes of tables only: code that reads rows needs all classes new."""

    serialization_expand_args = ["operations"]

    def __init__(self, operations: Sequence[Operation]) -> None:
        super().__init__(operations, operations)

    def deconstruct(self) -> tuple[str, list[Any], dict[str, Any]]:
        return type(self).__qualname__, [], {"operations": self.database_operations}

    def state_forwards(self, app_label: str, state: ProjectState) -> None:
        # Made when they are asked for, rather than after each operation.
        state.__dict__.pop("apps", None)
        super().state_forwards(app_label, state)

    def database_forwards(
        self,
        app_label: str,
        schema_editor: BaseDatabaseSchemaEditor,
        from_state: ProjectState,
        to_state: ProjectState,
    ) -> None:
        super().database_forwards(app_label, schema_editor, _State.of(from_state), to_state)

    def database_backwards(
        self,
        app_label: str,
        schema_editor: BaseDatabaseSchemaEditor,
        from_state: ProjectState,
        to_state: ProjectState,
    ) -> None:
        super().database_backwards(app_label, schema_editor, from_state, _State.of(to_state))

    def describe(self) -> str:
        return "Change tables, at once"
