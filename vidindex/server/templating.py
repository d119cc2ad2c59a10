"""HTML templates: values are escaped, and an undefined variable is an error."""

from __future__ import annotations

import hashlib
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

from ..model import MAX_NOTE_CHARS
from .params import MAX_QUERY_CHARS
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


@cache
def _make_environment() -> Environment:
    from jinja2 import Environment, FileSystemLoader, StrictUndefined

    environment = Environment(
        loader=FileSystemLoader(SERVER_DIR / "templates"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.globals["static"] = static_url
    environment.globals["max_query_chars"] = MAX_QUERY_CHARS
    environment.globals["max_note_chars"] = MAX_NOTE_CHARS
    return environment
