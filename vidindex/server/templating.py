"""Templates: every value is escaped, a missing one is an error."""

from __future__ import annotations

import hashlib
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

from .params import MAX_QUERY_CHARS
from .preferences import Preferences

if TYPE_CHECKING:
    from jinja2 import Environment

SERVER_DIR = Path(__file__).parent
STATIC_DIR = SERVER_DIR / "static"


def render_template(template: str, *, look: Preferences, here: str = "", **shown: object) -> str:
    """Fill *template*; *here* is the page that the reader is on."""
    return _make_environment().get_template(template).render(look=look, here=here, **shown)


def static_url(name: str) -> str:
    """Give the address of a file in `static/`, another one when the file changes."""
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
    environment.globals["longest"] = MAX_QUERY_CHARS
    return environment
