"""Addresses of chat beside its API: files, which only ever leave through a check."""

from django.urls import re_path

from chat.files import views

urlpatterns = [
    re_path(r"^files/(?P<key>[0-9a-f]{32})/(?P<name>[^/]+)$", views.file, name="file"),
    re_path(r"^previews/(?P<key>[0-9a-f]{32})\.webp$", views.preview_image, name="preview_image"),
]
