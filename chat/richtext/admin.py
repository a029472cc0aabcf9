"""The installation's own emoji in the admin: staff who may add them add them, and remove them."""

from __future__ import annotations

from typing import Any

from django import forms
from django.contrib import admin
from django.core.exceptions import ValidationError
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.html import format_html
from django.utils.safestring import SafeString

from chat.models import OwnEmoji
from chat.richtext import own_emoji
from realtime import RealtimeError


class EmojiForm(forms.ModelForm):  # type: ignore[type-arg]
    """A name and a file; what is stored is made anew from the file."""

    picture = forms.FileField(help_text="PNG, JPEG, WebP or GIF; of one that moves, its first picture.")

    class Meta:
        model = OwnEmoji
        fields = ("name",)

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        if "name" in cleaned and "picture" in cleaned:
            try:
                made = own_emoji.emoji_made(name=cleaned["name"], file=cleaned["picture"])
            except RealtimeError as error:
                raise ValidationError(error.sentence) from error
            self.instance.key, self.instance.content = made.key, made.content
        return cleaned


@admin.register(OwnEmoji)
class EmojiAdmin(admin.ModelAdmin):  # type: ignore[type-arg]
    """Another picture for a name is another emoji: remove the one and add the other."""

    form = EmojiForm
    list_display = ("shown", "name", "created_by", "created_at")
    list_display_links = ("name",)
    list_select_related = ("created_by",)
    search_fields = ("name",)

    @admin.display(description="Picture")
    def shown(self, emoji: OwnEmoji) -> SafeString:
        return format_html('<img src="{}" alt="" width="32" height="32">', emoji.path)

    def get_fields(self, request: HttpRequest, obj: OwnEmoji | None = None) -> tuple[str, ...]:
        return ("name", "picture") if obj is None else self.list_display

    def has_change_permission(self, request: HttpRequest, obj: OwnEmoji | None = None) -> bool:
        return False

    def save_model(self, request: HttpRequest, obj: OwnEmoji, form: Any, change: bool) -> None:
        obj.created_by = request.user
        super().save_model(request, obj, form, change)
        own_emoji.forget()

    def delete_model(self, request: HttpRequest, obj: OwnEmoji) -> None:
        super().delete_model(request, obj)
        own_emoji.forget()

    def delete_queryset(self, request: HttpRequest, queryset: QuerySet[OwnEmoji]) -> None:
        super().delete_queryset(request, queryset)
        own_emoji.forget()
