"""What unit tests share."""

import pytest

from tests.support import jobs  # noqa: F401  (declares kinds)


@pytest.fixture
def job_files(settings, tmp_path):
    """The folder of the jobs' files, of this test alone."""
    storage = {**settings.STORAGES["jobs"], "OPTIONS": {"location": tmp_path}}
    settings.STORAGES = {**settings.STORAGES, "jobs": storage}
    return tmp_path
