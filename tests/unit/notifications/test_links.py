"""Links stay with http(s) or this site."""

import pytest
from django.core.exceptions import ValidationError

from notifications.links import check_link


@pytest.mark.parametrize(
    "link",
    ["", "/", "/rooms/1?x=1#y", "https://example.com", "http://example.com:8080/a b".replace(" ", "%20"),
     "HTTPS://EXAMPLE.COM/", "https://bücher.example/ä", "/javascript:x"],
)  # fmt: skip
def test_these_are_links(link):
    check_link(link)


@pytest.mark.parametrize(
    "link",
    ["javascript:alert(1)", "JaVaScRiPt:alert(1)", "java\nscript:alert(1)", " javascript:x", "data:text/html,x",
     "//evil.example", "/\\evil.example", "\\\\evil.example", "/\t/evil.example", "https:///x", "https:evil",
     "http://", "ftp://x", "mailto:a@b", "example.com", "https://[::1", "vbscript:x", "/a b", "https://a\0b"],
)  # fmt: skip
def test_these_are_not(link):
    with pytest.raises(ValidationError):
        check_link(link)
