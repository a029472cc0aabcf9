"""Images made harmless and smaller, each in a process of its own whose memory and time are bounded."""

from __future__ import annotations

import json
import logging
import subprocess
import sys
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from chat.conf import numbers
from chat.files.errors import ImagesWaiting, ImageTooLarge, UnsupportedFile
from chat.files.sniffing import ALLOWED

logger = logging.getLogger(__name__)

_WORKER = Path(__file__).with_name("image_worker.py")


@dataclass(frozen=True, slots=True)
class Remade:
    """`made` has the files in `directory` by name, with their width and height in pixels."""

    type: str
    width: int
    height: int
    animated: bool
    made: Mapping[str, tuple[int, int]]
    directory: Path


@contextmanager
def remade(source: Path, *, sizes: Mapping[str, int], original: bool = True) -> Iterator[Remade]:
    """The image upright and without its metadata, as the file "original", and smaller ones by the longer side in px.

    Beside an original there are only those that are smaller, and none of one that moves. The files are gone at the
    end. Raises UnsupportedFile, ImageTooLarge, ImagesWaiting.
    """
    with TemporaryDirectory(prefix="image-") as directory:
        limits = numbers()
        order = {
            "source": str(source),
            "directory": directory,
            "sizes": dict(sizes),
            "original": original,
            "max_pixels": limits.max_image_pixels,
            "max_animation_pixels": limits.max_animation_pixels,
            "memory_bytes": limits.image_memory_bytes,
            "cpu_s": int(limits.image_timeout_s),
        }
        answer = _answer(order)
        yield Remade(**answer, directory=Path(directory))


def _answer(order: dict[str, Any]) -> dict[str, Any]:
    if not _places().acquire(timeout=numbers().image_timeout_s):
        raise ImagesWaiting(retry_after_ms=2000)
    try:
        # Nothing of our environment: no secrets near a decoder. The program gets the file's path and writes beside it.
        done = subprocess.run(  # noqa: S603
            [sys.executable, "-I", str(_WORKER), json.dumps(order)],
            stdin=subprocess.DEVNULL,
            capture_output=True,
            env={},
            timeout=numbers().image_timeout_s,
            check=False,
        )
    except subprocess.TimeoutExpired:
        raise ImageTooLarge("The image takes too long to unpack; make it smaller first.") from None
    finally:
        _places().release()
    answer: dict[str, Any] = json.loads(done.stdout) if done.returncode == 0 and done.stdout else {}
    if answer.get("error") == "too_large" or done.returncode < 0:
        most = order["max_pixels"]
        raise ImageTooLarge(
            f"An image has at most {most // 1_000_000} million pixels; make it smaller first.", max=most
        )
    if not answer or "error" in answer:
        logger.info("An image was refused: %s", answer.get("message") or done.stderr[-500:])
        raise UnsupportedFile("This image is damaged, or none.", allowed=ALLOWED)
    return answer


@cache
def _places() -> threading.BoundedSemaphore:
    return threading.BoundedSemaphore(numbers().images_at_once)
