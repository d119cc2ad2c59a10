"""`vidindex serve`: serve the index as a web page and a JSON API."""

from __future__ import annotations

import os
from collections.abc import Callable
from contextlib import suppress

import click

from .. import config
from ..errors import ServerNotInstalledError
from .context import CommandContext
from .shared_options import WEB_PACKAGES, listen_options


def _default_workers() -> int:
    """Return 2, for two concurrent searches at a moderate use of memory, or 1 on a single core."""
    return min(2, os.cpu_count() or 1)


@click.command()
@listen_options(8000)
@click.option("--open", "look", is_flag=True, help="Open the page in a browser.")
@click.option(
    "--workers",
    type=click.IntRange(1, 64),
    default=_default_workers,
    metavar="N",
    help="Number of worker processes.  [default: 2, or 1 on a single core]",
)
@click.option(
    "--name",
    "names",
    multiple=True,
    metavar="HOST",
    help="Another host name of the server, or https://HOST behind a proxy that speaks HTTPS; repeatable.",
)
@click.option("--embeddable", is_flag=True, help="Let other sites show clips in frames.")
@click.pass_obj
def serve(
    session: CommandContext, host: str, port: int, look: bool, workers: int, names: tuple[str, ...], embeddable: bool
) -> None:
    """Serve the index as a web page and a JSON API, until Ctrl-C.

    Only this machine can reach the server, unless --host is given. The API is under /api/.

    \b
      vidindex serve --open
      vidindex serve --port 8080
    """
    try:
        from ..server.run import ServeOptions
        from ..server.run import serve_index as run
    except ModuleNotFoundError as exc:
        if (exc.name or "").partition(".")[0] not in WEB_PACKAGES:
            raise
        raise ServerNotInstalledError from exc
    session.open().close()  # fails now if there is no index
    options = ServeOptions(host, port, workers, names, is_embeddable=embeddable)
    if not options.is_loopback:
        click.echo(f"warning: everyone who can reach {host} can read this index", err=True)
    with suppress(KeyboardInterrupt):
        run(
            config.resolve_index_path(session.index), options=options, on_ready=_make_address_printer(open_browser=look)
        )


def _make_address_printer(*, open_browser: bool) -> Callable[[str], None]:
    """Return a callback that prints the address of the page and opens it if *open_browser*."""

    def print_address(address: str) -> None:
        click.echo(f"serving at {address} (press Ctrl-C to stop)")
        if open_browser:
            import webbrowser

            webbrowser.open(address)

    return print_address
