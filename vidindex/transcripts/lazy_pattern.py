"""Patterns that are compiled at their first use: compiling one may take a millisecond, and few commands use all."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any


class _LazyPattern:
    """Behaves like the compiled pattern."""

    def __init__(self, pattern: str, flags: int) -> None:
        self._pattern, self._flags = pattern, flags

    def __getattr__(self, name: str) -> Any:
        """Get an attribute of the pattern, and keep it, so that this is called once for each."""
        value = getattr(re.compile(self._pattern, self._flags), name)
        setattr(self, name, value)
        return value


if TYPE_CHECKING:

    def lazy_pattern(pattern: str, flags: int = 0) -> re.Pattern[str]:
        """Return *pattern*, which is compiled at its first use."""
else:

    def lazy_pattern(pattern: str, flags: int = 0) -> _LazyPattern:
        """Return *pattern*, which is compiled at its first use."""
        return _LazyPattern(pattern, flags)
