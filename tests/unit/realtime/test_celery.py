"""What Celery's processes write into the log."""

import logging

from realtime.celery import FirstLineOnly


def test_an_error_of_beat_is_one_line() -> None:
    try:
        raise ConnectionError("Connection refused")
    except ConnectionError as error:
        record = logging.getLogger("celery.beat").makeRecord(
            "celery.beat",
            logging.ERROR,
            __file__,
            1,
            "Message Error: %s\n%s",
            (error, "a stack"),
            (type(error), error, error.__traceback__),
        )
    assert FirstLineOnly().filter(record)
    assert logging.Formatter("%(message)s").format(record) == "Message Error: Connection refused"
