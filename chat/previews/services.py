"""Which messages show which pages.

A message with a link gets a row in Unpreviewed, in its own transaction, so that nothing is lost whatever dies. A tick
hands due ones to workers; one of them fetches the pages, with no transaction open, and then shows them: rows,
what history reads (`Message.previews`) and the event change together. An edit puts the message down anew.
"""

from __future__ import annotations

import hashlib
import logging
from collections.abc import Iterable
from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import F
from django.utils import timezone

from accounts.models import User
from chat.conf import numbers
from chat.errors import NotAuthor
from chat.files import storing
from chat.models import LinkedPage, Message, Preview, Room, Unpreviewed, stream_of
from chat.moderation.ranks import moderates
from chat.policies import message_for_writing, room_for_governing
from chat.previews.errors import PreviewNotFound
from chat.previews.events import PreviewsChangedEvent, RoomPreviewsChanged
from chat.previews.fetching import TryLater, page_at
from chat.previews.links import links_in
from chat.previews.payloads import LinkPreview, PreviewsChanged, previews_stored
from realtime import once, publish

logger = logging.getLogger(__name__)

_FIRST_RETRY_S = 10.0


# With the message -------------------------------------------------------------------------------------


def wants_preview(text: str, room_link_previews: bool) -> bool:
    """Whether a message that says this is to be looked at. Costs nothing where no address is in it."""
    limits = numbers()
    return "://" in text and room_link_previews and limits.link_previews and bool(links_in(text, 1))


def due_at(now: datetime) -> datetime:
    return now + timedelta(seconds=numbers().preview_after_s)


def previews_renew(message: Message) -> None:
    """The text of the locked message was edited, or came back: its previews follow."""
    if message.previews != "[]" or wants_preview(message.text, message.room.link_previews):
        defaults = {"due_at": due_at(timezone.now()), "attempts": 0}
        Unpreviewed.objects.update_or_create(message=message, defaults=defaults)


def previews_go_with(message: Message) -> None:
    """The locked message was deleted; when it comes back, they are found anew."""
    Unpreviewed.objects.filter(message=message).delete()
    if message.previews != "[]":
        _release(Preview.objects.filter(message=message, removed=False).values_list("page_id", flat=True))
        Preview.objects.filter(message=message, removed=False).delete()
        message.previews = "[]"
        message.save(update_fields=["previews"])


# By a worker ------------------------------------------------------------------------------------------


def anything_due() -> bool:
    return Unpreviewed.objects.filter(due_at__lte=timezone.now()).exists()


def claim_due() -> list[int]:
    """Messages whose links a worker is to look at now; they fall due again where it dies."""
    now, limits = timezone.now(), numbers()
    due = Unpreviewed.objects.filter(due_at__lte=now)
    claimed = []
    for pk, attempts in due.order_by("due_at").values_list("pk", "attempts")[: limits.preview_chunk]:
        if attempts >= limits.max_preview_attempts:
            due.filter(pk=pk).delete()
        # On every database one of many callers changes the row, the others change none.
        elif due.filter(pk=pk).update(
            due_at=now + timedelta(seconds=limits.preview_lease_s), attempts=F("attempts") + 1
        ):
            claimed.append(pk)
    return claimed


def preview_message(message_id: int) -> None:
    """Fetches what a message links to, and shows it. Does nothing where another worker was quicker."""
    owed = Unpreviewed.objects.filter(pk=message_id).first()
    message = Message.objects.select_related("room").filter(pk=message_id).first()
    if owed is None or message is None:
        return
    shows = message.deleted_at is None and message.room.link_previews and numbers().link_previews
    pages: list[LinkedPage] = []
    for url in links_in(message.text, numbers().max_previews) if shows else ():
        try:
            pages.append(_page(url))
        except TryLater as error:
            # In the end the message shows what could be had.
            if owed.attempts < numbers().max_preview_attempts:
                logger.info("A link of message %s is asked for again: %s.", message_id, error)
                wait = timedelta(seconds=_FIRST_RETRY_S * 2**owed.attempts)
                Unpreviewed.objects.filter(pk=owed.pk, due_at=owed.due_at).update(
                    due_at=timezone.now() + wait
                )
                return
    with transaction.atomic():
        locked = Message.objects.select_for_update().filter(pk=message_id).first()
        # An edit or deletion meanwhile has changed, or taken away, what is owed.
        if locked is not None and Unpreviewed.objects.filter(pk=owed.pk, due_at=owed.due_at).delete()[0]:
            _show(locked, [page for page in pages if page.found])


def _page(url: str) -> LinkedPage:
    """As it was fetched within a day, else as it is now. Raises TryLater."""
    now, limits = timezone.now(), numbers()
    key = hashlib.sha256(url.encode()).hexdigest()
    known = LinkedPage.objects.filter(url_key=key).order_by("-pk").first()
    if known is not None:
        kept_s = limits.keep_page_s if known.found else limits.keep_failure_s
        if known.fetched_at > now - timedelta(seconds=kept_s):
            return known
    page = page_at(url)
    fields = {
        "url_key": key,
        "url": url,
        "fetched_at": now,
        "forget_at": now + timedelta(seconds=limits.keep_page_s),
    }
    if page is None:
        return LinkedPage.objects.create(found=False, **fields)
    image = page.image
    return LinkedPage.objects.create(
        found=True,
        title=page.title,
        description=page.description,
        site=page.site,
        image=image.key if image else None,
        image_width=image.width if image else None,
        image_height=image.height if image else None,
        **fields,
    )


