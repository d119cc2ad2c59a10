"""`vidindex embeds`: show what `add` would find on a page."""

from __future__ import annotations

import click

from ..model import Embed
from .context import CommandContext
from .shared_options import allow_host_option, plugins_option, render_option
from .terminal import json_line, one_line


@click.command()
@click.argument("page")
@click.option("--links", is_flag=True, help="Also show videos that the page only links to.")
@click.option("--json", "as_json", is_flag=True, help="Print JSON Lines.")
@render_option
@plugins_option
@allow_host_option
@click.pass_obj
def embeds(
    session: CommandContext,
    page: str,
    links: bool,
    as_json: bool,
    render: bool,
    plugin_folders: tuple[str, ...],
    allow_hosts: tuple[str, ...],
) -> int:
    """Show the videos that PAGE, a URL, a saved page or an archive, embeds; add nothing.

    \b
      vidindex embeds https://example.org/2009/09/late-night.html
      vidindex embeds saved.html --json
      vidindex embeds crawl.wacz
    """
    from ..ingest.page_reader import read_pages, select_embeds
    from ..net.fetch import FetchOptions
    from ..net.ssrf import parse_allowed_addresses
    from ..pages.ytdlp_plugins import allow_plugin_folders

    allow_plugin_folders(plugin_folders)
    fetching = FetchOptions(allowed_addresses=parse_allowed_addresses(allow_hosts))
    pages = read_pages(page, fetching=fetching, render=render)
    shown = (embed for found in pages for embed in select_embeds(found.embeds, links=links))
    number = 0
    for number, embed in enumerate(shown, 1):
        click.echo(json_line(_embed_fields(embed)) if as_json else _format_embed(embed, number))
    if not number and not as_json:
        click.echo("no embedded videos", err=True)
    return 0 if number else 1


def _embed_fields(embed: Embed) -> dict[str, object]:
    return {
        "url": embed.url,
        "provider": embed.provider,
        "id": embed.id,
        "label": embed.label,
        "kind": embed.kind,
        "medium": embed.medium,
        "dead": embed.dead,
        "captions": [{"url": link.url, "language": link.language, "label": link.label} for link in embed.captions],
    }


def _format_embed(embed: Embed, number: int) -> str:
    state = click.style(" unavailable", fg="yellow") if embed.dead else ""
    medium = "" if embed.medium == "video" else f" {embed.medium}"
    label = f"  “{one_line(embed.label)}”" if embed.label else ""
    provider = click.style(embed.provider, bold=True)
    return f"{number:>3}  {provider} {one_line(embed.kind)}{medium}{state}  {one_line(embed.url)}{label}"
