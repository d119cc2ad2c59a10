"""What an index on an OpenSearch cluster stands on: its address, the client, and documents read and written one way.

The engine keeps its passages there by `client` and `bulk`, the store everything else by `documents`.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:  # an index in a folder need not pay for it
    from .opensearch.endpoint import Location


def parse_location(location: str | Path) -> Location:
    """Read where an index is.  Raises `IndexLocationError` for an address that is none."""
    if isinstance(location, str) and "://" in location:
        from .opensearch.endpoint import parse_endpoint

        return parse_endpoint(location)
    return Path(location)
