"""An installation larger than life: Ada is in 300 rooms, one of 10,000 members and one of 100,000 messages."""

from realtime.testing.stack import Stack

ROOMS = 300
MEMBERS = 10_000
MESSAGES = 100_000
UNREAD = 200
LONG_NAME = "Wilhelmina Konstantinopolitanischerdudelsackpfeifenmachergesellenverband von und zu Donaudampfschifffahrt"

# Rows are written past the models: with them, 100,000 messages take minutes.
SCRIPT = f"""
from datetime import timedelta
from django.db import connection, transaction
from django.utils import timezone
from accounts.models import User
from chat.models import Member, Message, Room
from chat.text import name_key

ada = User.objects.get(username="ada")
bo = User.objects.get(username="bo")
bo.display_name = {LONG_NAME!r}
bo.save()
NOW = timezone.now()

def room(name, topic, people, texts, unread=0):
    made = Room.objects.create(kind="public", name=name, name_key=name_key(name), topic=topic,
                               last_number=len(texts), member_count=len(people))
    Member.objects.bulk_create([Member(room=made, user=one, role="owner" if one == ada else "member",
                                       read_number=len(texts) - unread if one == ada else len(texts))
                                for one in people], batch_size=5000)
    moment = connection.ops.adapt_datetimefield_value
    with connection.cursor() as cursor:
        cursor.executemany(
            "INSERT INTO chat_message (room_id, number, seq, author_id, text, html, client_id, created_at)"
            " VALUES (%s, %s, 0, %s, %s, '', %s, %s)",
            [(made.pk, n, (ada, bo)[n // 3 % 2].pk, text, f"large-{{made.pk}}-{{n}}",
              moment(NOW - timedelta(minutes=len(texts) - n + 90))) for n, text in enumerate(texts, start=1)])

with transaction.atomic():
    User.objects.bulk_create([User(username=f"member{{n:05}}", display_name=f"Member {{n:05}}", password="!")
                              for n in range({MEMBERS - 2})], batch_size=5000)
    crowd = list(User.objects.filter(username__startswith="member"))
    room("Stadium", "Ten thousand people", [ada, bo, *crowd], ["Is it loud in here?"])
    for n in range({ROOMS}):
        lines = [f"Note {{n}}, line {{line}}" for line in range(1, 31)]
        room(f"Project {{n:03}}", "", [ada, bo], lines, unread=n % 7 == 0)
    room("Edges", "Words that are longer than any line, and both directions", [ada, bo], [
        "A word: " + "Donaudampfschifffahrtselektrizitätenhauptbetriebswerkbauunterbeamtengesellschaft" * 3,
        "https://example.com/" + "a-very-long-path/" * 12 + "?and=parameters",
        "مرحبًا بالجميع، هذه رسالة من اليمين إلى اليسار مع كلمة English في الوسط.",
        "One line\\nand another\\n\\nand one after an empty one.",
        "👩‍👩‍👧‍👦 🏳️‍🌈 family and flag",
    ])
    room("Archive", "All of it", [ada, bo],
         [f"Entry {{n}}" + " and some more words to it" * (n % 5) for n in range(1, {MESSAGES + 1})], unread={UNREAD})
"""


def fill(site: Stack) -> None:
    """Once for an installation."""
    site.manage("shell", "--no-imports", "-c", SCRIPT)
