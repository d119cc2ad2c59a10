"""`vidindex serve`: the index as a web page, and as an API for other programs."""

from __future__ import annotations

import os
from collections.abc import Callable
from contextlib import suppress

import click

from .. import config
from ..errors import VidindexError
from .context import CommandContext

_WEB_PACKAGES = ("starlette", "uvicorn", "jinja2")


def _default_workers() -> int:
    """Two searches at once take two processes; more than two would hold more memory than most want to give."""
    return min(2, os.cpu_count() or 1)


@click.command()
@click.option("--host", default="127.0.0.1", show_default=True, help="The address to listen on.")
@click.option(
    "--port", type=click.IntRange(0, 65535), default=8000, show_default=True, help="The port; 0 takes any that is free."
)
@click.option("--open", "look", is_flag=True, help="Open the page in the browser.")
@click.option(
    "--workers",
    type=click.IntRange(1, 64),
    default=_default_workers,
    show_default="2, or 1 where there is one core",
    help="How many processes answer.",
)
@click.option("--name", "names", multiple=True, metavar="HOST", help="Another name the server goes by; repeatable.")
@click.pass_obj
def serve(session: CommandContext, host: str, port: int, look: bool, workers: int, names: tuple[str, ...]) -> None:
    """Show the index as a web page, until Ctrl-C.

    Only this machine reaches it, unless --host says otherwise.  Programs find the API under /api/.

    \b
      vidindex serve --open
      vidindex serve --port 8080
    """
    try:
        from ..server.run import ServeOptions
        from ..server.run import serve_index as run
    except ModuleNotFoundError as exc:
        if (exc.name or "").partition(".")[0] not in _WEB_PACKAGES:
            raise
        raise VidindexError("the web page is not installed: `pip install 'vidindex[web]'`") from exc
    session.open().close()  # says so where there is none
    options = ServeOptions(host, port, workers, names)
    if not options.is_loopback:
        click.echo(f"warning: everybody who reaches {host} can read this index", err=True)
    with suppress(KeyboardInterrupt):
        run(
            config.resolve_index_path(session.index), options=options, on_ready=_make_address_printer(open_browser=look)
        )


def _make_address_printer(*, open_browser: bool) -> Callable[[str], None]:
    """Say where the page is, and open it there where that is wanted."""

    def print_address(address: str) -> None:
        click.echo(f"serving at {address} (Ctrl-C stops)")
        if open_browser:
            import webbrowser

            webbrowser.open(address)  # the socket listens already: what is asked for now waits for the answer

    return print_address
