"""Convert articles and videos to documents; each document holds everything that must change in the same write."""

from __future__ import annotations

import base64
import zlib
from collections.abc import Callable, Collection
from dataclasses import asdict, dataclass, fields, replace
from typing import Any, Literal

from ...model import TEXT_KINDS, Article, CaptionLink, Chapter, Embed, EmbedRecord, Review, Track, Video
from ...transcripts.field_tokens import date_number
from ..compression import decompress_bounded
from ..texts import FILTER_FIELDS, article_name, article_text, join_fields, video_texts
from ..transcript_blocks import MAX_TEXT_BYTES
from .client import JsonObject
from .stored_source import reads_stored
from .task_documents import document_key

IndexState = Literal["lacking", "held", "given"]
"""Whether the engine has a track: not in its current form; it is being indexed; it is indexed."""


@dataclass(frozen=True, slots=True)
class StoredTrack:
    """A track of a video; *blocks* is the number of blocks of its transcript."""

    number: int
    track: Track
    digest: str = ""
    words: int = 0
    blocks: int = 0
    state: IndexState = "lacking"

    @property
    def passage_count(self) -> int:
        """The number of passages; a track without words has one empty passage."""
        return self.blocks or 1

    @property
    def is_placeholder(self) -> bool:
        """Whether this is the placeholder of a video without captions."""
        return self.track.origin not in ("manual", "automatic", "asr", "supplied")


