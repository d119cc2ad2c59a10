"""The global options, and the index that they name."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, NamedTuple

from ..config import read_color_preference

if TYPE_CHECKING:
    from ..library import Index


class CommandContext(NamedTuple):  # a dataclass would take longer than the rest of this module
    """The global options of one run of the command line."""

    index: str | None = None
    verbose: bool = False

    def open(self, *, engine: str = "auto", create: bool = False) -> Index:
        """Open the index.  Raises `NoIndexError` if there is none and *create* is false."""
        from ..library import open as open_index

        return open_index(self.index, engine=engine, create=create)


def is_color_enabled(*, err: bool = False) -> bool:
    """Return whether to color the output: only on a terminal, and not if NO_COLOR is set."""
    wanted = read_color_preference()
    stream = sys.stderr if err else sys.stdout
    return stream.isatty() if wanted is None else wanted
