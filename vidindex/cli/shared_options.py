"""The options that several commands share."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import fields
from typing import TYPE_CHECKING, Any

import click

from .asr_options import asr_options

if TYPE_CHECKING:
    from ..resolve import ResolveOptions


def network_options(command: Callable[..., Any]) -> Callable[..., Any]:
    """Add the options that say how sites are asked."""
    options = [
        click.option("--cookies", default="", metavar="FILE", help="Cookies in Netscape format."),
        click.option(
            "--cookies-from-browser", default="", metavar="NAME", help="Take the cookies of firefox, chrome …"
        ),
        click.option("--proxy", default="", metavar="URL", help="Ask through this proxy."),
        click.option("--user-agent", default="", metavar="TEXT", help="Call yourself so."),
        click.option(
            "--sleep", "sleep_s", type=click.FloatRange(0), default=0.0, help="Seconds between requests to a host."
        ),
        click.option(
            "--timeout", "timeout_s", type=click.FloatRange(1), default=20.0, help="Seconds to wait for an answer."
        ),
        click.option("--yt-dlp-option", "extra", multiple=True, metavar="K=V", help="An option of yt-dlp; repeatable."),
        click.option("--allow-private", is_flag=True, help="Let pages reach addresses in private networks."),
    ]
    for option in reversed(options):
        command = option(command)
    return command


def pop_fields(kind: type, params: dict[str, Any]) -> dict[str, Any]:
    """Take what *kind* has fields for out of *taken*."""
    return {field.name: params.pop(field.name) for field in fields(kind) if field.name in params}


def pop_resolve_options(params: dict[str, Any]) -> ResolveOptions:
    """Take the options that `asking` added out of *taken*."""
    from ..resolve import ResolveOptions

    return ResolveOptions(**pop_fields(ResolveOptions, params))


def content_options(command: Callable[..., Any]) -> Callable[..., Any]:
    """Add the options that say what is taken of a target."""
    options = [
        click.option("--links", is_flag=True, help="Also take videos that an article merely links to."),
        click.option(
            "--lang",
            "languages",
            multiple=True,
            default=("en",),
            show_default=True,
            metavar="CODE",
            help="Captions to take beside the spoken language; repeatable, `all` for all.",
        ),
        click.option("--wayback", is_flag=True, help="Ask the web archive for copies of what plays no more."),
        click.option("--asr", "hears", is_flag=True, help="Recognise the speech of videos without captions."),
    ]
    command = asr_options(command)
    for option in reversed(options):
        command = option(command)
    return command
