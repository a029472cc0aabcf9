"""Groups over HTTP."""

from __future__ import annotations

from django.http import HttpRequest
from ninja import Router, Schema

from accounts.openapi import answers
from accounts.requests import user_of
from chat.groups import selectors, services
from chat.groups.payloads import Group, GroupRemoved, GroupRights, GroupWithMembers
from realtime.http import session_or_token

router = Router(tags=["chat"], auth=session_or_token)


class GroupIn(Schema):
    name: str
    members: list[int]
    client_id: str
    description: str = ""
    mentioned_by: str = "everybody"


class Once(Schema):
    client_id: str


@router.get("/groups", openapi_extra=answers(list[Group]))
def groups(request: HttpRequest, q: str | None = None) -> list[Group]:
    """Groups that a message can mention, by name; with `q` a few whose name begins with it."""
    return selectors.groups_matching(q)


@router.get("/groups/rights", openapi_extra=answers(GroupRights))
def group_rights(request: HttpRequest) -> GroupRights:
    """Whether you may make and change groups."""
    return GroupRights(selectors.manages_groups(user_of(request)))


@router.get("/groups/{group_id}", openapi_extra=answers(GroupWithMembers))
def group(request: HttpRequest, group_id: int) -> GroupWithMembers:
    return selectors.group_with_members(group_id)


@router.post("/groups", openapi_extra=answers(Group))
def group_create(request: HttpRequest, body: GroupIn) -> Group:
    """A new group; for those with the permission to manage groups."""
    return services.group_save(user=user_of(request), group=None, **body.dict())


@router.put("/groups/{group_id}", openapi_extra=answers(Group))
def group_change(request: HttpRequest, group_id: int, body: GroupIn) -> Group:
    """The group is called so and has these members from now on; for those with the permission to manage groups."""
    return services.group_save(user=user_of(request), group=group_id, **body.dict())


@router.post("/groups/{group_id}/remove", openapi_extra=answers(GroupRemoved))
def group_remove(request: HttpRequest, group_id: int, body: Once) -> GroupRemoved:
    return services.group_remove(user=user_of(request), group=group_id, client_id=body.client_id)
