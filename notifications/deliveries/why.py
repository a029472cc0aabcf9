"""Why a person did, or did not, get something: each decision as a sentence, to themselves or to an administrator."""

from __future__ import annotations

from datetime import datetime
from zoneinfo import ZoneInfo

from django.utils.translation import gettext, gettext_noop

from notifications.channels import known_channel
from notifications.deliveries.rules import IN_APP, State, Why
from notifications.models import Delivery

_SENTENCES = {
    Why.DUE: gettext_noop("It is about to be sent."),
    Why.QUIET_HOURS: gettext_noop("It waits for the end of the quiet hours, until {due}."),
    Why.WORKING_DAYS: gettext_noop("It waits for the next working day, until {due}."),
    Why.ESCALATION: gettext_noop("It is sent at {due}, unless it is seen in the app before."),
    Why.STORM: gettext_noop("Many of this kind came at once: one message at {due} tells of all that follow."),
    Why.RETRY: gettext_noop("It could not be sent ({error}): the next attempt, number {next}, is at {due}."),
    Why.DIGEST: gettext_noop("It will be in the summary of {due}."),
    Why.SENT: gettext_noop("It was sent at {sent}."),
    Why.PREFERENCE: gettext_noop(
        "It was not sent: by the preferences this kind is not told over this channel."
    ),
    Why.SCOPE: gettext_noop(
        "It was not sent: by the preferences for this room it is not among what is told."
    ),
    Why.MUTED: gettext_noop("It was not sent: everything was muted then."),
    Why.SCOPE_MUTED: gettext_noop("It was not sent: this room was muted then."),
    Why.READ_ALREADY: gettext_noop("It was not sent: it had been seen in the app already."),
    Why.NO_DEVICE: gettext_noop("It was not sent: there is no address or device for this channel."),
    Why.THROTTLED: gettext_noop(
        "It was not sent: too many messages had gone out just before. It is in the app."
    ),
    Why.COLLAPSED: gettext_noop(
        "It was not sent by itself: many of this kind came at once, and one message tells of all."
    ),
    Why.EXPIRED: gettext_noop("It was not sent: it had expired."),
    Why.RECALLED: gettext_noop("It was not sent: its sender took it back."),
    Why.DEACTIVATED: gettext_noop("It was not sent: the account is switched off."),
    Why.REFUSED: gettext_noop("It was not sent: the other side refused it ({error})."),
    Why.FAILED: gettext_noop("It was not sent: {attempts} attempts failed ({error})."),
}
_IN_APP = {
    Why.SENT: gettext_noop("It is in the inbox since {sent}."),
    Why.PREFERENCE: gettext_noop("It is not in the inbox: by the preferences this kind is not kept there."),
    Why.SCOPE: gettext_noop(
        "It is not in the inbox: by the preferences for this room it is not among what is kept."
    ),
}
_IN_SHORT = {
    Why.DUE: gettext_noop("due"),
    Why.QUIET_HOURS: gettext_noop("quiet hours"),
    Why.WORKING_DAYS: gettext_noop("working days"),
    Why.ESCALATION: gettext_noop("escalation"),
    Why.STORM: gettext_noop("storm"),
    Why.RETRY: gettext_noop("retry"),
    Why.DIGEST: gettext_noop("digest"),
    Why.SENT: gettext_noop("sent"),
    Why.PREFERENCE: gettext_noop("preference"),
    Why.SCOPE: gettext_noop("scope"),
    Why.MUTED: gettext_noop("muted"),
    Why.SCOPE_MUTED: gettext_noop("scope muted"),
    Why.READ_ALREADY: gettext_noop("read already"),
    Why.NO_DEVICE: gettext_noop("no device"),
    Why.THROTTLED: gettext_noop("throttled"),
    Why.COLLAPSED: gettext_noop("collapsed"),
    Why.EXPIRED: gettext_noop("expired"),
    Why.RECALLED: gettext_noop("recalled"),
    Why.DEACTIVATED: gettext_noop("deactivated"),
    Why.REFUSED: gettext_noop("refused"),
    Why.FAILED: gettext_noop("failed"),
}


def sentence(delivery: Delivery, zone: ZoneInfo) -> str:
    """What became of it and why, in the language that is active, with times in that zone."""
    why = Why(delivery.why)
    words = gettext(_SENTENCES[why])
    if delivery.state == State.SENT and why is Why.DIGEST:
        words = gettext("It was in the summary of {sent}.")
    if delivery.channel == IN_APP and why in _IN_APP:
        words = gettext(_IN_APP[why])
    if delivery.state == State.SENT and delivery.error:
        words += " " + gettext("Not on every device: {error}.")
    return words.format(
        due=_moment(delivery.due_at, zone),
        sent=_moment(delivery.sent_at, zone),
        error=delivery.error.rstrip(".") or gettext("no reason given"),
        attempts=delivery.attempts or gettext("all"),
        next=delivery.attempts + 1,
    )


def in_short(why: str) -> str:
    """A reason in a word or two, for tables of figures."""
    return gettext(_IN_SHORT[Why(why)])


def channel_label(name: str) -> str:
    """What people call the channel, in the language that is active."""
    if name == IN_APP:
        return gettext("In the app")
    channel = known_channel(name)
    return gettext(channel.label) if channel else name


def _moment(moment: datetime | None, zone: ZoneInfo) -> str:
    return f"{moment.astimezone(zone):%Y-%m-%d %H:%M} ({zone.key})" if moment else gettext("a time unknown")
