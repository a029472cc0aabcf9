"""Groups in the admin, for staff with the permission."""

from __future__ import annotations

from typing import Any

from django import forms
from django.contrib import admin
from django.core.exceptions import ValidationError
from django.db import transaction
from django.http import HttpRequest

from accounts.models import User
from chat.conf import numbers
from chat.groups.services import checked_name, place_members
from chat.models import UserGroup
from realtime import RealtimeError


class GroupForm(forms.ModelForm):  # type: ignore[type-arg]
    people = forms.ModelMultipleChoiceField(
        User.objects.order_by("username_key"),
        required=False,
        widget=admin.widgets.FilteredSelectMultiple("people", is_stacked=False),
    )

    class Meta:
        model = UserGroup
        fields = ("name", "description", "mentioned_by")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if self.instance.pk:
            self.initial["people"] = self.instance.members.values_list("pk", flat=True)

    def clean_name(self) -> str:
        try:
            name = checked_name(self.cleaned_data["name"])
        except RealtimeError as error:
            raise ValidationError(error.sentence) from None
        twins = UserGroup.objects.filter(name_key=UserGroup.key_of(name)).exclude(pk=self.instance.pk)
        if twins.exists():
            raise ValidationError("There is a group with that name.")
        return name

    def clean_people(self) -> Any:
        people = self.cleaned_data["people"]
        if len(people) > numbers().max_group_members:
            raise ValidationError(f"A group has at most {numbers().max_group_members} people.")
        return people


@admin.register(UserGroup)
class UserGroupAdmin(admin.ModelAdmin):  # type: ignore[type-arg]
    form = GroupForm
    list_display = ("name", "description", "mentioned_by", "member_count")
    search_fields = ("name", "description")

    def has_add_permission(self, request: HttpRequest) -> bool:
        return self._may(request)

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return self._may(request)

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return self._may(request)

    def has_view_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return self._may(request)

    def has_module_permission(self, request: HttpRequest) -> bool:
        return self._may(request)

    @transaction.atomic
    def save_model(self, request: HttpRequest, obj: UserGroup, form: Any, change: bool) -> None:
        super().save_model(request, obj, form, change)
        place_members(obj, [user.pk for user in form.cleaned_data["people"]])

    def _may(self, request: HttpRequest) -> bool:
        return request.user.has_perm("chat.manage_groups")
