"""Run inside an installation on PostgreSQL (`python -m benchmarks.multitude USERS`): people who are never online."""

from __future__ import annotations

import sys

import django

_USERS = """
INSERT INTO accounts_user (id, username, username_key, display_name, email, password,
                           is_active, is_staff, is_superuser, date_joined)
SELECT id, 'absent' || id, 'absent' || id, '', '', '!', true, false, false, now()
FROM (SELECT generate_series(max(id) + 1, max(id) + %s) AS id FROM accounts_user) AS absent
"""


def make(users: int) -> None:
    from django.db import connection

    with connection.cursor() as cursor:
        cursor.execute(_USERS, [users])
        cursor.execute("VACUUM ANALYZE accounts_user")


if __name__ == "__main__":
    django.setup()
    make(int(sys.argv[1]))
