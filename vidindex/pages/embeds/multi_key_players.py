"""Make the URLs of players that need several ids or unusual attributes: Brightcove, Kaltura, Mux, Wistia…"""

from __future__ import annotations

import json
import re
from base64 import b64encode
from urllib.parse import quote

from ..providers import provider_video_url

_UUID = re.compile(r"[\da-f]{8}(?:-[\da-f]{4}){3}-[\da-f]{12}")
_WISTIA_ASYNC_ID = re.compile(r"wistia_async_(\w{10})")
_LYTE_ID = re.compile(r"(?:WYL|lyte)_([\w-]{11})")
"""What WP YouTube Lyte calls the elements of a player."""


def brightcove_url(account: str, video: str, *, player: str = "default", embed: str = "default") -> str:
    """Return the URL of a Brightcove video."""
    return f"https://players.brightcove.net/{account or '0'}/{player}_{embed}/index.html?videoId={video}"


def kaltura_url(partner: str, entry: str) -> str:
    """Return the URL of a Kaltura entry."""
    number = partner or "0"
    api = f"https://cdnapisec.kaltura.com/p/{number}/embedIframeJs/partner_id/{number}"
    return f"{api}?iframeembed=true&entry_id={entry}"


def anvato_url(player: dict[str, object]) -> str:
    """Return the URL of the player that *player*, the settings of Anvato's script, describes, or ""."""
    fields = {"m": "mcp", "v": "video", "anvack": "accessKey"}
    key = {short: str(player.get(name) or "") for short, name in fields.items()}
    if not key["v"].isdecimal() or not (key["m"] or key["anvack"]):
        return ""
    encoded = b64encode(json.dumps(key, separators=(",", ":")).encode()).decode()
    return f"https://w3.mp.lura.live/player/prod/v3/anvload.html?key={quote(encoded)}"


def url_from_attributes(tag: str, attributes: dict[str, str]) -> str:
    """Return the player URL that the attributes of an element make together, or ""."""
    keys = {_normalize_key(name): value.strip() for name, value in attributes.items() if len(value) < 200}
    searched_text = f"{tag} {keys.get('class', '')} {' '.join(attributes)}".lower()
    return (
        _find_arc_url(keys)
        or _find_brightcove_url(keys, searched_text)
        or _find_kaltura_url(keys)
        or _find_other_player_url(tag, keys, searched_text)
    )


def _normalize_key(name: str) -> str:
    return name.removeprefix("data-").replace("-", "").replace("_", "")


def _first_value(keys: dict[str, str], *names: str) -> str:
    return next((keys[name] for name in names if keys.get(name)), "")


def _find_arc_url(keys: dict[str, str]) -> str:
    """Return the address at which the player of Arc XP, which is called PoWa, looks its video up."""
    org, uuid = keys.get("org", ""), keys.get("uuid", "")
    is_player = "powa" in keys.get("class", "").split() or keys.get("id", "").startswith("powa-")
    if not is_player or not re.fullmatch("[a-z]{2,40}", org) or not _UUID.fullmatch(uuid):
        return ""
    if org in ("wapo", "washpost"):
        return f"https://www.washingtonpost.com/video/c/embed/{uuid}"
    return f"https://{org}-prod-cdn.video-api.arcpublishing.com/api/v1/ansvideos/findByUuid?uuid={uuid}"


def _find_brightcove_url(keys: dict[str, str], searched_text: str) -> str:
    account = _first_value(keys, "account", "accountid", "bcaccount", "brightcoveaccount")
    video = _first_value(keys, "videoid", "brightcoveid", "bcvideoid", "brightcovevideoid", "mediaid")
    if not (account.isdigit() or "brightcove" in searched_text) or not re.fullmatch(r"\d{6,}|ref:[\w.:-]+", video):
        return ""
    player = _first_value(keys, "player", "playerid") or "default"
    return brightcove_url(account, video, player=player, embed=keys.get("embed") or "default")


def _find_kaltura_url(keys: dict[str, str]) -> str:
    entry = _first_value(keys, "entryid", "kalturaentryid")
    if not re.fullmatch(r"[01]_\w{8}", entry):
        return ""
    return kaltura_url(_first_value(keys, "partner", "partnerid", "wid").lstrip("_"), entry)


def _glomex_url(integration: str, playlist: str) -> str:
    """Return the URL of a video of glomex; other playlists, which the site chooses, are not those of the article."""
    if not (re.fullmatch(r"\w{4,40}", integration) and re.fullmatch(r"v-[\w-]{6,60}", playlist)):
        return ""
    return (
        f"https://player.glomex.com/integration/1/iframe-player.html?integrationId={integration}&playlistId={playlist}"
    )


def _find_other_player_url(tag: str, keys: dict[str, str], searched_text: str) -> str:
    if "glomex" in searched_text and (integration := _first_value(keys, "integrationid")):
        return _glomex_url(integration, _first_value(keys, "playlistid"))
    if playback := _first_value(keys, "playbackid", "muxplaybackid"):
        return provider_video_url("mux", playback)
    if "jwplayer" in tag or tag == "jw-player":
        return provider_video_url("jwplayer", _first_value(keys, "mediaid", "playlistid"))
    if match := _WISTIA_ASYNC_ID.search(keys.get("class", "")):
        return provider_video_url("wistia", match[1])
    if "wistia" in searched_text:
        return provider_video_url(
            "wistia", _first_value(keys, "mediaid", "mediahashedid", "wistiaid", "videoid", "hashedid")
        )
    if lyte := _LYTE_ID.fullmatch(keys.get("id", "")):
        return provider_video_url("youtube", lyte[1])
    if keys.get("mychannelstype") == "video":
        return provider_video_url("mychannels", keys.get("mychannelsid", ""))
    if tag == "stream":
        return provider_video_url("cloudflare", keys.get("src", ""))
    if "mdstrm" in searched_text or "mediastream" in searched_text:
        return provider_video_url("mdstrm", _first_value(keys, "id", "videoid", "video"))
    return (
        provider_video_url("dailymotion", keys.get("video", ""))
        if tag == "script" and "dailymotion" in keys.get("src", "")
        else ""
    )
