"""What the options before a command say, and how to open the index that they name."""

from __future__ import annotations

import sys
from dataclasses import dataclass
from typing import TYPE_CHECKING

from ..config import read_color_preference

if TYPE_CHECKING:
    from ..library import Index


@dataclass(frozen=True, slots=True)
class CommandContext:
    """One run of the command line."""

    index: str | None = None
    verbose: bool = False

    def open(self, *, engine: str = "auto", create: bool = False) -> Index:
        """Open the index; where *create* is false there must be one."""
        from ..library import open as open_index

        return open_index(self.index, engine=engine, create=create)


def is_color_enabled(*, err: bool = False) -> bool:
    """Tell whether to colour what is written: only a terminal, and not where NO_COLOR is set."""
    wanted = read_color_preference()
    stream = sys.stderr if err else sys.stdout
    return stream.isatty() if wanted is None else wanted
