"""The location of an index: a folder or an address on an OpenSearch cluster."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:  # an index in a folder does not need this module
    from .opensearch.endpoint import Location


def parse_location(location: str | Path) -> Location:
    """Parse a folder or a cluster address.

    Raises `IndexLocationError` if an address is invalid.
    """
    if isinstance(location, str) and "://" in location:
        from .opensearch.endpoint import parse_endpoint

        return parse_endpoint(location)
    return Path(location)
