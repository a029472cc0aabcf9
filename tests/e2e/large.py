"""An installation larger than life: Ada is in 300 rooms, one of 10,000 members and one of 100,000 messages."""

from realtime.testing.stack import Stack

ROOMS = 300
MEMBERS = 10_000
MESSAGES = 100_000
UNREAD = 200
AT_ONCE = 10_000
LONG_NAME = "Wilhelmina Konstantinopolitanischerdudelsackpfeifenmachergesellenverband von und zu Donaudampfschifffahrt"

TOOLS = """
from datetime import timedelta
from django.utils import timezone
from accounts.models import User
from chat.models import Member, Message, Room
from chat.text import name_key

ada = User.objects.get(username="ada")
bo = User.objects.get(username="bo")

def room(name, topic, people, messages, unread=0):
    made = Room.objects.create(kind="public", name=name, name_key=name_key(name), topic=topic,
                               last_number=messages, member_count=len(people))
    Member.objects.bulk_create([Member(room=made, user=one, role="owner" if one == ada else "member",
                                       read_number=messages - unread if one == ada else messages)
                                for one in people], batch_size=5000)
    return made

def say(room, texts, first=1):
    ago = room.last_number - first + 91
    Message.objects.bulk_create([Message(room=room, number=n, seq=0, author=(ada, bo)[n // 3 % 2], text=text,
                                         client_id=f"large-{room.pk}-{n}",
                                         created_at=timezone.now() - timedelta(minutes=ago - n + first))
                                 for n, text in enumerate(texts, start=first)], batch_size=5000)
"""
PEOPLE = f"""
bo.display_name = {LONG_NAME!r}
bo.save()
User.objects.bulk_create([User(username=f"member{{n:05}}", display_name=f"Member {{n:05}}", password="!")
                          for n in range({MEMBERS - 2})], batch_size=5000)
crowd = list(User.objects.filter(username__startswith="member"))
say(room("Stadium", "Ten thousand people", [ada, bo, *crowd], 1), ["Is it loud in here?"])
"""
PROJECTS = f"""
for n in range({ROOMS}):
    say(room(f"Project {{n:03}}", "", [ada, bo], 1, unread=n % 7 == 0), [f"Note {{n}}"])
edges = [
    "A word: " + "Donaudampfschifffahrtselektrizitätenhauptbetriebswerkbauunterbeamtengesellschaft" * 3,
    "https://example.com/" + "a-very-long-path/" * 12 + "?and=parameters",
    "مرحبًا بالجميع، هذه رسالة من اليمين إلى اليسار مع كلمة English في الوسط.",
    "One line\\nand another\\n\\nand one after an empty one.",
    "👩‍👩‍👧‍👦 🏳️‍🌈 family and flag",
]
say(room("Edges", "Words that are longer than any line, and both directions", [ada, bo], len(edges)), edges)
room("Archive", "All of it", [ada, bo], {MESSAGES}, unread={UNREAD})
"""
ARCHIVE = """
first = {first}
texts = [f"Entry {{n}}" + " and some more words to it" * (n % 5) for n in range(first, first + {at_once})]
say(Room.objects.get(name="Archive"), texts, first)
"""


def fill(site: Stack) -> None:
    """Once for an installation; a minute."""
    pieces = [ARCHIVE.format(first=first, at_once=AT_ONCE) for first in range(1, MESSAGES, AT_ONCE)]
    for script in (PEOPLE, PROJECTS, *pieces):
        site.manage("shell", "--no-imports", "-c", TOOLS + script)
