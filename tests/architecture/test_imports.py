"""The rules of the house, read from the source: who imports whom, and what no module may contain."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

BASE = Path(__file__).resolve().parents[2]
ORDER = ["realtime", "accounts", "notifications", "chat"]  # each imports only from those before it
FEATURES = ORDER[1:]
# What features may import of the engine beside its public names.
OPEN_MODULES = {
    "realtime",
    "realtime.compiled",
    "realtime.conf",
    "realtime.doctor",
    "realtime.http",
    "realtime.jobs",
    "realtime.live",
    "realtime.rows",
    "realtime.testing",
}


def modules(*roots: str) -> list[Path]:
    return sorted(
        path
        for root in roots
        for path in (BASE / root).rglob("*.py")
        if "migrations" not in path.parts and "node_modules" not in path.parts
    )


def imported(path: Path) -> Iterator[tuple[int, str, list[str]]]:
    """Line, module and names of every import of the file, also of those inside functions."""
    package = path.relative_to(BASE).with_suffix("").parts
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Import):
            for name in node.names:
                yield node.lineno, name.name, []
        elif isinstance(node, ast.ImportFrom):
            base = ".".join(package[: len(package) - node.level]) if node.level else ""
            module = ".".join(part for part in (base, node.module or "") if part)
            yield node.lineno, module, [name.name for name in node.names]


def broken(complaints: list[str]) -> str:
    return "\n".join(complaints)


@pytest.mark.parametrize("app", ORDER)
def test_imports_go_one_way(app: str) -> None:
    later = set(ORDER[ORDER.index(app) + 1 :])
    complaints = [
        f"{path.relative_to(BASE)}:{line} imports {module}"
        for path in modules(app)
        for line, module, _ in imported(path)
        if module.partition(".")[0] in later
    ]
    assert not complaints, broken(complaints)


def test_features_import_only_what_the_engine_offers() -> None:
    import realtime

    complaints = []
    for path in modules(*FEATURES):
        for line, module, names in imported(path):
            if module.partition(".")[0] != "realtime":
                continue
            inner = not any(
                module == one or module.startswith(f"{one}.") for one in OPEN_MODULES - {"realtime"}
            )
            hidden = [name for name in names if module == "realtime" and name not in realtime.__all__]
            if (inner and module != "realtime") or [
                one for one in hidden if f"realtime.{one}" not in OPEN_MODULES
            ]:
                complaints.append(f"{path.relative_to(BASE)}:{line} imports {module} {hidden or names}")
    assert not complaints, broken(complaints)


def test_the_protocol_knows_neither_django_nor_asyncio_nor_a_clock() -> None:
    forbidden = {"django", "asyncio", "time", "channels", "twisted", "redis", "celery", "random"}
    complaints = [
        f"{path.relative_to(BASE)}:{line} imports {module}"
        for path in modules("realtime/protocol")
        for line, module, _ in imported(path)
        if module.partition(".")[0] in forbidden
        or (
            module.startswith("realtime.") and not module.startswith(("realtime.protocol", "realtime.errors"))
        )
    ]
    assert not complaints, broken(complaints)


def test_the_hub_the_log_and_the_layer_know_nothing_of_the_gateway() -> None:
    complaints = [
        f"{path.relative_to(BASE)}:{line} imports {module}"
        for path in [
            *modules("realtime/log", "realtime/layer", "realtime/protocol"),
            BASE / "realtime/hub.py",
            BASE / "realtime/publish.py",
        ]
        for line, module, _ in imported(path)
        if module.startswith(("realtime.gateway", "realtime.server", "realtime.live"))
    ]
    assert not complaints, broken(complaints)


def test_nothing_imports_the_composition() -> None:
    """Settings, ASGI, URLs and Celery name everything by strings; only the framework loads them."""
    composition = {"realtime.settings", "realtime.asgi", "realtime.urls", "realtime.celery"}
    complaints = [
        f"{path.relative_to(BASE)}:{line} imports {module}"
        for path in modules(*ORDER)
        for line, module, names in imported(path)
        if (module in composition or any(f"{module}.{name}" in composition for name in names))
        and path.relative_to(BASE).as_posix() != "realtime/apps.py"  # starts Celery's own registration
    ]
    assert not complaints, broken(complaints)


def test_every_module_of_the_engine_says_what_it_is() -> None:
    complaints = [
        f"{path.relative_to(BASE)} has no docstring"
        for path in modules("realtime")
        if path.read_text().strip()
        and path.name != "apps.py"
        and not ast.get_docstring(ast.parse(path.read_text()))
        and "management/commands" not in path.as_posix()
    ]
    assert not complaints, broken(complaints)


def test_no_error_is_swallowed() -> None:
    """A bare except, or a broad one whose body does nothing."""
    complaints = []
    for path in modules(*ORDER):
        for node in ast.walk(ast.parse(path.read_text())):
            if not isinstance(node, ast.ExceptHandler):
                continue
            broad = node.type is None or (
                isinstance(node.type, ast.Name) and node.type.id in ("Exception", "BaseException")
            )
            silent = all(isinstance(one, (ast.Pass, ast.Continue)) for one in node.body)
            if broad and (silent or node.type is None):
                complaints.append(f"{path.relative_to(BASE)}:{node.lineno}")
    assert not complaints, broken(complaints)


def test_signal_receivers_live_where_one_looks_for_them() -> None:
    """Signals announce, never decide: an app's `receivers.py` passes them on, `live/` records changes."""
    allowed = ("realtime/live/", *(f"{app}/receivers.py" for app in FEATURES))
    complaints = [
        f"{path.relative_to(BASE)}:{line} imports {module}"
        for path in modules(*ORDER)
        for line, module, names in imported(path)
        if (module in ("django.db.models.signals", "django.contrib.auth.signals") or "receiver" in names)
        and not path.relative_to(BASE).as_posix().startswith(allowed)
    ]
    assert not complaints, broken(complaints)
