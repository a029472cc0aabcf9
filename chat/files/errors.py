"""The expected errors of files. Each says what would have been accepted."""

from __future__ import annotations

from realtime import Busy, Conflict, Invalid, LimitReached, NotFound


class FileNotFound(NotFound):
    """The same for a file that is not there, one of somebody else, and one that is in a message already."""

    message = "There is no such file, or you may not use it."


class UnsupportedFile(Invalid):
    code = "unsupported_file"
    message = "This is not a file that can be shared here."
    http_status = 415


class FileTooLarge(Invalid):
    code = "too_large"
    message = "The file is too large."
    http_status = 413


class ImageTooLarge(Invalid):
    code = "image_too_large"
    message = "The image has too many pixels; make it smaller first."
    http_status = 413


class FileRefused(Invalid):
    code = "file_refused"
    message = "The file was refused by the virus scanner."


class ScannerAway(Busy):
    message = "The file cannot be examined for viruses just now. Try again in a moment."


class UploadGoesOn(Busy):
    message = "This file is being stored already. Ask again in a moment."


class ImagesWaiting(Busy):
    message = "Too many images are being prepared just now. Try again in a moment."


class QuotaExceeded(LimitReached):
    code = "quota_exceeded"
    message = "Your files take up all the room that you have. Delete some first."
    retry = False


class TooManyFiles(QuotaExceeded):
    message = "A message has room for fewer files: send the others in the next one."


class LastFile(Conflict):
    code = "last_file"
    message = "The message has nothing but this file: delete the message instead."


class FileWaits(Conflict):
    code = "file_waits"
    message = "This file is in a message that is sent later: cancel that message, and its files go with it."


class BadDescription(Invalid):
    code = "bad_description"
    message = "A description is plain text, and shorter."
