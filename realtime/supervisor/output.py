"""The merged log: every line of every program on standard output, behind a coloured name."""

import os
import sys

COLOURS = (36, 32, 35, 33, 34, 96, 92, 95)
OWN_COLOUR = 1
NAME_WIDTH = 9
OWN_PREFIX = "carillon |"


def wants_colour() -> bool:
    """Colour on a terminal, or when FORCE_COLOR asks for it; never with NO_COLOR (https://no-color.org)."""
    if os.environ.get("NO_COLOR"):
        return False
    return bool(os.environ.get("FORCE_COLOR")) or sys.stdout.isatty()


class Output:
    """Writes whole lines, so that two programs never share one."""

    def __init__(self, *, coloured: bool) -> None:
        self._coloured = coloured
        self._colours: dict[str, int] = {}

    def line(self, name: str, text: str) -> None:
        """One line of the program `name`."""
        colour = self._colours.setdefault(name, COLOURS[len(self._colours) % len(COLOURS)])
        self._write(f"{self._paint(f'{name:<{NAME_WIDTH}}|', colour)} {text}\n")

    def say(self, text: str) -> None:
        """One line of the supervisor itself."""
        self._write(f"{self._paint(OWN_PREFIX, OWN_COLOUR)} {text}\n")

    def _paint(self, text: str, colour: int) -> str:
        return f"\x1b[{colour}m{text}\x1b[0m" if self._coloured else text

    def _write(self, text: str) -> None:
        try:
            sys.stdout.write(text)
            sys.stdout.flush()
        except (BrokenPipeError, UnicodeEncodeError):
            # Whoever read the log went away, or cannot show a character: no reason to stop serving.
            return
