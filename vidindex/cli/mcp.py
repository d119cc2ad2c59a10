"""`vidindex mcp`: serve the index to language models."""

from __future__ import annotations

import signal
from contextlib import suppress

import click

from .. import config
from ..errors import McpNotInstalledError, ServerNotInstalledError
from .context import CommandContext
from .shared_options import WEB_PACKAGES, listen_options

_MCP_PACKAGES = ("mcp", "mcp_types", "pydantic", "anyio")


@click.command()
@click.option("--http", "over_http", is_flag=True, help="Serve over HTTP, not over standard input and output.")
@listen_options(8001)
@click.option("--name", "names", multiple=True, metavar="HOST", help="Another host name of the server; repeatable.")
@click.pass_obj
def mcp(session: CommandContext, over_http: bool, host: str, port: int, names: tuple[str, ...]) -> None:
    """Serve the index to language models, with the Model Context Protocol (MCP).

    A program such as Claude Desktop starts this command and talks to it over standard input and output. With --http,
    it listens on an address instead. Its tools only read the index; docs/mcp.md shows how to add them to programs.

    \b
      vidindex --index ~/talks mcp
      vidindex mcp --http
    """
    try:
        from ..mcp.run import run_http, run_stdio
        from ..server.run import ServeOptions
    except ModuleNotFoundError as exc:
        missing = (exc.name or "").partition(".")[0]
        if missing in WEB_PACKAGES:
            raise ServerNotInstalledError from exc
        if missing not in _MCP_PACKAGES:
            raise
        raise McpNotInstalledError from exc
    session.open().close()  # fails now if there is no index
    path = config.resolve_index_path(session.index)
    if not over_http:
        signal.signal(signal.SIGINT, signal.SIG_DFL)  # Python would wait for the thread that reads the input
        run_stdio(path)
        return
    with suppress(KeyboardInterrupt):
        options = ServeOptions(host, port, host_names=names)
        if not options.is_loopback:
            click.echo(f"warning: everyone who can reach {host} can read this index", err=True)
        run_http(path, options=options, on_ready=lambda url: click.echo(f"serving MCP at {url} (press Ctrl-C to stop)"))
