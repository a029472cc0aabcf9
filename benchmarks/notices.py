"""Run inside an installation (`python -m benchmarks.notices PEOPLE`): one `notify()` to so many people.

It makes the people, and is the worker itself: the figures are those of one process on one core. They are told in the
app; then over a channel too that takes everything at once: a third of them wants it, for a third it is held back, and
a third has switched it off.
"""

from __future__ import annotations

import resource
import sys
import time
from collections.abc import Collection, Iterator, Mapping, Sequence
from datetime import time as time_of_day

import django


def main(people: int) -> None:
    declare_types()
    ids = new_people(people)
    for again in ("first", "again"):  # the second time, everybody's inbox and stream exist
        tell("benchmark.told", ids, f"in the app, {again}")
    choose(ids)
    decide_alone(ids)
    tell("benchmark.called", ids, "over a channel too")
    send()


def declare_types() -> None:
    from notifications.channels import Address, Message, Outcome, Sent, channel
    from notifications.types import notification_type
    from realtime import Struct

    @channel("nowhere", label="Nowhere")
    class Nowhere:
        name: str
        label: str
        digests: bool

        def addresses_of(self, user_ids: Collection[int]) -> Mapping[int, Sequence[Address]]:
            return {user_id: [Address("nowhere", "")] for user_id in user_ids}

        def send(self, address: Address, message: Message) -> Outcome:
            return Sent()

    title, text = "Number {{ number }} has happened", "To everybody."

    @notification_type("benchmark.told", title=title, text=text, category="benchmark")
    class Told(Struct, frozen=True):
        number: int

    both = ("in_app", "nowhere")

    @notification_type("benchmark.called", title=title, text=text, category="benchmark", channels=both)
    class Called(Struct, frozen=True):
        number: int


def new_people(people: int) -> range:
    from django.db.models import Max

    from accounts.models import User

    last = User.objects.aggregate(last=Max("pk"))["last"] or 0
    ids = range(last + 1, last + people + 1)
    for some in chunks(ids):
        User.objects.bulk_create(User(pk=pk, username=f"told{pk}", password="!") for pk in some)
    return ids


def choose(ids: range) -> None:
    """A third is quiet now, and a third wants nothing over the channel."""
    from notifications.models import ChannelChoice, PreferenceState

    quiet = {"quiet_from": time_of_day(0), "quiet_until": time_of_day(23, 59)}
    off = {"category": "benchmark", "channel": "nowhere", "frequency": "off"}
    for some in chunks(ids):
        PreferenceState.objects.bulk_create(
            PreferenceState(user_id=pk, **quiet) for pk in some if pk % 3 == 0
        )
        ChannelChoice.objects.bulk_create(ChannelChoice(user_id=pk, **off) for pk in some if pk % 3 == 1)


def tell(type: str, ids: range, how: str) -> None:
    from notifications.models import Batch, Delivery, Notification
    from notifications.notify import notify
    from notifications.upkeep import place_batch

    before_kb = peak_kb()
    began = time.perf_counter()
    told = notify(type, to=ids, data={"number": 1}, key=str(time.time()))
    stored = time.perf_counter()
    while place_batch():
        pass
    ended = time.perf_counter()
    rows = Notification.objects.filter(notice=told.notice).count()
    decisions = Delivery.objects.filter(notice=told.notice).count()
    assert rows == len(ids), rows
    assert not Batch.objects.exists()
    print(
        f"{how}: notify() {stored - began:.2f} s; {rows} lines and events, {decisions} decisions in "
        f"{ended - stored:.1f} s, {rows / (ended - stored):,.0f} people/s; "
        f"peak memory +{(peak_kb() - before_kb) / 1024:.0f} MiB"
    )


def decide_alone(ids: range) -> None:
    """What a decision costs without the inbox: asked, and asked and written down."""
    from django.utils import timezone

    from notifications.deliveries.decide import decide_chunk, foresee
    from notifications.models import Notice
    from notifications.types import known_type

    declared = known_type("benchmark.called")
    notice = Notice.objects.create(type=declared.name, key=str(time.time()), data='{"number":1}')
    began, cpu_began = time.perf_counter(), time.process_time()
    for some in chunks(ids):
        foresee(notice, declared, some, now=timezone.now())
    asked, cpu_s = time.perf_counter(), time.process_time() - cpu_began
    for some in chunks(ids):
        decide_chunk(notice, declared, some)
    ended = time.perf_counter()
    notice.delete()
    asked_us, cpu_us, written_us = (
        took_s / len(ids) * 1e6 for took_s in (asked - began, cpu_s, ended - asked)
    )
    print(
        f"a person's two decisions: {asked_us:.0f} µs asked (CPU of this process {cpu_us:.0f} µs), "
        f"{written_us:.0f} µs asked and written down"
    )


def send() -> None:
    from notifications.deliveries.sending import claim_due, send_chunk
    from notifications.models import Delivery

    began, before_kb = time.perf_counter(), peak_kb()
    while chunk := claim_due("nowhere"):
        send_chunk(chunk)
    took_s = time.perf_counter() - began
    sent = Delivery.objects.filter(channel="nowhere", state="sent").count()
    print(
        f"{sent} messages sent: {sent / took_s:,.0f}/s; peak memory +{(peak_kb() - before_kb) / 1024:.0f} MiB"
    )


def chunks(ids: range) -> Iterator[Sequence[int]]:
    for start in range(0, len(ids), 500):
        yield ids[start : start + 500]


def peak_kb() -> int:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss


if __name__ == "__main__":
    django.setup()
    main(int(sys.argv[1]))
