"""A command that comes again gets its first result (G4)."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

import pytest
from django.db import connection
from msgspec import Struct

from realtime import Conflict, Invalid, NotFound, once, publish
from realtime.idempotency import check_client_id
from realtime.log.models import Receipt
from tests.support.log_world import Happened, logged

pytestmark = pytest.mark.django_db(transaction=True)


class Done(Struct, frozen=True):
    number: int


def act(client_id: str = "a", *, user: int = 1, name: str = "testing.act", number: int = 1) -> Done:
    def run() -> Done:
        publish("testing:once", Happened(number))
        return Done(number)

    return once(user_id=user, client_id=client_id, name=name, result=Done, run=run)


def test_again_is_the_first_result_and_happens_once() -> None:
    assert act(number=1) == act(number=2) == Done(1)
    assert len(logged("testing:once")) == 1


def test_another_user_or_another_id_is_another_command() -> None:
    assert [act(), act(user=2, number=2), act("b", number=3)] == [Done(1), Done(2), Done(3)]


def test_an_id_that_was_used_for_another_command_is_a_conflict() -> None:
    act()
    with pytest.raises(Conflict) as caught:
        act(name="testing.other")
    assert caught.value.wire_code == "client_id_reused"


def test_a_failure_leaves_nothing_and_may_be_repeated() -> None:
    def fail() -> Done:
        publish("testing:once", Happened(0))
        raise NotFound

    with pytest.raises(NotFound):
        once(user_id=1, client_id="a", name="testing.act", result=Done, run=fail)
    assert (Receipt.objects.count(), logged("testing:once")) == (0, [])
    assert act() == Done(1)


def test_what_an_error_keeps_stays_and_may_be_repeated() -> None:
    class Kept(Conflict):
        keeps = True

    def fail() -> Done:
        publish("testing:once", Happened(0))
        raise Kept

    with pytest.raises(Kept):
        once(user_id=1, client_id="a", name="testing.act", result=Done, run=fail)
    assert (Receipt.objects.count(), len(logged("testing:once"))) == (0, 1)
    assert act() == Done(1)


@pytest.mark.chance
def test_eight_at_once_happen_once() -> None:
    def run(number: int) -> Done:
        try:
            return act(number=number)
        finally:
            connection.close()

    with ThreadPoolExecutor(8) as pool:
        results = set(pool.map(run, range(8)))
    assert len(results) == 1
    assert len(logged("testing:once")) == 1


def test_a_command_without_a_result_is_remembered_too() -> None:
    for _ in range(2):
        assert once(user_id=1, client_id="a", name="testing.none", result=None, run=lambda: None) is None
    assert Receipt.objects.count() == 1


@pytest.mark.parametrize("client_id", ["", "x" * 65, "a b", "é", "a\n", "\0", None, 1])
def test_a_bad_client_id_is_refused(client_id: object) -> None:
    with pytest.raises(Invalid) as caught:
        check_client_id(client_id)
    assert caught.value.wire_code == "bad_client_id"
