"""What `manage.py serve` sees to before it listens."""

from __future__ import annotations

import logging
import resource

import pytest

from realtime.management.commands.serve import raise_open_files_limit


@pytest.mark.parametrize(("wanted", "warns"), [(1, False), (2**40, True)])
def test_few_allowed_files_are_a_warning_that_says_how_many_to_allow(settings, caplog, wanted, warns) -> None:
    settings.REALTIME = {**settings.REALTIME, "MIN_OPEN_FILES": wanted}
    with caplog.at_level(logging.WARNING, "realtime.server"):
        raise_open_files_limit()
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    assert soft == hard
    assert (f"may open {hard} files" in caplog.text) == warns
