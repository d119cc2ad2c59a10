"""Display preferences of a visitor, stored in cookies; the server sets no other cookies."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Preferences:
    """Theme and thumbnails.

    *theme* is `light`, `dark`, or empty to follow the system. *pictures*: load thumbnails from the sites of the videos.
    """

    theme: str = ""
    pictures: bool = False


def read_preferences(cookies: Mapping[str, str]) -> Preferences:
    """Read the preferences from *cookies*; an unknown value means the default."""
    theme = cookies.get("theme", "")
    return Preferences(theme if theme in ("light", "dark") else "", cookies.get("pictures") == "on")