@dataclass(frozen=True, slots=True)
class VideoRecord:
    """A video with its tracks.

    *added_us* is in microseconds since 1970.  *dropped* holds the ids of tracks to delete from the engine, each with
    its number of blocks, which are deleted afterwards.  *holder* has claimed its tracks for indexing, until
    *lease_until*.  A *removed* video stays until the engine has deleted its tracks.
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
        """The tracks that are not indexed in their current form."""
        return tuple(each for each in self.tracks if each.state != "given")

    def find_track(self, track: Track) -> StoredTrack | None:
        """Return the stored track with the language and origin of *track*."""
        key = (track.language, track.origin)
        return next((each for each in self.tracks if (each.track.language, each.track.origin) == key), None)

    def has_track(self, track: Track, digest: str) -> bool:
        """Return whether the video has this track with bytes whose hash is *digest*."""
        stored = self.find_track(track)
        return stored is not None and stored.digest == digest

    def drop_tracks(self, removed: Collection[StoredTrack]) -> VideoRecord:
        """Return the record without the *removed* tracks, which are to be deleted from the engine."""
        dropped = (*self.dropped, *((each.number, each.blocks) for each in removed))
        return replace(self, tracks=tuple(each for each in self.tracks if each not in removed), dropped=dropped)

    def mark_tracks(
        self, state: IndexState, *, where: Callable[[StoredTrack], bool] = lambda stored: True
    ) -> VideoRecord:
        """Return the record with *state* for all tracks, or for those for which *where* is true."""
        return replace(self, tracks=tuple(replace(each, state=state) if where(each) else each for each in self.tracks))


@dataclass(frozen=True, slots=True)
class ArticleRecord:
    """An article with its embeds.

    *unpropagated* holds the videos that must still be marked as pending, because the fields that filter them have
    changed.  A *removed* article stays until that is done.  *reviews* are those of its quotations.
    """

    article: Article
    added_us: int
    embeds: tuple[EmbedRecord, ...] = ()
    unpropagated: tuple[str, ...] = ()
    removed: bool = False
    reviews: tuple[Review, ...] = ()

    @property
    def videos(self) -> tuple[str, ...]:
        """The ids of the videos that it embeds, each once, in order."""
        return tuple(dict.fromkeys(each.video for each in self.embeds if each.video))


_STORED_NAMES = {"unavailable_since": "gone", "fetched_from": "source"}
"""Fields with another name in documents, so that existing indexes stay readable."""

_FIELD_NAMES = {stored: name for name, stored in _STORED_NAMES.items()}


# Videos

_LONG_FIELD: JsonObject = {"type": "long"}
_CAPPED_KEYWORD_FIELD: JsonObject = {"type": "keyword", "ignore_above": 8000}  # the limit of Lucene
_KEYWORD_FIELD: JsonObject = {"type": "keyword"}
_DOUBLE_FIELD: JsonObject = {"type": "double"}
_BOOLEAN_FIELD: JsonObject = {"type": "boolean"}

_TOKENS_FIELD: JsonObject = {"type": "text", "analyzer": "whitespace", "norms": False}

TEXT_FORMAT = 1
"""The version of the fields of texts; documents without it get them by `index_texts`."""

TEXT_FIELDS: JsonObject = {
    "texts": {"properties": dict.fromkeys(TEXT_KINDS, _TOKENS_FIELD)},
    "fields": {"properties": dict.fromkeys(FILTER_FIELDS, _TOKENS_FIELD)},
    "text_date": _LONG_FIELD,
    "text_format": _LONG_FIELD,
}
"""The fields of the texts about videos, of videos and of articles."""

VIDEO_FIELDS: JsonObject = {
    **TEXT_FIELDS,
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
"""The fields of videos that are searched and counted; all others are only stored."""


def build_video_document(record: VideoRecord) -> JsonObject:
    """Build the document of a video with its tracks and their sums."""
    tracks = () if record.removed else record.tracks
    name, pending = record.video.id, record.pending_tracks
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
        "numbers": [each.number for each in tracks],
        "dropped_numbers": [track_id for track_id, _ in record.dropped],
        "pending": bool(pending or record.dropped or record.removed),
        "waiting": len(pending),
        "waiting_words": sum(each.words for each in pending),
        "words": sum(each.words for each in tracks),
        "passages": sum(each.passage_count for each in tracks),
        "captioned": sum(not each.is_placeholder for each in tracks),
        "silent": sum(each.is_placeholder for each in tracks),
        "duration_ms": record.video.duration_ms,
        "video": _dump_fields(Video, record.video),
        "tracks": [_build_track_document(each) for each in record.tracks],
        "dropped": record.dropped,
        **_build_video_texts(record),
    }


def _build_video_texts(record: VideoRecord) -> JsonObject:
    video = record.video
    return {
        "texts": {} if record.removed else video_texts(video),
        "fields": {
            "title": join_fields([video.title]),
            "channel": join_fields([video.channel]),
            "site": join_fields([video.site]),
            "kind": join_fields([video.kind]),
            "lang": join_fields(each.track.language or video.language for each in record.tracks),
        },
        "text_date": date_number(video.date),
        "text_format": TEXT_FORMAT,
    }


def _build_track_document(stored: StoredTrack) -> JsonObject:
    return {
        "number": stored.number,
        "track": _dump_fields(Track, stored.track),
        "digest": stored.digest,
        "words": stored.words,
        "blocks": stored.blocks,
        "state": stored.state,
    }


@reads_stored
def parse_video_record(source: JsonObject) -> VideoRecord:
    """Read a video with its tracks from its document."""
    tracks = (StoredTrack(**{**each, "track": _parse_track(each["track"])}) for each in source["tracks"])
    return VideoRecord(
        parse_video(source),
        source["added"],
        source["checked"],
        tuple(tracks),
        tuple((track_id, blocks) for track_id, blocks in source["dropped"]),
        source["holder"],
        source["until"],
        source["removed"],
    )


def _parse_track(source: dict[str, Any]) -> Track:
    return Track(**{**source, "warnings": tuple(source.get("warnings", ()))})


@reads_stored
def parse_video(source: JsonObject) -> Video:
    """Read the metadata of a video from its document."""
    stored = source["video"]
    chapters = tuple(Chapter(**chapter) for chapter in stored["chapters"])
    tuples = {"categories": tuple(stored["categories"]), "tags": tuple(stored["tags"]), "chapters": chapters}
    return Video(**{**_load_fields(stored), **tuples})


# Articles

ARTICLE_FIELDS: JsonObject = {
    **TEXT_FIELDS,
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
"""The fields of articles that are searched and counted."""

FIELDS_WITHOUT_TEXT = ("article", "embeds", "added", "tell", "removed")
"""The fields to read if the text of an article is not needed."""


def build_article_document(record: ArticleRecord) -> JsonObject:
    """Build the document of an article with its embeds and search fields."""
    text = zlib.compress(record.article.text.encode("utf-8", "surrogatepass"))
    return {
        "key": document_key(record.article.url),
        "source": document_key(record.article.fetched_from),
        "urls": [document_key(each.embed.url) for each in record.embeds],
        "states": sorted({each.state for each in record.embeds}),
        "videos": record.videos,
        "added": record.added_us,
        "embed_count": len(record.embeds),
        "dead": sum(each.state == "dead" for each in record.embeds),
        "untold": bool(record.unpropagated),
        "removed": record.removed,
        "tell": record.unpropagated,
        "article": _dump_fields(Article, record.article) | {"text": ""},
        "embeds": [_build_embed_document(each) for each in record.embeds],
        "text": base64.b64encode(text).decode(),
        **_build_article_texts(record),
        # Absent without reviews, so that documents of older versions count as unchanged.
        **({"reviews": [_build_review(each) for each in record.reviews]} if record.reviews else {}),
    }


def _build_review(review: Review) -> JsonObject:
    return {"quote": review.quote, "done": review.done, "note": review.note, "changed": review.changed}


def _build_article_texts(record: ArticleRecord) -> JsonObject:
    article = record.article
    return {
        "texts": {} if record.removed else {"article": article_text(article)},
        "fields": {
            "article": join_fields([article_name(article)]),
            "lang": join_fields([article.language]),
            "label": [join_fields([each.embed.label]) for each in record.embeds],
        },
        "text_date": date_number(article.date),
        "text_format": TEXT_FORMAT,
    }


def _build_embed_document(record: EmbedRecord) -> JsonObject:
    embed = _dump_fields(Embed, record.embed)
    del embed["original_url"]
    return {"embed": embed, "state": record.state, "reason": record.reason, "video": record.video}


@reads_stored
def parse_article_record(source: JsonObject) -> ArticleRecord:
    """Read an article with its embeds from its document, and its text if that field was read."""
    packed = base64.b64decode(source.get("text", ""))
    text = decompress_bounded(packed, MAX_TEXT_BYTES).decode("utf-8", "surrogatepass") if packed else ""
    article = Article(**{**_load_fields(source["article"]), "text": text})
    embeds = tuple(_parse_embed_record(each, article.url) for each in source["embeds"])
    reviews = tuple(Review(article.url, **each) for each in source.get("reviews", ()))
    return ArticleRecord(article, source["added"], embeds, tuple(source["tell"]), source["removed"], reviews)


def _parse_embed_record(source: dict[str, Any], article: str) -> EmbedRecord:
    links = tuple(CaptionLink(**link) for link in source["embed"]["captions"])
    embed = Embed(**{**source["embed"], "captions": links, "dead": source["state"] == "dead"})
    return EmbedRecord(embed, article, source["state"], source["reason"], source["video"])


def _dump_fields(kind: type, value: Any) -> JsonObject:
    """Return the fields of *kind* under their stored names, without the fields that a subclass adds."""
    values = asdict(value)
    return {_STORED_NAMES.get(field.name, field.name): values[field.name] for field in fields(kind)}


def _load_fields(stored: JsonObject) -> JsonObject:
    """Return the keyword arguments of the value that `_dump_fields` has stored."""
    return {_FIELD_NAMES.get(name, name): value for name, value in stored.items()}
