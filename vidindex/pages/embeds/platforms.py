"""Find players that a publishing platform names by an id or a list of its own: WordPress, Substack, Squarespace…"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from itertools import islice
from urllib.parse import urljoin, urlsplit

from lxml.html import HtmlElement

from ..providers import recognize_url
from .document import EmbedCandidate, PageDocument
from .multi_key_players import anvato_url

_MAX_JSON_CHARS = 200_000
_MAX_TRACKS = 200
_UPLOAD_ID = re.compile(r"(?i)[\da-f]{8}(?:-[\da-f]{4}){3}-[\da-f]{12}")
_NEXX_DOMAIN = re.compile(r"//(?:require|arc)\.nexx(?:\.cloud|cdn\.com)/(?:sdk/)?(\d+)")
_NEXX_PLAYER = re.compile(r"_play\.(?:init|(?:control\.)?addPlayer)\s{0,9}\([^;)]{0,200}?,\s{0,9}[\"']?(\d{3,12})\b")
_MAX_NEXX_PLAYERS = 20
_CONDE_NAST_ID = re.compile(r"(?i)[\da-f]{24}")
_CONDE_NAST_NAME = re.compile(
    r"(?i)(?:^|[\s_-])(?:ars-video|ars-interlude|cne|cne-?(?:video|player|embed|interlude)|cnevids?|condenast)(?=$|[\s_-])"
)
_CONDE_NAST_HOST = re.compile(
    r"(?:^|\.)(?:arstechnica|wired|newyorker|vogue|gq|vanityfair|bonappetit|glamour|self|teenvogue|pitchfork|allure|epicurious|"
    r"cntraveler|architecturaldigest)\.(?:com|co\.uk)$"
)


def find_platform_players(page: PageDocument) -> Iterator[EmbedCandidate]:
    """Yield the tracks of playlists, and the players whose URL the platform makes from an id."""
    for script in page.elements_by_tag("script"):
        if "json" in (script.get("type") or "") and _is_playlist_script(script):
            yield from _find_tracks(script, page)
    host = urlsplit(page.base_url).hostname or ""
    is_conde_nast = bool(_CONDE_NAST_HOST.search(host))
    yield from _find_nexx(page)
    for element in page.elements_by_tag("div", "script", "figure", "section", "span", "video"):
        if value := element.get("data-attrs"):
            yield from _find_substack_upload(element, value, page)
        if (value := element.get("data-anvp")) and (url := anvato_url(_load_object(value))):
            yield EmbedCandidate(element, url)
        if value := element.get("data-config-video"):
            yield from _find_squarespace_upload(element, value)
        yield from _find_conde_nast(element, is_known_site=is_conde_nast)


def _is_playlist_script(script: HtmlElement) -> bool:
    parent = script.getparent()
    names = f"{script.get('class') or ''} {parent.get('class') or '' if parent is not None else ''}"
    return "wp-playlist" in names or "cue-playlist" in names


def _find_tracks(script: HtmlElement, page: PageDocument) -> Iterator[EmbedCandidate]:
    """Yield the videos of a WordPress playlist, each under the title that the playlist shows."""
    playlist = _load_object(script.text or "")
    tracks = playlist.get("tracks")
    for track in islice(tracks if isinstance(tracks, list) else (), _MAX_TRACKS):
        if not isinstance(track, dict) or not _is_video_track(track, str(playlist.get("type") or "")):
            continue
        if url := page.absolute_url(_text_of(track, "src")):
            label = _text_of(track, "title") or _text_of(track, "caption") or _text_of(track, "description")
            yield EmbedCandidate(script, url, label=label, provider="html5", shows_label=True)


def _is_video_track(track: dict[str, object], playlist_type: str) -> bool:
    stated = _text_of(track, "type") or playlist_type
    return stated.startswith("video") or (not stated and recognize_url(_text_of(track, "src")) is not None)


def _find_substack_upload(element: HtmlElement, value: str, page: PageDocument) -> Iterator[EmbedCandidate]:
    names = f"{element.get('class') or ''} {element.get('data-component-name') or ''}".lower()
    if "video" not in names or "mediaUploadId" not in value:
        return
    attributes = _load_object(value)
    upload = _text_of(attributes, "mediaUploadId")
    if _UPLOAD_ID.fullmatch(upload):
        site = page.base_url if page.base_url.startswith("http") else "https://substack.com/"
        url = urljoin(site, f"/api/v1/video/upload/{upload}/src")
        yield EmbedCandidate(element, url, label=_text_of(attributes, "title"))


def _find_squarespace_upload(element: HtmlElement, value: str) -> Iterator[EmbedCandidate]:
    attributes = _load_object(value)
    content = attributes.get("structuredContent")
    url = _text_of(attributes, "alexandriaUrl") or (
        _text_of(content, "alexandriaUrl") if isinstance(content, dict) else ""
    )
    if url.startswith("https://video.squarespace-cdn.com/") and url.endswith("/{variant}"):
        yield EmbedCandidate(element, url.replace("{variant}", "playlist.m3u8"), label=_text_of(attributes, "title"))


def _find_nexx(page: PageDocument) -> Iterator[EmbedCandidate]:
    """Yield the players that scripts add to those of the page's domain at nexx."""
    scripts = list(page.elements_by_tag("script"))
    domain = next((match[1] for script in scripts if (match := _NEXX_DOMAIN.search(script.get("src") or ""))), "")
    for script in scripts if domain else ():
        for match in islice(_NEXX_PLAYER.finditer(script.text or ""), _MAX_NEXX_PLAYERS):
            yield EmbedCandidate(script, f"https://api.nexx.cloud/v3/{domain}/videos/byid/{match[1]}")


def _find_conde_nast(element: HtmlElement, *, is_known_site: bool) -> Iterator[EmbedCandidate]:
    names = f"{element.get('class') or ''} {element.get('id') or ''}"
    for name in (
        "data-video-id",
        "data-videoid",
        "data-cne-video-id",
        "data-cne-video",
        "data-video",
        "data-content-id",
    ):
        video = element.get(name) or ""
        if _CONDE_NAST_ID.fullmatch(video) and (
            "cne" in name or _CONDE_NAST_NAME.search(names) or (is_known_site and "video" in f"{names}{name}".lower())
        ):
            yield EmbedCandidate(element, f"https://player.cnevids.com/inline/video/{video.lower()}.js")
            return


def _load_object(text: str) -> dict[str, object]:
    try:
        value = json.loads(text[:_MAX_JSON_CHARS])
    except (ValueError, RecursionError):
        return {}
    return value if isinstance(value, dict) else {}


def _text_of(stated: dict[str, object], key: str) -> str:
    value = stated.get(key)
    return value.strip() if isinstance(value, str) else ""
