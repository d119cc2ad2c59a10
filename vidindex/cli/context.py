"""The command, the global options, and the index that they name."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

from ..config import read_color_preference

if TYPE_CHECKING:
    from ..library import Index


class CommandContext:
    """The command of one run of the command line, empty until it is known, and the global options.

    It is no dataclass, because `--help` would take longer to make that than for the rest of this package.
    """

    __slots__ = ("command", "index", "verbose")

    def __init__(self) -> None:
        self.command = ""
        self.index: str | None = None
        self.verbose = False

    def open(self, *, engine: str = "auto", create: bool = False) -> Index:
        """Open the index.  Raises `NoIndexError` if there is none and *create* is false."""
        from ..library import open as open_index

        return open_index(self.index, engine=engine, create=create)


def is_color_enabled(*, err: bool = False) -> bool:
    """Return whether to color the output: only on a terminal, and not if NO_COLOR is set."""
    wanted = read_color_preference()
    stream = sys.stderr if err else sys.stdout
    return stream.isatty() if wanted is None else wanted
