"""The status page's items in the admin."""

import re

import pytest

from notifications.models import StatusItem
from tests.support.cockpit import staff

pytestmark = pytest.mark.django_db(transaction=True)


def test_the_list_of_a_live_model_carries_its_position():
    client = staff("view_statusitem")
    address = "/admin/notifications/statusitem/"
    assert 'data-stream="model:notifications.statusitem"' in client.get(address).content.decode()
    StatusItem.objects.create(name="Mail")
    page = client.get(address).content.decode()
    assert re.search(r'data-epoch="[^"]+" data-seq="1"', page)
    assert "live/changelist.js" in page
