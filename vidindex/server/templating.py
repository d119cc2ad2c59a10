"""HTML templates: values are escaped, control characters are removed, and an undefined variable is an error.

The filter `e` keeps the control characters of a value that is sent back to the server.
"""

from __future__ import annotations

import hashlib
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

from ..model import MAX_NOTE_CHARS
from .params import MAX_QUERY_CHARS
from .plain_text import CONTROL_CHARS
from .preferences import Preferences

if TYPE_CHECKING:
    from jinja2 import Environment

SERVER_DIR = Path(__file__).parent
STATIC_DIR = SERVER_DIR / "static"


def render_template(template: str, *, preferences: Preferences, here: str = "", **variables: object) -> str:
    """Render *template* with *variables*; *here* is the path of the current page in the navigation."""
    return _make_environment().get_template(template).render(preferences=preferences, here=here, **variables)


def static_url(name: str) -> str:
    """Return the URL of a file in `static/`; it changes with the content of the file."""
    return f"/static/{name}?v={_content_hash(name)}"


@cache
def _content_hash(name: str) -> str:
    return hashlib.sha256((STATIC_DIR / name).read_bytes()).hexdigest()[:10]


def _remove_controls(value: object) -> object:
    """Return *value* without characters that are no text, or that would turn the text after them around."""
    return CONTROL_CHARS.sub("", value) if type(value) is str and not value.isprintable() else value


@cache
def _make_environment() -> Environment:
    from jinja2 import Environment, FileSystemLoader, StrictUndefined

    environment = Environment(
        loader=FileSystemLoader(SERVER_DIR / "templates"),
        autoescape=True,
        undefined=StrictUndefined,
        finalize=_remove_controls,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.globals["static"] = static_url
    environment.globals["max_query_chars"] = MAX_QUERY_CHARS
    environment.globals["max_note_chars"] = MAX_NOTE_CHARS
    return environment
