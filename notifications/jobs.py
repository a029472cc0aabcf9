"""The jobs of broadcasts. They are begun by `broadcasts.work`, and watched on the draft's page."""

from django.utils.translation import gettext_noop

from notifications.broadcasts.people_import import import_steps
from notifications.broadcasts.picture_fetch import fetch_steps
from notifications.broadcasts.rehearsal import rehearse_steps
from notifications.broadcasts.work import (
    FETCH_PICTURE,
    READ_PEOPLE,
    REHEARSE,
    FetchPicture,
    ReadPeople,
    Rehearse,
)
from realtime.jobs import job

job(READ_PEOPLE, label=gettext_noop("Import CSV audience"), args=ReadPeople)(import_steps)
job(
    FETCH_PICTURE,
    label=gettext_noop("Picture of a broadcast"),
    args=FetchPicture,
    atomic=False,
    told=False,
)(fetch_steps)
job(
    REHEARSE,
    label=gettext_noop("Rehearsal of a broadcast"),
    args=Rehearse,
    atomic=False,
    told=False,
)(rehearse_steps)
