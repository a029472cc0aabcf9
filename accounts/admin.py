"""Users in the admin. Deactivating, deleting or giving a new password ends the sessions at once."""

from __future__ import annotations

from typing import Any
from uuid import uuid4

from django.contrib import admin
from django.contrib.admin.forms import AdminAuthenticationForm
from django.contrib.auth.admin import UserAdmin
from django.contrib.auth.base_user import AbstractBaseUser
from django.core.exceptions import ValidationError
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse

from accounts import limits, services
from accounts.errors import Banned, TooManyAttempts
from accounts.models import Device, User
from realtime import RealtimeError


class LimitedAuthenticationForm(AdminAuthenticationForm):
    """The admin's log-in, under the same limit of failures as any other."""

    def clean(self) -> dict[str, Any]:
        username = str(self.cleaned_data.get("username") or "")
        address = limits.address_of(self.request) if self.request else "unknown"
        try:
            limits.refuse_when_exhausted(username, address)
        except TooManyAttempts as error:
            raise ValidationError(error.sentence, code=error.code) from None
        try:
            return super().clean()
        except ValidationError:
            limits.count_failure(username, address)
            raise

    def confirm_login_allowed(self, user: AbstractBaseUser) -> None:
        super().confirm_login_allowed(user)
        try:
            services.refuse_banned(user)  # type: ignore[arg-type]
        except Banned as error:
            raise ValidationError(error.sentence, code=error.code) from None


admin.site.login_form = LimitedAuthenticationForm


@admin.register(User)
class AccountAdmin(UserAdmin):  # type: ignore[type-arg]
    list_display = (
        "username",
        "display_name",
        "email",
        "is_staff",
        "is_guest",
        "is_active",
        "banned",
        "last_login",
    )
    search_fields = ("username", "display_name", "email")
    fieldsets = (
        (None, {"fields": ("username", "display_name", "email", "password")}),
        (
            "Permissions",
            {"fields": ("is_active", "is_guest", "is_staff", "is_superuser", "groups", "user_permissions")},
        ),
        ("Dates", {"fields": ("last_login", "date_joined", "banned", "ban_reason")}),
    )
    readonly_fields = ("banned", "ban_reason")
    actions = ("lift_bans", "erase_keeping_messages", "erase_with_messages")

    def save_model(self, request: HttpRequest, obj: User, form: Any, change: bool) -> None:
        super().save_model(request, obj, form, change)
        if change and "is_guest" in form.changed_data:
            services.user_set_guest(obj, guest=obj.is_guest)
        if change and not obj.is_active:
            services.user_end_sessions(obj, code="account_disabled")

    @admin.display(description="Banned until")
    def banned(self, obj: User) -> str:
        if obj.banned_until is None or not obj.is_banned:
            return ""
        return "for good" if obj.banned_until.year == 9999 else f"{obj.banned_until:%Y-%m-%d %H:%M} UTC"

    @admin.action(description="Lift the bans of the selected users", permissions=["change"])
    def lift_bans(self, request: HttpRequest, queryset: QuerySet[User]) -> None:
        lifted = sum(services.user_lift_ban(user) for user in queryset)
        self.message_user(request, f"Lifted: {lifted}.")

    @admin.action(description="Erase the selected accounts, keep their messages", permissions=["delete"])
    def erase_keeping_messages(self, request: HttpRequest, queryset: QuerySet[User]) -> None:
        self._erase(request, queryset, with_messages=False)

    @admin.action(description="Erase the selected accounts with their messages", permissions=["delete"])
    def erase_with_messages(self, request: HttpRequest, queryset: QuerySet[User]) -> None:
        self._erase(request, queryset, with_messages=True)

    def _erase(self, request: HttpRequest, queryset: QuerySet[User], *, with_messages: bool) -> None:
        for user in queryset:
            try:
                services.user_erase_unasked(user, with_messages=with_messages, key=f"admin:{uuid4().hex}")
            except RealtimeError as error:
                self.message_user(request, f"{user.username}: {error.sentence}", level="error")
            else:
                self.message_user(request, f"{user.username} is being erased; Jobs has how far it is.")

    def get_deleted_objects(self, objs: Any, request: HttpRequest) -> tuple[Any, Any, set[str], list[str]]:
        # Devices cannot be deleted on their own, but go with their user.
        listed, counts, forbidden, protected = super().get_deleted_objects(objs, request)
        return listed, counts, forbidden - {str(Device._meta.verbose_name)}, protected

    def delete_model(self, request: HttpRequest, obj: User) -> None:
        services.user_end_sessions(obj, code="account_disabled")
        super().delete_model(request, obj)

    def delete_queryset(self, request: HttpRequest, queryset: QuerySet[User]) -> None:
        for user in queryset:
            services.user_end_sessions(user, code="account_disabled")
        super().delete_queryset(request, queryset)

    def user_change_password(self, request: HttpRequest, id: str, form_url: str = "") -> HttpResponse:
        response = super().user_change_password(request, id, form_url)
        user = self.get_object(request, id)
        if request.method == "POST" and isinstance(user, User):
            services.devices_end_stale(user, code="password_changed")
        return response


@admin.register(Device)
class DeviceAdmin(admin.ModelAdmin):  # type: ignore[type-arg]
    list_display = ("user", "name", "kind", "created_at", "last_seen_at", "revoked_at")
    list_select_related = ("user",)
    list_filter = ("kind",)
    search_fields = ("user__username", "name")
    fields = ("user", "name", "kind", "created_at", "last_seen_at", "expires_at", "revoked_at")
    actions = ("revoke",)

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Device | None = None) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Device | None = None) -> bool:
        # Without an object: the list, whose only action is to revoke.
        return obj is None and super().has_change_permission(request, obj)

    @admin.action(description="Log the selected devices out", permissions=["change"])
    def revoke(self, request: HttpRequest, queryset: QuerySet[Device]) -> None:
        for device in queryset.filter(revoked_at=None).select_related("user"):
            services.device_revoke(device.user, device.pk)
