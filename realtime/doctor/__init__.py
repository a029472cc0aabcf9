"""What `manage.py doctor` examines. An app adds to it in its `doctor.py`:

    @examine("push keys")
    def push_keys(site: Site) -> Iterator[Finding]:
        if not settings.VAPID_KEY:
            yield wrong("There is no VAPID key, so no browser can be reached.", "`manage.py push_keys` makes one.")
        else:
            yield fine("The VAPID key is there.")

Each says in a sentence what is so and, where that is wrong, how to mend it. It changes nothing, waits a few seconds at
most, and may raise: then that is what is wrong.
"""

from realtime.doctor.registry import Finding, Site, doubtful, examine, fine, wrong

__all__ = ["Finding", "Site", "doubtful", "examine", "fine", "wrong"]
