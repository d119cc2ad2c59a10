"""PO tokens, which YouTube wants for captions: which addresses need one, and how users get one.

yt-dlp gets tokens from plugins ("token providers"), most of which ask a server on this machine.
"""

from __future__ import annotations

from typing import TYPE_CHECKING
from urllib.parse import parse_qs, urlsplit

from ..net.ssrf import extract_host

if TYPE_CHECKING:
    from collections.abc import Sequence

    from ..model import FailureClass

PROVIDER_PACKAGE = "bgutil-ytdlp-pot-provider"
PROVIDER_ADDRESS = "127.0.0.1:4416"
_WAYS_OUT = (
    f"install a token provider (`pip install {PROVIDER_PACKAGE}`, start its server, and use --allow-host "
    f"{PROVIDER_ADDRESS}), give a token with --yt-dlp-option 'extractor-args=youtube:player_client=web;"
    "po_token=web.subs+TOKEN', or log in with a browser and use --cookies-from-browser"
)
_YOUTUBE_SUFFIXES = (".youtube.com", ".youtu.be", ".youtube-nocookie.com")
_TOKEN_EXPERIMENTS = frozenset({"xpe", "xpv"})
"""Values of `exp` in the addresses of captions that need a token; yt-dlp looks for the same."""


def token_reason(refused_servers: Sequence[str] = ()) -> str:
    """Return why captions that need a token are missing, and what to do.

    *refused_servers* are the private addresses that a provider asked in vain.
    """
    reason = "the video has captions, but YouTube wants a PO token for them"
    if refused_servers:
        hosts = " ".join(f"--allow-host {server}" for server in dict.fromkeys(refused_servers))
        return f"{reason}, and the token provider may not use its server, which has a private address: use {hosts}"
    return f"{reason}: {_WAYS_OUT}"


def describe_empty_response(url: str) -> tuple[FailureClass, str]:
    """Return the failure class and the reason for a response without content from the address *url* of captions."""
    if not _is_timedtext(url):
        return "later", "the site returned an empty response: try again later"
    query = parse_qs(urlsplit(url).query)
    if "pot" in query:
        return "blocked", (
            "YouTube returned an empty response, which does not mean that there are no captions: it does not accept "
            "the PO token, or it blocks this address: get a new token, wait, or use --proxy"
        )
    if _TOKEN_EXPERIMENTS.intersection(query.get("exp", ())):
        return "needs-token", f"YouTube returned an empty response, because it wants a PO token: {_WAYS_OUT}"
    return "blocked", (
        "YouTube returned an empty response, which does not mean that there are no captions: it probably wants a PO "
        f"token, or blocks this address: wait, use --proxy, or {_WAYS_OUT}"
    )


def _is_timedtext(url: str) -> bool:
    return is_youtube(extract_host(url)) and urlsplit(url).path.endswith("/timedtext")


def is_youtube(host: str) -> bool:
    """Return whether *host* belongs to YouTube."""
    return host.endswith(_YOUTUBE_SUFFIXES) or f".{host}" in _YOUTUBE_SUFFIXES


def has_token_provider() -> bool:
    """Return whether a plugin that yt-dlp has loaded can get tokens."""
    from yt_dlp.extractor.youtube.pot._registry import _pot_providers

    return bool(_pot_providers.value)
