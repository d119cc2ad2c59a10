"""Articles and videos as documents: each with all that must change along with it, in one write."""

from __future__ import annotations

import base64
import zlib
from collections.abc import Callable, Collection
from dataclasses import asdict, dataclass, fields, replace
from typing import Any, Literal

from ...model import Article, CaptionLink, Chapter, Embed, EmbedRecord, Track, Video
from .client import JsonObject
from .task_documents import document_key

IndexState = Literal["lacking", "held", "given"]
"""What the engine knows of a track: nothing or something older; somebody is giving it to it; it has it."""


@dataclass(frozen=True, slots=True)
class StoredTrack:
    """A track of a video; its transcript stands in so many *blocks*."""

    number: int
    track: Track
    digest: str = ""
    words: int = 0
    blocks: int = 0
    state: IndexState = "lacking"

    @property
    def passage_count(self) -> int:
        """How many an engine makes of it: without words it is an empty one."""
        return self.blocks or 1

    @property
    def is_placeholder(self) -> bool:
        """Tell whether it only stands for a video without captions."""
        return self.track.origin not in ("manual", "automatic", "asr", "supplied")


@dataclass(frozen=True, slots=True)
class VideoRecord:
    """A video with its tracks.

    *added* is in microseconds since 1970.  *dropped* are numbers of tracks that the engine should forget, each with its
    blocks, which go with it.  Who gives its tracks to the engine is the *holder*, *until* a time.  One that is
    *removed* stays until the engine has forgotten it.
    """

    video: Video
    added_us: int
    last_checked: float = 0.0
    tracks: tuple[StoredTrack, ...] = ()
    dropped: tuple[tuple[int, int], ...] = ()
    holder: str = ""
    lease_until: float = 0.0
    removed: bool = False

    @property
    def pending_tracks(self) -> tuple[StoredTrack, ...]:
        """The tracks that the engine may not hold as they are now."""
        return tuple(kept for kept in self.tracks if kept.state != "given")

    def find_track(self, track: Track) -> StoredTrack | None:
        """Give what is kept of the language and origin of *track*."""
        same = (track.language, track.origin)
        return next((kept for kept in self.tracks if (kept.track.language, kept.track.origin) == same), None)

    def has_track(self, track: Track, digest: str) -> bool:
        """Tell whether there is exactly this track, its bytes named by *digest*."""
        found = self.find_track(track)
        return found is not None and found.digest == digest

    def drop_tracks(self, removed: Collection[StoredTrack]) -> VideoRecord:
        """Drop the tracks *gone*, which the engine is to forget."""
        dropped = (*self.dropped, *((kept.number, kept.blocks) for kept in removed))
        return replace(self, tracks=tuple(kept for kept in self.tracks if kept not in removed), dropped=dropped)

    def mark_tracks(
        self, state: IndexState, *, where: Callable[[StoredTrack], bool] = lambda kept: True
    ) -> VideoRecord:
        """Note what the engine knows of all tracks, or of some *only*."""
        return replace(self, tracks=tuple(replace(kept, state=state) if where(kept) else kept for kept in self.tracks))


@dataclass(frozen=True, slots=True)
class ArticleRecord:
    """An article with its embeds.

    *tell* are the videos that are yet to be told that what they can be filtered by has changed.  One that is *removed*
    stays until that is done.
    """

    article: Article
    added_us: int
    embeds: tuple[EmbedRecord, ...] = ()
    unpropagated: tuple[str, ...] = ()
    removed: bool = False

    @property
    def videos(self) -> tuple[str, ...]:
        """The videos that it embeds, each once, in order."""
        return tuple(dict.fromkeys(state.video for state in self.embeds if state.video))


_STORED_NAMES = {"unavailable_since": "gone", "fetched_from": "source"}
"""Fields that documents hold under another name: older indexes stay readable."""

_FIELD_NAMES = {stored: name for name, stored in _STORED_NAMES.items()}


# Videos

_LONG_FIELD: JsonObject = {"type": "long"}
_CAPPED_KEYWORD_FIELD: JsonObject = {"type": "keyword", "ignore_above": 8000}  # Lucene takes no longer ones
_KEYWORD_FIELD: JsonObject = {"type": "keyword"}
_DOUBLE_FIELD: JsonObject = {"type": "double"}
_BOOLEAN_FIELD: JsonObject = {"type": "boolean"}

VIDEO_FIELDS: JsonObject = {
    "name": _CAPPED_KEYWORD_FIELD,
    "short": _CAPPED_KEYWORD_FIELD,
    "key": _KEYWORD_FIELD,
    "url": _KEYWORD_FIELD,
    "added": _LONG_FIELD,
    "checked": _DOUBLE_FIELD,
    "removed": _BOOLEAN_FIELD,
    "holder": _KEYWORD_FIELD,
    "until": _DOUBLE_FIELD,
    "numbers": _LONG_FIELD,
    "dropped_numbers": _LONG_FIELD,
    "pending": _BOOLEAN_FIELD,
    **dict.fromkeys(
        ("waiting", "waiting_words", "words", "passages", "captioned", "silent", "duration_ms"), _LONG_FIELD
    ),
}
"""What videos are found and counted by; all else is only kept."""


