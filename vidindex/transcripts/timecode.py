"""Times as people and caption files write them."""

from __future__ import annotations


def format_clock(time_ms: int) -> str:
    """Write a time as people do: `12:34`, `1:02:03`."""
    seconds = max(time_ms, 0) // 1000
    hours, minutes, seconds = seconds // 3600, seconds // 60 % 60, seconds % 60
    return f"{hours}:{minutes:02}:{seconds:02}" if hours else f"{minutes}:{seconds:02}"


def format_timestamp(time_ms: int, decimal_mark: str = ".") -> str:
    """Write a time as caption files do, with *point* before the milliseconds: `00:12:34.567`."""
    seconds, ms = divmod(max(time_ms, 0), 1000)
    return f"{seconds // 3600:02}:{seconds // 60 % 60:02}:{seconds % 60:02}{decimal_mark}{ms:03}"
