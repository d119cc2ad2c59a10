"""Templates: every value is escaped, a missing one is an error."""

from __future__ import annotations

import hashlib
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

from .params import LONGEST
from .preferences import Look

if TYPE_CHECKING:
    from jinja2 import Environment

HERE = Path(__file__).parent
STATIC = HERE / "static"


def render(template: str, *, look: Look, here: str = "", **shown: object) -> str:
    """Fill *template*; *here* is the page that the reader is on."""
    return _environment().get_template(template).render(look=look, here=here, **shown)


def static(name: str) -> str:
    """Give the address of a file in `static/`, another one when the file changes."""
    return f"/static/{name}?v={_mark(name)}"


@cache
def _mark(name: str) -> str:
    return hashlib.sha256((STATIC / name).read_bytes()).hexdigest()[:10]


@cache
def _environment() -> Environment:
    from jinja2 import Environment, FileSystemLoader, StrictUndefined

    environment = Environment(
        loader=FileSystemLoader(HERE / "templates"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.globals["static"] = static
    environment.globals["longest"] = LONGEST
    return environment
