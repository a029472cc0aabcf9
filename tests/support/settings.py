"""The project's settings with the tests' notification types and kinds of jobs, which workers have to know."""

from realtime.settings import *  # noqa: F403

INSTALLED_APPS = [*INSTALLED_APPS, "tests.support"]  # noqa: F405
