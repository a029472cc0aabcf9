"""What a report says of its figures."""

import json

from realtime.testing.report import Report, percentiles


def report(**fields: object) -> Report:
    empty = percentiles([])
    usual = {
        "seed": 7,
        "seconds": 60.0,
        "acknowledged": 5000,
        "attempts_failed": 12,
        "received": 30_000,
        "raw_duplicates": 30,
        "probes": 9,
        "occurrences": 80,
        "faults": {"kill-web": 10},
        "deaths_by_themselves": [],
        "caught_up_s": 0.5,
        "ack_ms": percentiles([1.0, 2.0, 3.0]),
        "reconnect_s": empty,
        "broadcast_late_s": empty,
        "resources": {"web threads": (10, 12)},
        "violations": {"I1": [], "I6": ["ada misses room:1 #4"]},
    }
    return Report(**{**usual, **fields})


def test_percentiles_are_figures_that_occurred() -> None:
    found = percentiles(float(number) for number in range(100, 0, -1))
    assert (found.count, found.p50, found.p95, found.p99, found.max) == (100, 51.0, 96.0, 100.0, 100.0)


def test_without_figures_there_are_no_percentiles() -> None:
    assert percentiles([]).p99 is None
    assert percentiles([]).text("s") == "none"


def test_the_text_names_what_was_found() -> None:
    text = report().text()
    assert "raw duplicates 30 (0.10 %)" in text
    assert "I1 0, I6 1" in text
    assert "I6: ada misses room:1 #4" in text
    assert report().found == 1


def test_the_json_has_everything_that_the_text_has() -> None:
    assert json.loads(report().json())["violations"]["I6"] == ["ada misses room:1 #4"]
