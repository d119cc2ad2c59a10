"""The videos in which the quote of a claim is searched first, and how many of them have captions."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import NamedTuple

from ..model import EmbedRecord, Stats, Track, Video
from ..pages.providers import recognize_url
from ..store.base import Store
from ..store.known_videos import find_known_video
from .claims import Claim
from .verdicts import Searched

_MAX_NAMED_LANGUAGES = 20


class ScopeTrack(NamedTuple):
    """A track by its number, and the id of its video."""

    number: int
    track: Track
    video: str


@dataclass(frozen=True, slots=True)
class ClaimScope:
    """The tracks that a claim is about; without *videos*, the whole index.

    *notes* say what the index lacks.
    """

    searched: Searched
    videos: frozenset[str] = frozenset()
    tracks: tuple[ScopeTrack, ...] = ()
    notes: tuple[str, ...] = ()

    @property
    def is_index(self) -> bool:
        """Whether the claim names no video and no article."""
        return self.searched.scope == "index"


def find_scope(store: Store, claim: Claim, read_stats: Callable[[], Stats]) -> ClaimScope:
    """Return the videos that *claim* names; those of its article if it names no video.

    *read_stats* returns the counts of the index.
    """
    if claim.video:
        video = find_named_video(store, claim.video)
        return _scope_of_videos(store, [video] if video else [], missing=[] if video else [claim.video])
    if claim.article:
        return _scope_of_article(store, claim.article)
    return ClaimScope(_searched_index(read_stats()))


def find_named_video(store: Store, name: str) -> Video | None:
    """Return the video with an id or URL; another URL of the same video at its provider is as good."""
    found = store.find_video(name)
    if found is None and (recognized := recognize_url(name)) is not None:
        found = find_known_video(store, recognized.provider, recognized.id, recognized.url)
    return found


def embedded_videos(store: Store, records: Iterable[EmbedRecord]) -> tuple[list[Video], list[str]]:
    """Return the videos of embeds, and the URLs of the embeds whose video the index lacks.

    An embed that could not be resolved has the video with its URL or with the id that its provider gives it.
    """
    videos: dict[str, Video] = {}
    missing: dict[str, None] = {}
    for record in records:
        embed = record.embed
        video = store.get_video(record.video) if record.video else None
        if video is None and not record.is_replaced:
            video = find_known_video(store, embed.provider, embed.id, embed.url)
        if video is not None:
            videos[video.id] = video
        elif record.state != "removed":
            missing[embed.url] = None
    return list(videos.values()), list(missing)


def _scope_of_article(store: Store, url: str) -> ClaimScope:
    article = store.find_article(url)
    if article is None:
        note = "the article is not in the index, so its videos are not known; add it with `vidindex add`"
        return ClaimScope(Searched("article"), notes=(note,))
    videos, missing = embedded_videos(store, store.list_embeds(article=article.url))
    return _scope_of_videos(store, videos, missing=missing, article=True)


def _scope_of_videos(store: Store, videos: Iterable[Video], *, missing: list[str], article: bool = False) -> ClaimScope:
    tracks: list[ScopeTrack] = []
    ids: list[str] = []
    captioned = 0
    for video in videos:
        own = store.list_tracks(video.id)
        ids.append(video.id)
        captioned += bool(own)
        tracks += [ScopeTrack(number, track, video.id) for number, track in own]
    total = len(ids) + len(missing)
    languages = sorted({each.track.language for each in tracks if each.track.language})[:_MAX_NAMED_LANGUAGES]
    searched = Searched(
        scope="article" if article else "video",
        videos=total,
        with_captions=captioned,
        without_captions=total - captioned,
        languages=tuple(languages),
        complete=bool(total) and captioned == total,
    )
    return ClaimScope(searched, frozenset(ids), tuple(tracks), tuple(_scope_notes(searched, missing, article=article)))


def _scope_notes(searched: Searched, missing: list[str], *, article: bool) -> Iterable[str]:
    if missing and not article:
        yield f"the video {missing[0]:.200} is not in the index; add it with `vidindex add`"
    elif searched.without_captions:
        whose = f"of the {searched.videos} videos of the article" if article else "the video"
        count = f"{searched.without_captions} " if article else ""
        yield f"{count}{whose} {'have' if searched.without_captions > 1 else 'has'} no captions in the index"
    elif article and not searched.videos:
        yield "the article embeds no videos"


def _searched_index(stats: Stats) -> Searched:
    captioned = stats.videos - stats.without_captions
    return Searched(
        "index",
        videos=stats.videos,
        with_captions=captioned,
        without_captions=stats.without_captions,
        complete=bool(stats.videos) and not stats.without_captions,
    )
