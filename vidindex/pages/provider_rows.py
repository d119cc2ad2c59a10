"""The rows of the tables of providers."""

from __future__ import annotations

from typing import NamedTuple

from ..model import Medium

UUID_PATTERN = r"[\da-fA-F]{8}-[\da-fA-F]{4}-[\da-fA-F]{4}-[\da-fA-F]{4}-[\da-fA-F]{12}"


class Provider(NamedTuple):
    """The URLs of one provider.

    *hosts* are separated by spaces and include their subdomains.  *url_template* is the canonical URL, with the groups
    of the pattern as `{0}`, `{1}`…; if empty, the URL is kept as found.  *sample* is a URL and, after a space, the id
    in it.  *moment_suffix* states a start time: `#…`, `?…` or `/…`, with `{s}` for seconds or `{clock}` for `0h1m23s`;
    if empty, it is `#t={s}`.  *player_template* is the URL of the player for an iframe.  A *dead* provider no longer
    exists.  *is_music* says that the URLs are those of songs and albums, in which nobody is interviewed.
    *id_template* makes the id of the groups, if it consists of several.
    """

    name: str
    hosts: str
    patterns: tuple[str, ...]
    url_template: str = ""
    sample: str = ""
    moment_suffix: str = ""
    player_template: str = ""
    dead: bool = False
    medium: Medium = "video"
    is_music: bool = False
    id_template: str = "{0}"
