from pathlib import Path

import pytest

from tools import frontend


@pytest.fixture
def sources(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setattr(frontend, "FRONTEND", tmp_path)
    (tmp_path / "app" / "src").mkdir(parents=True)
    (tmp_path / "app" / "src" / "main.tsx").write_text("one")
    return tmp_path


def test_a_changed_source_changes_the_digest(sources: Path) -> None:
    before = frontend.sources_digest()
    (sources / "app" / "src" / "main.tsx").write_text("two")
    assert frontend.sources_digest() != before


@pytest.mark.parametrize("path", ["node_modules/x/index.js", "app/dist/a.js", "app/src/main.test.tsx"])
def test_what_the_page_is_not_built_from_does_not_change_it(sources: Path, path: str) -> None:
    before = frontend.sources_digest()
    (sources / path).parent.mkdir(parents=True, exist_ok=True)
    (sources / path).write_text("new")
    assert frontend.sources_digest() == before


def test_a_page_without_its_manifest_counts_as_not_built(
    sources: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    dist = sources / "app" / "dist"
    dist.mkdir()
    monkeypatch.setattr(frontend, "DIST", dist)
    monkeypatch.setattr(frontend, "STAMP", dist / ".built-from")
    (dist / ".built-from").write_text(frontend.sources_digest())
    assert not frontend.is_built()
    (dist / ".vite").mkdir()
    (dist / ".vite" / "manifest.json").write_text("{}")
    assert frontend.is_built()
