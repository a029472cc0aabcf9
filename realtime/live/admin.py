"""Admin lists of live models that keep themselves up to date."""

from typing import TYPE_CHECKING, Any

from django.contrib import admin
from django.http import HttpRequest, HttpResponse

from realtime import positions
from realtime.live.declarations import declaration_of

if TYPE_CHECKING:  # Django's own class takes no type arguments
    _ModelAdmin = admin.ModelAdmin[Any]
else:
    _ModelAdmin = admin.ModelAdmin


class LiveModelAdmin(_ModelAdmin):
    """Mix into the ModelAdmin of a live model: its list page follows what others change, without a reload.

    The page carries the position from which its script goes on, so nothing falls between the page and the socket.
    """

    change_list_template = "live/change_list.html"

    def changelist_view(
        self, request: HttpRequest, extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        declaration = declaration_of(self.model)
        if declaration is not None:
            # Before the list is read: an event that is already in the list only refreshes it once more.
            cursor = positions([declaration.stream])[declaration.stream]
            live = {"stream": declaration.stream, "epoch": cursor.epoch, "seq": cursor.seq}
            extra_context = {**(extra_context or {}), "live": live}
        return super().changelist_view(request, extra_context)
