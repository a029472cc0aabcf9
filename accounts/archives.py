"""The files of a job in one archive, to be downloaded."""

from __future__ import annotations

import tempfile
import zipfile
from collections.abc import Callable, Iterator, Sequence

from realtime.jobs import Run


def pack(
    run: Run,
    archive_name: str,
    names: Sequence[str],
    further: Callable[[zipfile.ZipFile], Iterator[None]] | None = None,
) -> Iterator[None]:
    """Packs the files `names` that the job has written, then what `further` adds; yields after each of them."""
    with tempfile.TemporaryFile() as packed:
        with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
            for name in names:
                with run.files.open(name) as part:
                    archive.writestr(name, part.read())
                yield
            if further is not None:
                yield from further(archive)
        packed.seek(0)
        run.files.write(archive_name, packed)
