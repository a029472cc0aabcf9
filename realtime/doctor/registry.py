"""Which examinations there are, and one run of all of them."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, replace
from importlib import import_module
from typing import Literal

from django.utils.module_loading import autodiscover_modules

logger = logging.getLogger(__name__)

Level = Literal["ok", "warning", "wrong"]

# In the order in which one would look: each needs those before it.
ENGINE = ("storage", "layer", "work", "sockets", "configuration")


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """One line: what is so and, unless it is fine, how to mend it. `check` is filled in by the run."""

    level: Level
    text: str
    mend: str = ""
    check: str = ""


@dataclass(frozen=True, slots=True)
class Site:
    """What is examined: an address of this installation, and the origin that a page of it would name."""

    url: str
    origin: str


Examination = Callable[[Site], Iterable[Finding]]
_examinations: dict[str, Examination] = {}


def fine(text: str) -> Finding:
    return Finding(level="ok", text=text)


def doubtful(text: str, mend: str) -> Finding:
    """Works, but will not for long or for everybody."""
    return Finding(level="warning", text=text, mend=mend)


def wrong(text: str, mend: str) -> Finding:
    return Finding(level="wrong", text=text, mend=mend)


def examine(name: str) -> Callable[[Examination], Examination]:
    """Registers an examination under the word that its lines begin with."""

    def register(examination: Examination) -> Examination:
        if name in _examinations:
            raise ValueError(f"There is an examination {name!r} already.")
        _examinations[name] = examination
        return examination

    return register


def names() -> list[str]:
    load()
    return list(_examinations)


def run(site: Site, chosen: Iterable[str] = ()) -> Iterator[Finding]:
    """What each examination finds, as it finds it; without names, all of them."""
    load()
    for name in list(chosen) or list(_examinations):
        try:
            for finding in _examinations[name](site):
                yield replace(finding, check=name)
        except Exception as error:  # an examination that cannot end is what is wrong
            logger.debug("The examination %s failed", name, exc_info=True)
            said = (str(error) or type(error).__name__).partition("\n")[0]
            yield replace(wrong(f"Could not be examined: {said}.", "See the lines above first."), check=name)


def load() -> None:
    """Finds the engine's examinations, and every app's `doctor.py`."""
    for module in ENGINE:
        import_module(f"realtime.doctor.{module}")
    autodiscover_modules("doctor")
