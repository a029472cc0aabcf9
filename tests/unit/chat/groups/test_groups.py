"""Groups: who manages them, whom a mention reaches, and how many at most."""

from __future__ import annotations

from typing import Any

import pytest
from django.contrib.auth.models import Permission
from django.test import Client

from accounts.errors import BadName
from accounts.models import User
from chat import amending, sending
from chat.errors import PersonNotFound, TooManyMentions
from chat.groups.errors import BadGroup, GroupNameTaken, GroupNotFound, NotGroupManager, TooManyMembers
from chat.groups.payloads import Group
from chat.groups.selectors import group_with_members, groups_matching
from chat.groups.services import group_remove, group_save
from chat.models import Mention, Message, UserGroup
from chat.payloads import Sent, mentions_loaded
from chat.selectors import rooms_of
from notifications import upkeep
from notifications.selectors import inbox_page
from tests.support.people import client_id, make_direct, make_group, make_room, make_user

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture(autouse=True)
def at_once(settings: Any) -> None:
    settings.CHAT = {"tell_after_s": 0}


@pytest.fixture
def manager() -> User:
    user = make_user("max")
    user.user_permissions.add(Permission.objects.get(codename="manage_groups"))
    return User.objects.get(pk=user.pk)


def save(user: User, name: str, *members: User, **more: Any) -> Group:
    given = {"group": None, "description": "", "mentioned_by": "everybody", "client_id": client_id()} | more
    return group_save(user=user, name=name, members=[one.pk for one in members], **given)


def say(author: User, room: int, text: str) -> Sent:
    return sending.message_send(author=author, room=room, text=text, client_id=client_id())


def titles(user: User) -> list[str]:
    return [item.title for item in inbox_page(user).items]


def test_the_page_learns_who_manages_groups(manager: User, ada: User, client: Client) -> None:
    for user, manages in ((manager, True), (ada, False)):
        client.force_login(user)
        assert client.get("/api/groups/rights").json() == {"manages": manages}


def test_managers_make_change_and_remove_groups(manager: User, ada: User, bo: User) -> None:
    made = save(manager, "crew", ada, description="On deck")
    assert (made.name, made.member_count, made.mentioned_by) == ("crew", 1, "everybody")
    changed = save(manager, "Crew", bo, ada, group=made.id, mentioned_by="members")
    assert (changed.id, changed.name, changed.member_count) == (made.id, "Crew", 2)
    assert [one.username for one in group_with_members(made.id).members] == ["ada", "bo"]
    assert [one.name for one in groups_matching("CR")] == ["Crew"]
    assert groups_matching("rew") == []
    group_remove(user=manager, group=made.id, client_id=client_id())
    assert groups_matching(None) == []
    for missing in (made.id, 0, 2**70):
        with pytest.raises(GroupNotFound):
            group_with_members(missing)


def test_others_do_not(ada: User) -> None:
    group = make_group("crew")
    with pytest.raises(NotGroupManager):
        save(ada, "others")
    with pytest.raises(NotGroupManager):
        group_remove(user=ada, group=group, client_id=client_id())


def test_names_and_sizes_have_rules(manager: User, ada: User, settings: Any) -> None:
    save(manager, "crew")
    for name, error in (
        ("ADA", GroupNameTaken),
        ("Crew", GroupNameTaken),
        ("room", GroupNameTaken),
        ("here", GroupNameTaken),
        ("a b", BadName),
        ("", BadName),
        ("<img>", BadName),
    ):
        with pytest.raises(error):
            save(manager, name)
    with pytest.raises(BadGroup):
        save(manager, "x", mentioned_by="nobody")
    with pytest.raises(PersonNotFound):
        group_save(
            user=manager,
            group=None,
            name="x",
            description="",
            mentioned_by="everybody",
            members=[999_999],
            client_id=client_id(),
        )
    settings.CHAT = {"max_group_members": 0}
    with pytest.raises(TooManyMembers):
        save(manager, "x", ada)


