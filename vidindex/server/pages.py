"""What the routes of all HTML pages share: the index, the address of the server, and rendering."""

from __future__ import annotations

from typing import TYPE_CHECKING

from starlette.requests import Request
from starlette.responses import HTMLResponse, Response

from .preferences import read_preferences
from .templating import render_template

if TYPE_CHECKING:
    from ..library import Index


def get_index(request: Request) -> Index:
    """Return the index that the server reads."""
    index: Index = request.app.state.index
    return index


def get_base_url(request: Request) -> str:
    """Return the address of this server, without a slash at the end, as the client has requested it.

    The middleware has checked the host name.  Behind a proxy, only the option `--name` knows that it speaks HTTPS.
    """
    is_https = (request.url.hostname or "") in request.app.state.https_hosts
    return f"{'https' if is_https else request.url.scheme}://{request.url.netloc}"


def render_page(
    request: Request, template: str, page: object, *, here: str = "", status: int = 200, **variables: object
) -> Response:
    """Return the HTML page that *template* makes of *page* and *variables*."""
    preferences = read_preferences(request.cookies)
    html = render_template(template, preferences=preferences, here=here, page=page, **variables)
    return HTMLResponse(html, status_code=status)
