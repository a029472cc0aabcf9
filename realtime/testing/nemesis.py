"""What goes wrong, and when: a seeded plan, so that a run that found something can be run again.

Knows only names and callables; whoever starts the processes hands over how to kill them and bring them back.
"""

from __future__ import annotations

import os
import random
from collections.abc import Sequence
from dataclasses import dataclass

VARIABLE = "FAULTS_SEED"


@dataclass(frozen=True, slots=True)
class Kill:
    """After `wait_s`, kill the process `name`."""

    name: str
    wait_s: float


def seed_of_this_run() -> int:
    """`FAULTS_SEED` from the environment, else a new one."""
    given = os.environ.get(VARIABLE)
    return int(given) if given else random.SystemRandom().randrange(1_000_000)


def kills(rng: random.Random, names: Sequence[str], count: int, *, wait_s: tuple[float, float]) -> list[Kill]:
    """`count` kills of random ones of `names`, a random while apart."""
    return [Kill(rng.choice(names), rng.uniform(*wait_s)) for _ in range(count)]
