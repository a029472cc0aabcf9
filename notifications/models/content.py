"""What every line and every broadcast has: words, a level, what was done with it, and that it can be taken back."""

from datetime import datetime
from typing import Any

from django.core.validators import MaxLengthValidator
from django.db import models
from django.utils.translation import gettext_lazy as _

from notifications.conf import CATEGORY_MAX_CHARS, LINK_MAX_CHARS, TEXT_MAX_CHARS, TITLE_MAX_CHARS
from notifications.links import check_link

LINE_FIELDS = ("title", "text", "level", "link", "image", "html", "translations", "category", "critical")


class Level(models.TextChoices):
    INFO = "info", _("Information")
    SUCCESS = "success", _("Good news")
    WARNING = "warning", _("Warning")
    CRITICAL = "critical", _("Critical")


class Content(models.Model):
    """What a person reads: the same fields in an inbox row, an audience row and a broadcast."""

    title = models.CharField(max_length=TITLE_MAX_CHARS)
    text = models.TextField(
        blank=True, max_length=TEXT_MAX_CHARS, validators=[MaxLengthValidator(TEXT_MAX_CHARS)]
    )
    level = models.CharField(max_length=10, choices=Level, default=Level.INFO)
    link = models.CharField(max_length=LINK_MAX_CHARS, blank=True, validators=[check_link])
    # A path of this site.
    image = models.CharField(max_length=LINK_MAX_CHARS, blank=True)

    class Meta:
        abstract = True


class Line(Content):
    """Content as an inbox holds it: `text` is plain, `html` the same where there is more to it, else ""."""

    html = models.TextField(blank=True)
    # By language code: title, text and html in that language.
    translations = models.JSONField(default=dict, blank=True)
    # What people choose by: whom it is not to disturb, and whose inbox is not to have it, unless it is critical.
    category = models.CharField(max_length=CATEGORY_MAX_CHARS, blank=True, default="")
    critical = models.BooleanField(default=False)

    class Meta:
        abstract = True

    def content(self) -> dict[str, Any]:
        """What is read, to copy it into another row."""
        return {name: getattr(self, name) for name in LINE_FIELDS}


class Recallable(models.Model):
    """What can be taken back from those who have it."""

    recalled_at = models.DateTimeField(null=True, editable=False)
    # Some have it still.
    recalling = models.BooleanField(default=False, editable=False)
    # Of those who had it, how many had it on a screen.
    seen_before_recall = models.PositiveIntegerField(default=0, editable=False)

    class Meta:
        abstract = True


class Mark(models.TextChoices):
    """What a person can do with a line of their inbox."""

    SEEN = "seen"
    READ = "read"
    UNREAD = "unread"
    CLICKED = "clicked"
    ARCHIVED = "archived"
    RESTORED = "restored"


class Handled(models.Model):
    """What a person has done with a line, and when."""

    seen_at = models.DateTimeField(null=True)
    read_at = models.DateTimeField(null=True)
    clicked_at = models.DateTimeField(null=True)
    # A line that is archived or snoozed is not in the inbox.
    archived_at = models.DateTimeField(null=True)
    snoozed_until = models.DateTimeField(null=True)

    HANDLED = ("seen_at", "read_at", "clicked_at", "archived_at", "snoozed_until")

    class Meta:
        abstract = True

    @property
    def in_inbox(self) -> bool:
        return self.archived_at is None and self.snoozed_until is None

    @property
    def counts(self) -> bool:
        """Whether it is one of the unread."""
        return self.in_inbox and self.read_at is None

    def mark(self, mark: str, now: datetime) -> bool:
        """Whether that changed anything. Who reads a line has seen it, and who follows its link has read it."""
        before = self._handled()
        match mark:
            case Mark.SEEN:
                self.seen_at = self.seen_at or now
            case Mark.READ:
                self.seen_at, self.read_at = self.seen_at or now, self.read_at or now
            case Mark.CLICKED:
                self.seen_at, self.read_at = self.seen_at or now, self.read_at or now
                self.clicked_at = self.clicked_at or now
            case Mark.UNREAD:
                self.read_at = None
            case Mark.ARCHIVED:
                self.archived_at, self.snoozed_until = self.archived_at or now, None
            case Mark.RESTORED:
                self.archived_at = self.snoozed_until = None
        return self._handled() != before

    def snooze(self, until: datetime) -> bool:
        """Whether that changed anything."""
        before = self._handled()
        self.archived_at, self.snoozed_until = None, until
        return self._handled() != before

    def _handled(self) -> tuple[datetime | None, ...]:
        return tuple(getattr(self, name) for name in self.HANDLED)