def _show(message: Message, pages: list[LinkedPage]) -> None:
    """The locked message shows these pages, but what somebody took away there."""
    rows = Preview.objects.filter(message=message).select_related("page")
    hidden = {row.page.url_key for row in rows if row.removed}
    wanted = {page.pk: page for page in pages if page.url_key not in hidden}
    gone = [row for row in rows if not row.removed and row.page_id not in wanted]
    Preview.objects.filter(pk__in=[row.pk for row in gone]).delete()
    _release([row.page_id for row in gone])
    for position, page_id in enumerate(wanted):
        Preview.objects.update_or_create(message=message, page_id=page_id, defaults={"position": position})
    # A page that is forgotten at this moment is locked first, and then there is no row to update.
    LinkedPage.objects.filter(pk__in=wanted).update(forget_at=None)
    _tell(message, [_payload(page) for page in wanted.values()])


def _tell(message: Message, previews: list[LinkPreview]) -> None:
    stored = previews_stored(previews)
    if stored != message.previews:
        message.previews = stored
        message.save(update_fields=["previews"])
        publish(stream_of(message.room_id), PreviewsChangedEvent(message.pk, message.number, previews))


def _payload(page: LinkedPage) -> LinkPreview:
    image = f"/previews/{page.image}.webp" if page.image else None
    return LinkPreview(
        page.url, page.site, page.title, page.description, image, page.image_width, page.image_height
    )


# By people --------------------------------------------------------------------------------------------


def preview_remove(*, user: User, message: int, url: str, client_id: str) -> PreviewsChanged:
    """Takes one preview away from a message, for good; for its author and the room's owners.

    Raises MessageNotFound, NotAuthor, PreviewNotFound.
    """
    return once(
        user_id=user.pk,
        client_id=client_id,
        name="chat.preview_remove",
        result=PreviewsChanged,
        run=lambda: _remove(user, message, url),
    )


def _remove(user: User, message_id: int, url: str) -> PreviewsChanged:
    message, member = message_for_writing(user.pk, message_id)
    if message.author_id != user.pk and not moderates(member.role):
        raise NotAuthor("Only the author of the message, or who moderates the room, may do this.")
    rows = Preview.objects.filter(message=message, removed=False).select_related("page").order_by("position")
    shown = list(rows)
    taken = next((row for row in shown if row.page.url == url), None)
    if taken is None:
        raise PreviewNotFound()
    taken.removed = True
    taken.save(update_fields=["removed"])
    left = [_payload(row.page) for row in shown if row is not taken]
    _tell(message, left)
    return PreviewsChanged(message.pk, left)


def room_previews_switch(*, user: User, room: int, on: bool, client_id: str) -> RoomPreviewsChanged:
    """Whether links in the room are looked at from now on; for owners.

    Raises RoomNotFound, DirectRoomIsFixed, NotRoomOwner.
    """
    return once(
        user_id=user.pk,
        client_id=client_id,
        name="chat.room_previews_switch",
        result=RoomPreviewsChanged,
        run=lambda: _switch(user, room, on),
    )


def _switch(user: User, room_id: int, on: bool) -> RoomPreviewsChanged:
    room = room_for_governing(user.pk, room_id).room
    changed = RoomPreviewsChanged(room.pk, on)
    if Room.objects.filter(pk=room.pk, link_previews=not on).update(link_previews=on):
        publish(room.stream, changed)
    return changed


# Upkeep -----------------------------------------------------------------------------------------------


def anything_to_forget() -> bool:
    return LinkedPage.objects.filter(forget_at__lte=timezone.now()).exists()


def forget_some() -> bool:
    """Deletes pages that no message shows any more, with their images; whether more may be left."""
    size = numbers().forget_files_chunk
    due = list(LinkedPage.objects.filter(forget_at__lte=timezone.now()).values_list("pk", flat=True)[:size])
    for pk in due:
        with transaction.atomic():
            page = LinkedPage.objects.select_for_update(skip_locked=True).filter(pk=pk).first()
            if page is None:
                continue
            if page.previews.exists():
                LinkedPage.objects.filter(pk=pk).update(forget_at=None)
                continue
            if page.image:
                storing.delete(page.image, [storing.ORIGINAL])
            page.delete()
    return len(due) == size


def _release(page_ids: Iterable[int]) -> None:
    """A message does not show these pages any more: perhaps none does."""
    later = timezone.now() + timedelta(seconds=numbers().keep_page_s)
    LinkedPage.objects.filter(pk__in=list(page_ids), forget_at=None).update(forget_at=later)
