"""What a reader has chosen for the looks of the pages: kept in cookies, which nothing else is."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Preferences:
    """*theme* is `light`, `dark`, or empty for what the system says; *pictures*: load those of the videos' sites."""

    theme: str = ""
    pictures: bool = False


def read_preferences(cookies: Mapping[str, str]) -> Preferences:
    """Read the choices; whatever is not one of them is the default."""
    theme = cookies.get("theme", "")
    return Preferences(theme if theme in ("light", "dark") else "", cookies.get("pictures") == "on")
