"""Find out what an archive says about a video that cannot be resolved: the network is off, or the site has it no more.

The captions of a film are often in an archive, and the film is not; so are the pages of players that yt-dlp would ask
for more than a browser did.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace
from itertools import islice
from pathlib import PurePosixPath
from urllib.parse import parse_qs, unquote, urlsplit

from ..errors import DiscoveryError, ResolveError
from ..model import CaptionLink, Embed
from ..pages.embeds import discover_page
from ..pages.formats.archive import HTML_TYPES, SavedArchive
from ..resolve import ResolvedVideo, VideoResolver
from ..resolve.metadata import build_video
from ..resolve.tracks import FoundTrack
from ..transcripts.languages import normalize_language, parse_caption_language

_MAX_PLAYER_BYTES = 8_000_000
_MAX_TRACKS = 100
_MIN_ID_CHARS = 5
_FILE_LANGUAGE = re.compile(r"[._-]([A-Za-z]{2,3}(?:[-_][A-Za-z0-9]{2,8})?)$")
_TITLE_END = re.compile(r"\s+(?:[-–—|]\s+(?:YouTube|Vimeo)|on Vimeo)$")


def find_archived_video(
    embed: Embed, archive: SavedArchive, resolver: VideoResolver, *, captions: tuple[CaptionLink, ...], page: str
) -> ResolvedVideo | None:
    """Return the video of *embed*, which is on *page*, as far as *archive* has it; None if it has no captions of it.

    They are those that the page states (*captions*), those of the player, or files whose address names the video.
    """
    player = _read_player(embed, archive)
    inner = player[1] if player else None
    stated = (*captions, *(inner.captions if inner else ()))
    tracks = [*_stated_tracks(stated, archive), *_named_tracks(embed, archive)]
    title = player[0] if player and player[0] else embed.label
    if not tracks and inner is not None:
        return _resolve_film(embed, inner, title, archive, resolver, page=page)
    if not tracks:
        return None
    return ResolvedVideo(build_video(_make_info(embed), embed.url, title=title), _unique(tracks))


def _resolve_film(
    embed: Embed, film: Embed, title: str, archive: SavedArchive, resolver: VideoResolver, *, page: str
) -> ResolvedVideo | None:
    """Return the film in the page of a player, under the address of the player."""
    if archive.find(film.url) is None:
        return None
    try:
        found = resolver.resolve(film.url, referer=page, title=title, archive=archive)
    except ResolveError:
        return None
    video = build_video(_make_info(embed), embed.url, title=title or found.video.title)
    return replace(found, video=replace(video, duration_ms=found.video.duration_ms))


def _make_info(embed: Embed) -> dict[str, object]:
    """Return what yt-dlp would say of the video, so that it has the same id when it can be resolved."""
    if embed.provider == "html5" or embed.id == embed.url:
        return {"extractor_key": "generic"}
    return {"extractor_key": embed.provider, "id": embed.id, "webpage_url": embed.url}


def _read_player(embed: Embed, archive: SavedArchive) -> tuple[str, Embed | None] | None:
    """Return the title of the player's page in the archive, and the film in it; None if the page is not there."""
    for url in dict.fromkeys(filter(None, (embed.original_url, *_player_urls(embed), embed.url))):
        saved = archive.find(url)
        if saved is None or saved.message.get_content_type() not in HTML_TYPES:
            continue
        try:
            found = discover_page(saved.read(_MAX_PLAYER_BYTES), url=saved.url)
        except (OSError, ValueError, DiscoveryError):
            continue
        film = next((each for each in found.embeds if each.provider == "html5"), None)
        return _TITLE_END.sub("", found.article.title), film
    return None


def _player_urls(embed: Embed) -> Iterator[str]:
    if embed.provider == "youtube":
        yield f"https://www.youtube.com/embed/{embed.id}"
        yield f"https://www.youtube-nocookie.com/embed/{embed.id}"
    elif embed.provider == "vimeo":
        yield f"https://player.vimeo.com/video/{embed.id}"
    elif embed.provider == "dailymotion":
        yield f"https://www.dailymotion.com/embed/video/{embed.id}"


def _stated_tracks(captions: tuple[CaptionLink, ...], archive: SavedArchive) -> Iterator[FoundTrack]:
    for link in captions[:_MAX_TRACKS]:
        if archive.find(link.url) is not None:
            language, is_automatic = parse_caption_language(link.language, link.label)
            origin = "automatic" if is_automatic else "manual"
            yield FoundTrack(language, origin, _suffix_of(link.url), link.url, link.label, archive=archive)  # type: ignore[arg-type] # a literal


def _named_tracks(embed: Embed, archive: SavedArchive) -> Iterator[FoundTrack]:
    """Yield the caption files whose address names the video, except machine translations."""
    if len(embed.id) < _MIN_ID_CHARS or embed.id == embed.url:
        return
    for url in islice(archive.caption_urls(embed.id), _MAX_TRACKS):
        query = parse_qs(urlsplit(url).query, max_num_fields=100) if "?" in url else {}
        if "tlang" in query:
            continue
        path = PurePosixPath(unquote(urlsplit(url).path))
        named = _FILE_LANGUAGE.search(path.stem)
        tag = next(iter(query.get("lang", ())), "") or (named[1] if named else "")
        language, is_automatic = parse_caption_language(tag if normalize_language(tag) else "")
        is_automatic = is_automatic or "asr" in query.get("kind", ())
        format_ = next(iter(query.get("fmt", ())), "") or _suffix_of(url)
        origin = "automatic" if is_automatic else "manual"
        yield FoundTrack(language, origin, format_[:8], url, archive=archive)  # type: ignore[arg-type] # a literal


def _suffix_of(url: str) -> str:
    return PurePosixPath(unquote(urlsplit(url).path)).suffix.lstrip(".").lower()[:8]


def _unique(tracks: list[FoundTrack]) -> tuple[FoundTrack, ...]:
    first: dict[tuple[str, str], FoundTrack] = {}
    for track in tracks:
        first.setdefault((track.language, track.origin), track)
    return tuple(first.values())
