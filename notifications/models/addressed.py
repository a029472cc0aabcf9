"""Whom a broadcast is for, as a form stores it."""

from __future__ import annotations

from django.conf import settings
from django.contrib.auth.models import Group
from django.db import models
from django.utils.translation import gettext, gettext_lazy

from notifications.audiences import Audience, AudienceChoice, audience_kind, known_segment
from notifications.audiences.audience import LISTED


class Addressed(models.Model):
    """An audience: its kind, what names it within the kind, and who is left out."""

    audience_kind = models.CharField(gettext_lazy("audience"), max_length=10, choices=AudienceChoice)
    group = models.ForeignKey(Group, null=True, blank=True, on_delete=models.SET_NULL, related_name="+")
    # A plain number: rooms belong to an app above this one.
    room_id = models.PositiveBigIntegerField(null=True, blank=True)
    room_name = models.CharField(max_length=200, blank=True)
    segment = models.CharField(max_length=80, blank=True)
    joined_since = models.DateTimeField(null=True, blank=True)
    # Named people, those of a file, and those who were online.
    users = models.ManyToManyField(settings.AUTH_USER_MODEL, blank=True, related_name="+")
    # What the file of people said: see `audiences.people_file`.
    people_file = models.JSONField(null=True, blank=True, editable=False)

    without_users = models.ManyToManyField(settings.AUTH_USER_MODEL, blank=True, related_name="+")
    without_group = models.ForeignKey(
        Group, null=True, blank=True, on_delete=models.SET_NULL, related_name="+"
    )

    class Meta:
        abstract = True

    @property
    def audience_key(self) -> int | None:
        """What names the audience within its kind: the group's or the room's id."""
        if self.audience_kind == AudienceChoice.GROUP:
            return self.group_id
        return self.room_id if self.audience_kind == AudienceChoice.ROOM else None

    def address(self, audience: Audience) -> None:
        """Takes the audience over; its people with `keep_people`, once the row is stored."""
        self.audience_kind, self.segment, self.joined_since = audience.kind, audience.segment, audience.since
        self.group_id = audience.key if audience.kind == AudienceChoice.GROUP else None
        self.room_id = audience.key if audience.kind == AudienceChoice.ROOM else None
        self.room_name = _room_name(self.room_id) if self.room_id is not None else ""
        self.without_group_id = audience.without_group

    def keep_people(self, audience: Audience, *, keeps_list: bool = False) -> None:
        """A list is stored with the row: who is on it stays so, however long the sending takes. `keeps_list` leaves it
        as it is.
        """
        if not keeps_list:
            self.users.set(audience.user_ids)
        self.without_users.set(audience.without_users)

    def audience(self) -> Audience:
        """One query, for those who are left out."""
        kind = self.audience_kind
        listed = type(self).users.through._default_manager.filter(broadcast_id=self.pk).values("user_id")
        return Audience(
            kind=kind,
            key=self.audience_key,
            segment=self.segment,
            since=self.joined_since,
            user_ids=listed if kind in LISTED else (),
            without_users=tuple(self.without_users.values_list("pk", flat=True)),
            without_group=self.without_group_id,
        )

    def audience_text(self) -> str:
        """The audience as a person says it, in the language that is active."""
        match self.audience_kind:
            case AudienceChoice.GROUP:
                said = gettext("group %(name)s") % {"name": self.group or gettext("(deleted)")}
            case AudienceChoice.ROOM:
                said = gettext("members of %(name)s") % {"name": self.room_name}
            case AudienceChoice.USERS:
                said = gettext("named people")
            case AudienceChoice.SEGMENT:
                said = self._segment_text()
            case AudienceChoice.JOINED:
                said = gettext("who joined since %(day)s") % {"day": f"{self.joined_since:%Y-%m-%d}"}
            case AudienceChoice.ONLINE:
                said = gettext("who was online when it was submitted")
            case AudienceChoice.FILE:
                name = (self.people_file or {}).get("name") or gettext("file")
                said = gettext("a list of people (%(name)s)") % {"name": name}
            case _:
                said = gettext("everybody")
        if not self.without_group_id:
            return said
        return gettext("%(audience)s, without group %(name)s") % {
            "audience": said,
            "name": self.without_group,
        }

    def _segment_text(self) -> str:
        segment = known_segment(self.segment)
        if segment is not None:
            return gettext(segment.label)
        return gettext("segment %(name)s (no longer declared)") % {"name": self.segment}


def _room_name(room_id: int | None) -> str:
    kind = audience_kind(AudienceChoice.ROOM)
    return kind.name(room_id)[:200] if kind else ""
