"""What podcast feeds state about their episodes: before a file is heard, its transcript is read."""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Sequence
from dataclasses import replace

from ..errors import ListError
from ..model import CaptionOrigin, Track, Video
from ..net.fetch import FetchOptions
from ..net.ssrf import extract_host, infer_private_hosts, is_allowed_name
from ..pages.providers import is_audio_file, media_file_id, recognize_url, strip_audio_prefix
from ..resolve import ResolvedVideo
from ..resolve.metadata import build_media_id
from ..resolve.tracks import FoundTrack
from ..transcripts.languages import base_language, normalize_language, parse_caption_language
from ..transcripts.track_choice import choose_tracks
from .lists.detect import detect_list_format
from .lists.episodes import Episode, EpisodeTranscript, read_episodes
from .lists.source import open_list

_FEED_FORMATS = ("feed", "json")
_MAX_FEEDS = 4
"""Maximum number of feeds whose episodes are kept."""


class EpisodeFinder:
    """Finds the episode that a file is in its feed; each feed is read once.  Threads may share a finder."""

    def __init__(self, fetching: FetchOptions) -> None:
        self._fetching = fetching
        self._lock = threading.Lock()
        self._feeds: OrderedDict[str, dict[str, Episode]] = OrderedDict()

    def list_episodes(self, feed: str) -> list[Episode]:
        """Return the episodes of *feed*, in its order.

        A feed may name private addresses only if the user named its own.
        Raises `ListError` if it cannot be read.
        """
        with self._lock:
            if feed not in self._feeds:
                self._feeds[feed] = self._read(feed)
                while len(self._feeds) > _MAX_FEEDS:
                    self._feeds.popitem(last=False)
            self._feeds.move_to_end(feed)
            return list(self._feeds[feed].values())

    def find_episode(self, feed: str, url: str) -> Episode | None:
        """Return the episode of *feed* whose file is at *url*; None if there is none, or the feed cannot be read."""
        if not is_episode_file(url):
            return None
        try:
            self.list_episodes(feed)
        except ListError:
            return None
        with self._lock:
            return self._feeds.get(feed, {}).get(_file_key(url))

    def _read(self, feed: str) -> dict[str, Episode]:
        allowed = self._fetching.allowed_private_hosts
        hosts = (infer_private_hosts(feed) if allowed is None else allowed) | self._fetching.allowed_addresses
        with open_list(feed, fetching=self._fetching) as source:
            kind = detect_list_format(source)
            if kind not in _FEED_FORMATS:
                raise ListError(feed, "it is not a feed: check the address")
            found: dict[str, Episode] = {}
            for episode in read_episodes(source, kind):
                if is_allowed_name(episode.url, hosts):
                    found.setdefault(_file_key(episode.url), episode)
            return found


def is_episode_file(url: str) -> bool:
    """Return whether *url* may be the file of an episode, and not the page of a video."""
    recognized = recognize_url(url)
    return is_audio_file(url) or recognized is None or recognized.provider == "html5" or recognized.medium == "audio"


def resolve_episode(episode: Episode) -> ResolvedVideo:
    """Return the video that *episode* is, with its transcripts as tracks; no request is needed."""
    video = Video(build_media_id(episode.url), episode.url, site=extract_host(episode.url).removeprefix("www."))
    hosts = infer_private_hosts(episode.feed)
    tracks = [_make_track(transcript, hosts) for transcript in episode.transcripts]
    return ResolvedVideo(describe_episode(video, episode), tuple(tracks))


def _make_track(transcript: EpisodeTranscript, hosts: frozenset[str]) -> FoundTrack:
    language, is_automatic = parse_caption_language(transcript.language, "")
    origin: CaptionOrigin = "automatic" if is_automatic else "manual"
    return FoundTrack(language, origin, transcript.format, transcript.url, allowed_private_hosts=hosts)


def choose_transcripts(tracks: Sequence[Track], *, spoken: str, languages: Sequence[str]) -> list[list[Track]]:
    """Return the transcripts of an episode that are wanted: a list for each language, of which the first counts.

    The others of a list are for the case that it cannot be read.
    """
    best: dict[str, Track] = {}
    for track in tracks:
        best.setdefault(track.language, track)
    chosen = choose_tracks(list(best.values()), spoken=spoken, languages=languages)
    taken = {track.language for track in chosen}
    return [[track, *_list_others(track, tracks, taken)] for track in chosen]


def _list_others(chosen: Track, tracks: Sequence[Track], taken: set[str]) -> list[Track]:
    """Return the other *tracks* in the language of *chosen*, then those in variants of it that are not *taken*."""
    same = [track for track in tracks if track is not chosen and track.language == chosen.language]
    base = base_language(chosen.language)
    return same + [track for track in tracks if track.language not in taken and base_language(track.language) == base]


def describe_episode(video: Video, episode: Episode) -> Video:
    """Return *video* with what its feed states about it."""
    is_video = (recognized := recognize_url(episode.url)) is not None and recognized.medium == "video"
    return replace(
        video,
        title=episode.title or video.title,
        channel=episode.channel or video.channel,
        channel_url=video.channel_url or (episode.feed if episode.feed.startswith("http") else ""),
        date=episode.date or video.date,
        duration_ms=video.duration_ms or episode.duration_ms,
        description=episode.description or video.description,
        language=normalize_language(episode.language) or video.language,
        tags=video.tags or ("podcast",),
        chapters=episode.chapters or video.chapters,
        medium="video" if is_video else "audio",
    )


def _file_key(url: str) -> str:
    return media_file_id(strip_audio_prefix(url)).partition("://")[2] or url