def test_a_mention_reaches_those_of_the_group_who_are_in_the_room(ada: User, bo: User, cy: User) -> None:
    room = make_room(ada, bo, name="Tea")
    group = make_group("crew", ada, bo, cy)
    say(ada, room, "@crew: on deck, @ada.")
    mention, _ = mentions_loaded(Message.objects.get(room=room).mentions)
    assert (mention.kind, mention.group, mention.refused) == ("group", group, "")
    upkeep.keep_up()
    assert titles(bo) == ["ada mentioned you in Tea"]
    assert titles(ada) == titles(cy) == []
    assert rooms_of(bo.pk, [room])[0].mentioned == [1]


def test_an_edit_that_still_names_the_group_takes_nobody_away_and_a_deletion_all(ada: User, bo: User) -> None:
    room = make_room(ada, bo)
    make_group("crew", bo)
    message = say(ada, room, "@crew").message
    upkeep.keep_up()
    amending.message_edit(user=ada, message=message, text="@crew again", client_id=client_id())
    assert rooms_of(bo.pk, [room])[0].mentioned == [1]
    amending.message_edit(user=ada, message=message, text="nobody", client_id=client_id())
    assert rooms_of(bo.pk, [room])[0].mentioned == []
    amending.message_delete(user=ada, message=message, client_id=client_id())
    assert titles(bo) == []


def test_a_closed_group_is_mentioned_by_its_members_alone(ada: User, bo: User) -> None:
    room = make_room(ada, bo)
    make_group("crew", bo, mentioned_by="members")
    refused = say(ada, room, "@crew").not_reached
    assert [(one.name, one.why) for one in refused] == [("crew", "not_allowed")]
    assert say(bo, room, "@crew").not_reached == []
    assert list(Mention.objects.values_list("number", flat=True)) == [2]


def test_a_mention_of_too_many_people_is_refused_and_nothing_is_stored(
    ada: User, bo: User, settings: Any
) -> None:
    settings.CHAT = {"max_group_mention": 2}
    room = make_room(ada, bo)
    make_group("crew", *(make_user() for _ in range(2)))
    make_group("others", bo)
    with pytest.raises(TooManyMentions) as caught:
        say(ada, room, "@crew and @others")
    assert caught.value.wire_code == "too_many_mentions"
    assert caught.value.data == {"max": 2, "got": 3}
    outcomes = sending.message_send_many(
        [
            sending.Send(ada, room, "@crew @others", client_id()),
            sending.Send(bo, room, "fine, @crew", client_id()),
        ]
    )
    assert isinstance(outcomes[0], TooManyMentions)
    assert isinstance(outcomes[1], Sent)
    assert outcomes[1].number == 1
    message = say(ada, room, "later").message
    with pytest.raises(TooManyMentions):
        amending.message_edit(user=ada, message=message, text="@crew @others", client_id=client_id())


def test_a_user_of_the_same_name_goes_first_and_conversations_have_no_groups(ada: User, bo: User) -> None:
    room, direct = make_room(ada, bo), make_direct(ada, bo)
    UserGroup.objects.create(name="bo", member_count=5)
    say(ada, room, "@bo")
    assert Mention.objects.get().kind == Mention.Kind.USER
    make_group("crew", bo)
    say(ada, direct, "@crew")
    assert Mention.objects.count() == 1


def test_staff_with_the_permission_manage_groups_in_the_admin(ada: User, bo: User) -> None:
    staff = make_user("iris", is_staff=True)
    client = Client()
    client.force_login(staff)
    assert client.get("/admin/chat/usergroup/").status_code == 403
    staff.user_permissions.add(Permission.objects.get(codename="manage_groups"))
    body = {"name": "crew", "description": "", "mentioned_by": "everybody", "people": [ada.pk, bo.pk]}
    answer = client.post("/admin/chat/usergroup/add/", body)
    assert answer.status_code == 302, answer.content
    group = UserGroup.objects.get()
    assert (group.member_count, set(group.members.all())) == (2, {ada, bo})
    again = client.post("/admin/chat/usergroup/add/", body | {"name": "ADA"})
    assert b"has that name" in again.content
    client.post(f"/admin/chat/usergroup/{group.pk}/change/", body | {"people": [bo.pk]})
    group.refresh_from_db()
    assert (group.name, group.member_count) == ("crew", 1)