def build_video_document(record: VideoRecord) -> JsonObject:
    """Write a video with its tracks, and sums of them to count by."""
    tracks = () if record.removed else record.tracks
    name, waiting = record.video.id, record.pending_tracks
    return {
        "name": name,
        "short": name.partition(":")[2] or name,
        "key": document_key(name),
        "url": document_key(record.video.url),
        "added": record.added_us,
        "checked": record.last_checked,
        "removed": record.removed,
        "holder": record.holder,
        "until": record.lease_until,
        "numbers": [kept.number for kept in tracks],
        "dropped_numbers": [number for number, _ in record.dropped],
        "pending": bool(waiting or record.dropped or record.removed),
        "waiting": len(waiting),
        "waiting_words": sum(kept.words for kept in waiting),
        "words": sum(kept.words for kept in tracks),
        "passages": sum(kept.passage_count for kept in tracks),
        "captioned": sum(not kept.is_placeholder for kept in tracks),
        "silent": sum(kept.is_placeholder for kept in tracks),
        "duration_ms": record.video.duration_ms,
        "video": _dump_fields(Video, record.video),
        "tracks": [_build_track_document(kept) for kept in record.tracks],
        "dropped": record.dropped,
    }


def _build_track_document(kept: StoredTrack) -> JsonObject:
    return {
        "number": kept.number,
        "track": _dump_fields(Track, kept.track),
        "digest": kept.digest,
        "words": kept.words,
        "blocks": kept.blocks,
        "state": kept.state,
    }


def parse_video_record(source: JsonObject) -> VideoRecord:
    """Read a video with its tracks."""
    kept = (StoredTrack(**{**each, "track": Track(**each["track"])}) for each in source["tracks"])
    return VideoRecord(
        parse_video(source["video"]),
        source["added"],
        source["checked"],
        tuple(kept),
        tuple((number, blocks) for number, blocks in source["dropped"]),
        source["holder"],
        source["until"],
        source["removed"],
    )


def parse_video(known: dict[str, Any]) -> Video:
    """Read what is known of a video."""
    chapters = tuple(Chapter(**chapter) for chapter in known["chapters"])
    listed = {"categories": tuple(known["categories"]), "tags": tuple(known["tags"]), "chapters": chapters}
    return Video(**{**_load_fields(known), **listed})


# Articles

ARTICLE_FIELDS: JsonObject = {
    "key": _KEYWORD_FIELD,
    "source": _KEYWORD_FIELD,
    "urls": _KEYWORD_FIELD,
    "states": _KEYWORD_FIELD,
    "videos": _CAPPED_KEYWORD_FIELD,
    "added": _LONG_FIELD,
    "embed_count": _LONG_FIELD,
    "dead": _LONG_FIELD,
    "untold": _BOOLEAN_FIELD,
    "removed": _BOOLEAN_FIELD,
}
"""What articles are found and counted by."""

FIELDS_WITHOUT_TEXT = ("article", "embeds", "added", "tell", "removed")
"""What is read of an article where its text is not wanted."""


def build_article_document(record: ArticleRecord) -> JsonObject:
    """Write an article with its embeds, and what it is found by."""
    text = zlib.compress(record.article.text.encode("utf-8", "surrogatepass"))
    return {
        "key": document_key(record.article.url),
        "source": document_key(record.article.fetched_from),
        "urls": [document_key(state.embed.url) for state in record.embeds],
        "states": sorted({state.state for state in record.embeds}),
        "videos": record.videos,
        "added": record.added_us,
        "embed_count": len(record.embeds),
        "dead": sum(state.state == "dead" for state in record.embeds),
        "untold": bool(record.unpropagated),
        "removed": record.removed,
        "tell": record.unpropagated,
        "article": _dump_fields(Article, record.article) | {"text": ""},
        "embeds": [_build_embed_document(state) for state in record.embeds],
        "text": base64.b64encode(text).decode(),
    }


def _build_embed_document(state: EmbedRecord) -> JsonObject:
    embed = _dump_fields(Embed, state.embed)
    del embed["original_url"]
    return {"embed": embed, "state": state.state, "reason": state.reason, "video": state.video}


def parse_article_record(source: JsonObject) -> ArticleRecord:
    """Read an article with its embeds, and with its text where that was read."""
    packed = base64.b64decode(source.get("text", ""))
    text = zlib.decompress(packed).decode("utf-8", "surrogatepass") if packed else ""
    article = Article(**{**_load_fields(source["article"]), "text": text})
    embeds = tuple(_parse_embed_record(each, article.url) for each in source["embeds"])
    return ArticleRecord(article, source["added"], embeds, tuple(source["tell"]), source["removed"])


def _parse_embed_record(known: dict[str, Any], article: str) -> EmbedRecord:
    links = tuple(CaptionLink(**link) for link in known["embed"]["captions"])
    embed = Embed(**{**known["embed"], "captions": links, "dead": known["state"] == "dead"})
    return EmbedRecord(embed, article, known["state"], known["reason"], known["video"])


def _dump_fields(kind: type, value: Any) -> JsonObject:
    """Write what *kind* says of itself, not what it is extended by."""
    whole = asdict(value)
    return {_STORED_NAMES.get(field.name, field.name): whole[field.name] for field in fields(kind)}


def _load_fields(stored: JsonObject) -> JsonObject:
    """Undo `_dump_fields`: the keyword arguments of the value."""
    return {_FIELD_NAMES.get(name, name): value for name, value in stored.items()}
