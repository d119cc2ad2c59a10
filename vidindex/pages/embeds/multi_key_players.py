"""Players whose address takes more than one key, or a key of a peculiar name: Brightcove, Kaltura, Mux, Wistia…"""

from __future__ import annotations

import re

from ..providers import address_of

_ASYNC = re.compile(r"wistia_async_(\w{10})")


def brightcove(account: str, video: str, *, player: str = "default", embed: str = "default") -> str:
    """Give the address of a Brightcove video."""
    return f"https://players.brightcove.net/{account or '0'}/{player}_{embed}/index.html?videoId={video}"


def kaltura(partner: str, entry: str) -> str:
    """Give the address of a Kaltura entry."""
    number = partner or "0"
    api = f"https://cdnapisec.kaltura.com/p/{number}/embedIframeJs/partner_id/{number}"
    return f"{api}?iframeembed=true&entry_id={entry}"


def by_keys(tag: str, attributes: dict[str, str]) -> str:
    """Give the address that the attributes of an element make together; empty where they make none."""
    keys = {_plain(name): value.strip() for name, value in attributes.items() if len(value) < 200}
    words = f"{tag} {keys.get('class', '')} {' '.join(attributes)}".lower()
    return _brightcove(keys, words) or _kaltura(keys) or _others(tag, keys, words)


def _plain(name: str) -> str:
    return name.removeprefix("data-").replace("-", "").replace("_", "")


def _first(keys: dict[str, str], *names: str) -> str:
    return next((keys[name] for name in names if keys.get(name)), "")


def _brightcove(keys: dict[str, str], words: str) -> str:
    account = _first(keys, "account", "accountid", "bcaccount", "brightcoveaccount")
    video = _first(keys, "videoid", "brightcoveid", "bcvideoid", "brightcovevideoid", "mediaid")
    if not (account.isdigit() or "brightcove" in words) or not re.fullmatch(r"\d{6,}|ref:[\w.:-]+", video):
        return ""
    player = _first(keys, "player", "playerid") or "default"
    return brightcove(account, video, player=player, embed=keys.get("embed") or "default")


def _kaltura(keys: dict[str, str]) -> str:
    entry = _first(keys, "entryid", "kalturaentryid")
    if not re.fullmatch(r"[01]_\w{8}", entry):
        return ""
    return kaltura(_first(keys, "partner", "partnerid", "wid").lstrip("_"), entry)


def _others(tag: str, keys: dict[str, str], words: str) -> str:
    if playback := _first(keys, "playbackid", "muxplaybackid"):
        return address_of("mux", playback)
    if "jwplayer" in tag or tag == "jw-player":
        return address_of("jwplayer", _first(keys, "mediaid", "playlistid"))
    if match := _ASYNC.search(keys.get("class", "")):
        return address_of("wistia", match[1])
    if "wistia" in words:
        return address_of("wistia", _first(keys, "mediaid", "mediahashedid", "wistiaid", "videoid", "hashedid"))
    if tag == "stream":
        return address_of("cloudflare", keys.get("src", ""))
    if "mdstrm" in words or "mediastream" in words:
        return address_of("mdstrm", _first(keys, "id", "videoid", "video"))
    return (
        address_of("dailymotion", keys.get("video", ""))
        if tag == "script" and "dailymotion" in keys.get("src", "")
        else ""
    )
