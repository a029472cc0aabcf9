"""Keeping order in the admin: listed words to edit; reports, bans and the audit log to look at; rooms to put on hold.

Reports are worked on in the page (`/#/moderation`), where they come live and several moderators do not meet.
"""

from __future__ import annotations

from typing import Any

from django.contrib import admin
from django.db import models, transaction
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils import timezone

from accounts.models import User
from chat.models import AuditEntry, HeldMessage, ListedWord, Report, Room, RoomBan
from chat.moderation.audit import record
from chat.moderation.policies import MODERATE
from chat.moderation.words import forget_words


class Readable(admin.ModelAdmin):  # type: ignore[type-arg]
    """Changing these rows here would bypass their events."""

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: models.Model | None = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: models.Model | None = None) -> bool:
        return False


@admin.register(ListedWord)
class ListedWordAdmin(admin.ModelAdmin):  # type: ignore[type-arg]
    list_display = ("word", "action")
    list_filter = ("action",)
    search_fields = ("word",)

    def save_model(self, request: HttpRequest, obj: ListedWord, form: Any, change: bool) -> None:
        super().save_model(request, obj, form, change)
        _note(request, "changed a listed word" if change else "listed a word", obj)

    def delete_model(self, request: HttpRequest, obj: ListedWord) -> None:
        _note(request, "took a word off the list", obj)
        super().delete_model(request, obj)
        forget_words()

    def delete_queryset(self, request: HttpRequest, queryset: QuerySet[ListedWord]) -> None:
        for word in queryset:
            self.delete_model(request, word)


@admin.register(Report)
class ReportAdmin(Readable):
    list_display = (
        "__str__",
        "why",
        "person",
        "room",
        "reporter",
        "claimed_by",
        "outcome",
        "closed_by",
        "created_at",
    )
    list_select_related = ("person", "room", "reporter", "claimed_by", "closed_by")
    list_filter = ("outcome", "why")
    search_fields = ("person__username", "reporter__username", "text")


@admin.register(HeldMessage)
class HeldMessageAdmin(Readable):
    list_display = ("__str__", "room", "author", "why", "created_at")
    list_select_related = ("room", "author")


@admin.register(RoomBan)
class RoomBanAdmin(Readable):
    list_display = ("room", "user", "reason", "until", "by", "created_at")
    list_select_related = ("room", "user", "by")
    search_fields = ("user__username", "room__name")


@admin.register(AuditEntry)
class AuditEntryAdmin(Readable):
    list_display = ("at", "actor_name", "act", "person_name", "room_name", "message", "reason")
    list_filter = ("act", "at")
    search_fields = ("actor_name", "person_name", "room_name", "reason")
    show_full_result_count = False


class HoldsRooms(admin.ModelAdmin):  # type: ignore[type-arg]
    """The actions on rooms that put them under legal hold, and end it."""

    actions = ("hold", "release")

    @admin.action(description="Put the selected rooms under legal hold", permissions=["moderate"])
    def hold(self, request: HttpRequest, queryset: QuerySet[Room]) -> None:
        self._set(request, queryset, legal_hold=True)

    @admin.action(description="End the legal hold of the selected rooms", permissions=["moderate"])
    def release(self, request: HttpRequest, queryset: QuerySet[Room]) -> None:
        self._set(request, queryset, legal_hold=False)

    def has_moderate_permission(self, request: HttpRequest) -> bool:
        return bool(request.user.has_perm(MODERATE))

    def _set(self, request: HttpRequest, queryset: QuerySet[Room], *, legal_hold: bool) -> None:
        for pk in queryset.values_list("pk", flat=True):
            with transaction.atomic():
                room = Room.objects.select_for_update().get(pk=pk)
                room.legal_hold = legal_hold
                # Whatever became too old meanwhile goes, once it may.
                room.trim_at = None if legal_hold else timezone.now()
                room.save(update_fields=["legal_hold", "trim_at"])
                record(
                    _actor(request),
                    "put under legal hold" if legal_hold else "ended the legal hold of",
                    room=room,
                )


def _note(request: HttpRequest, act: str, word: ListedWord) -> None:
    record(_actor(request), act, details={"word": word.word, "action": word.action})
    forget_words()


def _actor(request: HttpRequest) -> User | None:
    return request.user if isinstance(request.user, User) else None
