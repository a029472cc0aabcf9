from pathlib import Path

from realtime.supervisor import fingerprint


def _project(base: Path) -> Path:
    migrations = base / "chat" / "migrations"
    migrations.mkdir(parents=True)
    (migrations / "0001_initial.py").write_text("one")
    (base / "uv.lock").write_text("lock")
    database = base / "carillon.sqlite3"
    database.write_text("")
    return database


def test_a_marked_database_is_current_until_a_migration_is_added(tmp_path: Path) -> None:
    database = _project(tmp_path)
    assert not fingerprint.is_current(tmp_path, tmp_path, database)
    fingerprint.mark(tmp_path, tmp_path, database)
    assert fingerprint.is_current(tmp_path, tmp_path, database)
    (tmp_path / "chat" / "migrations" / "0002_more.py").write_text("two")
    assert not fingerprint.is_current(tmp_path, tmp_path, database)


def test_a_database_that_was_replaced_is_prepared_again(tmp_path: Path) -> None:
    database = _project(tmp_path)
    fingerprint.mark(tmp_path, tmp_path, database)
    other = tmp_path / "restored.sqlite3"
    other.write_text("")
    other.replace(database)
    assert not fingerprint.is_current(tmp_path, tmp_path, database)


def test_a_database_server_is_always_asked(tmp_path: Path) -> None:
    _project(tmp_path)
    fingerprint.mark(tmp_path, tmp_path, None)
    assert not fingerprint.is_current(tmp_path, tmp_path, None)
