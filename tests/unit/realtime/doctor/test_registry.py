"""Examinations are found, run in order, and one that cannot end does not stop the others."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from django.core.management import CommandError, call_command

from realtime.doctor import Finding, Site, doubtful, examine, fine, registry, wrong

SITE = Site("http://localhost:8000", "http://localhost:8000")
ENGINE = {
    *("database", "redis", "clocks", "layer", "broker", "workers", "beat"),
    *("page", "socket", "settings"),
}


@pytest.fixture
def examinations(monkeypatch: pytest.MonkeyPatch) -> None:
    registry.load()
    monkeypatch.setattr(registry, "_examinations", {})

    @examine("good")
    def good(site: Site) -> Iterator[Finding]:
        yield fine(f"{site.url} is well.")

    @examine("broken")
    def broken(site: Site) -> Iterator[Finding]:
        yield doubtful("It may last.", "Look again.")
        raise ConnectionError("nobody there\nand more")

    @examine("bad")
    def bad(site: Site) -> Iterator[Finding]:
        yield wrong("It is broken.", "Mend it.")


@pytest.mark.usefixtures("examinations")
def test_each_line_bears_its_name_and_an_error_is_a_line_too() -> None:
    found = [(one.check, one.level, one.text) for one in registry.run(SITE)]
    assert found == [
        ("good", "ok", "http://localhost:8000 is well."),
        ("broken", "warning", "It may last."),
        ("broken", "wrong", "Could not be examined: nobody there."),
        ("bad", "wrong", "It is broken."),
    ]
    assert [one.check for one in registry.run(SITE, ["bad"])] == ["bad"]


@pytest.mark.usefixtures("examinations")
def test_a_name_is_given_once() -> None:
    with pytest.raises(ValueError, match="'good' already"):
        examine("good")(lambda site: [])


@pytest.mark.usefixtures("examinations")
def test_the_command_shows_the_remedy_and_ends_with_the_number_of_wrong_lines(
    capsys: pytest.CaptureFixture[str],
) -> None:
    with pytest.raises(CommandError, match="2 of 4 lines are wrong") as raised:
        call_command("doctor", no_color=True)
    assert raised.value.returncode == 1
    assert capsys.readouterr().out.splitlines()[-1] == "WRONG   bad       It is broken. -> Mend it."
    call_command("doctor", "good")


def test_each_part_of_the_engine_is_examined_and_an_unknown_one_is_refused(
    capsys: pytest.CaptureFixture[str],
) -> None:
    call_command("doctor", "list")
    assert set(capsys.readouterr().out.split("\n")) >= ENGINE
    with pytest.raises(CommandError, match="There is no such"):
        call_command("doctor", "such")
