"""Run inside an installation on PostgreSQL (`python -m benchmarks.past MESSAGES NOTIFICATIONS`): a long past.

Half of the messages are in room 10, the others in the other rooms of the first family; each has its event in the log.
Users 11 to 19 are in all these rooms. Ten people wrote in turn; of a message's words some are in every one, one in each
thousandth, one in each fifty-thousandth. The notifications are all of user 10, a tenth of them unread. PostgreSQL makes
the rows itself, so that a million takes seconds; the search index is filled as the upkeep does it.
"""

from __future__ import annotations

import sys

import django

READER_ID = 10
SEARCHER_IDS = range(11, 20)  # several, as each may search so often a minute
ROOM_ID = 10

_MESSAGES = """
INSERT INTO chat_message (room_id, number, seq, author_id, text, html, client_id, created_at)
SELECT room, number, number, 10 + number %% 10,
       'Message number ' || number || ', as long as people write them, about topic' || number %% 997 ||
       CASE WHEN number %% 1000 = 0 THEN ' and the thousandth part' ELSE '' END ||
       CASE WHEN number %% 50000 = 0 THEN ' with a needle' ELSE '' END, '',
       'past-' || room || '-' || number, now() - interval '300 days' + number * interval '10 s'
FROM (SELECT %(room)s AS room, generate_series(1, %(count)s) AS number) AS past
"""
_EVENTS = """
INSERT INTO log_event (stream, seq, name, at, data)
SELECT 'room:' || room_id, seq, 'chat.message_created', created_at,
       json_build_object('message', json_build_object('id', id, 'room', room_id, 'number', number, 'text', text))
FROM chat_message
"""
_STREAMS = """
INSERT INTO log_stream (name, epoch, head, trimmed, moved_at)
SELECT stream, %(epoch)s, max(seq), 0, now() - interval '1 day' FROM log_event GROUP BY stream
"""
_ROOMS = """
UPDATE chat_room SET last_number = last.number
FROM (SELECT room_id, max(number) AS number FROM chat_message GROUP BY room_id) AS last
WHERE last.room_id = chat_room.id
"""
_MEMBERSHIPS = """
INSERT INTO chat_member (room_id, user_id, role, read_number, joined_at)
SELECT id, %(user)s, 'member', last_number, now() FROM chat_room
WHERE id NOT IN (SELECT room_id FROM chat_member WHERE user_id = %(user)s)
"""
_NOTIFICATIONS = """
INSERT INTO notifications_notification
       (recipient_id, title, text, level, link, image, html, translations, category, critical,
        type, "group", count, created_at, read_at)
SELECT %(reader)s, 'Notification number ' || number, 'Something has happened.', 'info',
       '', '', '', '{}', '', FALSE, '', '', 1,
       now() - number * interval '1 minute', CASE WHEN number %% 10 = 0 THEN NULL ELSE now() END
FROM generate_series(1, %(count)s) AS number
"""
_UNREAD = """
INSERT INTO notifications_inboxstate (user_id, unread)
SELECT recipient_id, count(*) FROM notifications_notification WHERE read_at IS NULL GROUP BY recipient_id
"""


def make(messages: int, notifications: int) -> None:
    from django.conf import settings
    from django.db import connection

    from chat.models import Room
    from chat.search.index import index_some
    from realtime.log.models import Log

    rooms = list(Room.objects.exclude(pk=ROOM_ID).values_list("pk", flat=True))
    with connection.cursor() as cursor:
        for room in (ROOM_ID, *rooms):
            count = messages // 2 if room == ROOM_ID else messages // 2 // len(rooms)
            cursor.execute(_MESSAGES, {"room": room, "count": count})
        cursor.execute(_EVENTS)
        cursor.execute(_STREAMS, {"epoch": Log.current_epoch()})
        cursor.execute(_ROOMS)
        cursor.execute(_NOTIFICATIONS, {"reader": READER_ID, "count": notifications})
        cursor.execute(_UNREAD)
        for searcher in SEARCHER_IDS:
            cursor.execute(_MEMBERSHIPS, {"user": searcher})
    settings.CHAT = {"index_chunk": 5_000}
    while index_some():
        pass
    with connection.cursor() as cursor:
        cursor.execute("VACUUM ANALYZE")


if __name__ == "__main__":
    django.setup()
    make(*map(int, sys.argv[1:]))
