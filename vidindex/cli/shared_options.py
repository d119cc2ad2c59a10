"""Options that several commands share."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import fields
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from .asr_options import asr_options

if TYPE_CHECKING:
    from ..resolve import ResolveOptions


plugins_option = click.option(
    "--yt-dlp-plugins",
    "plugin_folders",
    multiple=True,
    metavar="DIR",
    help="Folder with plugins that yt-dlp runs; repeatable.",
)


allow_host_option = click.option(
    "--allow-host",
    "allow_hosts",
    multiple=True,
    metavar="HOST:PORT",
    help="Private address that may be reached, such as the server of a token provider; repeatable.",
)


jobs_option = click.option(
    "--jobs",
    type=click.IntRange(1, 256),
    metavar="N",
    help="Processes that read captions, if there are many.  [default: one for each core]",
)


render_option = click.option(
    "--render", is_flag=True, help="Run the scripts of pages that are empty without them, in Chromium."
)


def _read_output(ctx: click.Context, param: click.Parameter, output: Path | None) -> Path | None:
    return None if output == Path("-") else output


output_option = click.option(
    "-o",
    "--output",
    type=click.Path(dir_okay=False, path_type=Path),
    metavar="FILE",
    callback=_read_output,
    help="File to write.  [default: -, standard output]",
)


def network_options(command: Callable[..., Any]) -> Callable[..., Any]:
    """Add the options that control how sites are requested."""
    options = [
        click.option("--cookies", default="", metavar="FILE", help="Cookie file in Netscape format."),
        click.option(
            "--cookies-from-browser", default="", metavar="NAME", help="Use the cookies of firefox, chrome, …"
        ),
        click.option(
            "--proxy", default="", metavar="URL", help="Proxy to use: http://HOST:PORT or socks5://HOST:PORT."
        ),
        click.option("--user-agent", default="", metavar="TEXT", help="User-Agent header to send."),
        click.option(
            "--sleep",
            "sleep_s",
            type=click.FloatRange(0),
            default=0.0,
            metavar="SECONDS",
            help="Minimum time between two requests to a host.",
        ),
        click.option(
            "--timeout",
            "timeout_s",
            type=click.FloatRange(1),
            default=20.0,
            metavar="SECONDS",
            help="Maximum time to wait for a response.  [default: 20]",
        ),
        click.option(
            "--yt-dlp-option",
            "extra",
            multiple=True,
            metavar="NAME=VALUE",
            help="Option to pass to yt-dlp; repeatable.",
        ),
        plugins_option,
        allow_host_option,
        click.option("--allow-private", is_flag=True, help="Let pages lead to addresses in private networks."),
    ]
    for option in reversed(options):
        command = option(command)
    return command


def _engine_option(names: Iterable[str], help_text: str) -> Callable[[Callable[..., Any]], Callable[..., Any]]:
    return click.option(
        "--engine", type=click.Choice(["auto", *names]), default="auto", show_default=True, help=help_text
    )


_FOLDER_ENGINES = ("tantivy", "whoosh")
engine_option = _engine_option(
    (*_FOLDER_ENGINES, "opensearch"), "Search engine of a new index in a folder; a cluster always uses opensearch."
)


def folder_engine_option(help_text: str) -> Callable[[Callable[..., Any]], Callable[..., Any]]:
    """Return the option for the engine of an index in a folder."""
    return _engine_option(_FOLDER_ENGINES, help_text)


WEB_PACKAGES = ("starlette", "uvicorn", "jinja2")
"""The packages of the extra `web`."""


def listen_options(port: int) -> Callable[[Callable[..., Any]], Callable[..., Any]]:
    """Return a decorator that adds the options for the address of a server, whose default port is *port*."""

    def add_options(command: Callable[..., Any]) -> Callable[..., Any]:
        number = click.option(
            "--port",
            type=click.IntRange(0, 65535),
            default=port,
            show_default=True,
            metavar="PORT",
            help="Port to listen on; 0 picks a free one.",
        )
        host = click.option(
            "--host", default="127.0.0.1", show_default=True, metavar="ADDRESS", help="Address to listen on."
        )
        return host(number(command))

    return add_options


def pop_fields(kind: type, params: dict[str, Any]) -> dict[str, Any]:
    """Remove the fields of the dataclass *kind* from *params* and return them."""
    return {field.name: params.pop(field.name) for field in fields(kind) if field.name in params}


def pop_resolve_options(params: dict[str, Any]) -> ResolveOptions:
    """Remove the options of `network_options` from *params*, check them, and return them as `ResolveOptions`."""
    from ..resolve import ResolveOptions
    from ..resolve.options import check_options

    options = ResolveOptions(**pop_fields(ResolveOptions, params))
    check_options(options)
    return options


def content_options(command: Callable[..., Any]) -> Callable[..., Any]:
    """Add the options that control what is indexed of a target."""
    options = [
        click.option("--links", is_flag=True, help="Also add videos that an article only links to."),
        click.option(
            "--lang",
            "languages",
            multiple=True,
            default=("en",),
            show_default=True,
            metavar="CODE",
            help="Caption language to add besides the spoken one; repeatable; `all` adds all.",
        ),
        render_option,
        click.option("--wayback", is_flag=True, help="Search the Wayback Machine for copies of unavailable videos."),
        click.option("--asr", "recognize", is_flag=True, help="Recognize the speech of videos without captions."),
    ]
    command = asr_options(command)
    for option in reversed(options):
        command = option(command)
    return command
