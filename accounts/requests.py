"""Who sends an HTTP request."""

from django.http import HttpRequest

from accounts.models import User


def user_of(request: HttpRequest) -> User:
    """The account of a route that only lets in who is logged in."""
    assert isinstance(request.user, User)
    return request.user
