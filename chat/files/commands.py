"""The commands of files over the socket. Uploads themselves come by HTTP: see `api`."""

from __future__ import annotations

from chat.files import services
from chat.files.payloads import File, FileRemoved
from realtime import Context, Struct, command


class DescribeFile(Struct, frozen=True):
    file: int
    alt: str
    client_id: str


class RemoveFile(Struct, frozen=True):
    file: int
    client_id: str


@command("chat.file_describe")
def file_describe(context: Context, args: DescribeFile) -> File:
    return services.file_describe(user=context.user, file=args.file, alt=args.alt, client_id=args.client_id)


@command("chat.file_remove")
def file_remove(context: Context, args: RemoveFile) -> FileRemoved:
    return services.file_remove(user=context.user, file=args.file, client_id=args.client_id)
