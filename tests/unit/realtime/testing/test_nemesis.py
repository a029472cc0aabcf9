"""A plan depends on its seed and its counts alone."""

from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pytest

from realtime.testing.nemesis import KINDS, plan, possible
from realtime.testing.proxy import Network
from realtime.testing.topology import Topology

COUNTS = {"kill-web": 5, "redis-empty": 3, "client-cut": 2}


@pytest.fixture
def topology(tmp_path: Path) -> Iterator[Topology]:
    with Network() as network:
        yield Topology(tmp_path, network, database_url=f"sqlite:///{tmp_path}/none.sqlite3")


def test_the_same_seed_makes_the_same_plan_and_another_one_another(topology: Topology) -> None:
    first = plan(7, COUNTS, duration_s=60, topology=topology)
    assert plan(7, COUNTS, duration_s=60, topology=topology) == first
    assert plan(8, COUNTS, duration_s=60, topology=topology) != first


def test_a_plan_has_as_many_of_each_kind_as_asked_for_in_order_and_within_its_time(
    topology: Topology,
) -> None:
    faults = plan(7, COUNTS, duration_s=60, topology=topology)
    assert Counter(fault.kind for fault in faults) == COUNTS
    assert [fault.at_s for fault in faults] == sorted(fault.at_s for fault in faults)
    assert all(0 <= fault.at_s < 60 for fault in faults)
    assert all(fault.target in KINDS[fault.kind].targets(topology) for fault in faults)


def test_faults_of_a_kind_are_spread_over_the_whole_time(topology: Topology) -> None:
    faults = plan(7, {"kill-web": 4}, duration_s=40, topology=topology)
    assert [int(fault.at_s // 10) for fault in faults] == [0, 1, 2, 3]


def test_what_this_installation_does_not_have_cannot_be_broken(topology: Topology) -> None:
    assert "postgres-restart" not in possible(topology)
    assert "sqlite-lock" in possible(topology)
    with pytest.raises(ValueError, match="nothing to hit"):
        plan(7, {"postgres-restart": 1}, duration_s=60, topology=topology)
