"""Articles and videos as documents: each with all that must change along with it, in one write."""

from __future__ import annotations

import base64
import zlib
from collections.abc import Callable, Collection
from dataclasses import asdict, dataclass, fields, replace
from typing import Any, Literal

from ...model import Article, CaptionLink, Chapter, Embed, EmbedState, Track, Video
from .client import Json
from .task_documents import name_of

State = Literal["lacking", "held", "given"]
"""What the engine knows of a track: nothing or something older; somebody is giving it to it; it has it."""


@dataclass(frozen=True, slots=True)
class Kept:
    """A track of a video; its transcript stands in so many *blocks*."""

    number: int
    track: Track
    digest: str = ""
    words: int = 0
    blocks: int = 0
    state: State = "lacking"

    @property
    def passages(self) -> int:
        """How many an engine makes of it: without words it is an empty one."""
        return self.blocks or 1

    @property
    def is_silent(self) -> bool:
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
    added: int
    checked: float = 0.0
    tracks: tuple[Kept, ...] = ()
    dropped: tuple[tuple[int, int], ...] = ()
    holder: str = ""
    until: float = 0.0
    removed: bool = False

    @property
    def waiting(self) -> tuple[Kept, ...]:
        """The tracks that the engine may not hold as they are now."""
        return tuple(kept for kept in self.tracks if kept.state != "given")

    def find(self, track: Track) -> Kept | None:
        """Give what is kept of the language and origin of *track*."""
        same = (track.language, track.origin)
        return next((kept for kept in self.tracks if (kept.track.language, kept.track.origin) == same), None)

    def has(self, track: Track, digest: str) -> bool:
        """Tell whether there is exactly this track, its bytes named by *digest*."""
        found = self.find(track)
        return found is not None and found.digest == digest

    def without(self, gone: Collection[Kept]) -> VideoRecord:
        """Drop the tracks *gone*, which the engine is to forget."""
        dropped = (*self.dropped, *((kept.number, kept.blocks) for kept in gone))
        return replace(self, tracks=tuple(kept for kept in self.tracks if kept not in gone), dropped=dropped)

    def marked(self, state: State, *, only: Callable[[Kept], bool] = lambda kept: True) -> VideoRecord:
        """Note what the engine knows of all tracks, or of some *only*."""
        return replace(self, tracks=tuple(replace(kept, state=state) if only(kept) else kept for kept in self.tracks))


@dataclass(frozen=True, slots=True)
class ArticleRecord:
    """An article with its embeds.

    *tell* are the videos that are yet to be told that what they can be filtered by has changed.  One that is *removed*
    stays until that is done.
    """

    article: Article
    added: int
    embeds: tuple[EmbedState, ...] = ()
    tell: tuple[str, ...] = ()
    removed: bool = False

    @property
    def videos(self) -> tuple[str, ...]:
        """The videos that it embeds, each once, in order."""
        return tuple(dict.fromkeys(state.video for state in self.embeds if state.video))


# Videos

_LONG: Json = {"type": "long"}
_NAME: Json = {"type": "keyword", "ignore_above": 8000}  # Lucene takes no longer ones
_KEY: Json = {"type": "keyword"}
_TIME: Json = {"type": "double"}
_YES: Json = {"type": "boolean"}

VIDEO_FIELDS: Json = {
    "name": _NAME,
    "short": _NAME,
    "key": _KEY,
    "url": _KEY,
    "added": _LONG,
    "checked": _TIME,
    "removed": _YES,
    "holder": _KEY,
    "until": _TIME,
    "numbers": _LONG,
    "dropped_numbers": _LONG,
    "pending": _YES,
    **dict.fromkeys(("waiting", "waiting_words", "words", "passages", "captioned", "silent", "duration_ms"), _LONG),
}
"""What videos are found and counted by; all else is only kept."""


def video_document(record: VideoRecord) -> Json:
    """Write a video with its tracks, and sums of them to count by."""
    tracks = () if record.removed else record.tracks
    name, waiting = record.video.id, record.waiting
    return {
        "name": name,
        "short": name.partition(":")[2] or name,
        "key": name_of(name),
        "url": name_of(record.video.url),
        "added": record.added,
        "checked": record.checked,
        "removed": record.removed,
        "holder": record.holder,
        "until": record.until,
        "numbers": [kept.number for kept in tracks],
        "dropped_numbers": [number for number, _ in record.dropped],
        "pending": bool(waiting or record.dropped or record.removed),
        "waiting": len(waiting),
        "waiting_words": sum(kept.words for kept in waiting),
        "words": sum(kept.words for kept in tracks),
        "passages": sum(kept.passages for kept in tracks),
        "captioned": sum(not kept.is_silent for kept in tracks),
        "silent": sum(kept.is_silent for kept in tracks),
        "duration_ms": record.video.duration_ms,
        "video": _plain(Video, record.video),
        "tracks": [_kept_document(kept) for kept in record.tracks],
        "dropped": record.dropped,
    }


def _kept_document(kept: Kept) -> Json:
    return {
        "number": kept.number,
        "track": _plain(Track, kept.track),
        "digest": kept.digest,
        "words": kept.words,
        "blocks": kept.blocks,
        "state": kept.state,
    }


def read_video(source: Json) -> VideoRecord:
    """Read a video with its tracks."""
    kept = (Kept(**{**each, "track": Track(**each["track"])}) for each in source["tracks"])
    return VideoRecord(
        to_video(source["video"]),
        source["added"],
        source["checked"],
        tuple(kept),
        tuple((number, blocks) for number, blocks in source["dropped"]),
        source["holder"],
        source["until"],
        source["removed"],
    )


def to_video(known: dict[str, Any]) -> Video:
    """Read what is known of a video."""
    chapters = tuple(Chapter(**chapter) for chapter in known["chapters"])
    listed = {"categories": tuple(known["categories"]), "tags": tuple(known["tags"]), "chapters": chapters}
    return Video(**{**known, **listed})


# Articles

ARTICLE_FIELDS: Json = {
    "key": _KEY,
    "source": _KEY,
    "urls": _KEY,
    "states": _KEY,
    "videos": _NAME,
    "added": _LONG,
    "embed_count": _LONG,
    "dead": _LONG,
    "untold": _YES,
    "removed": _YES,
}
"""What articles are found and counted by."""

WITHOUT_TEXT = ("article", "embeds", "added", "tell", "removed")
"""What is read of an article where its text is not wanted."""


def article_document(record: ArticleRecord) -> Json:
    """Write an article with its embeds, and what it is found by."""
    text = zlib.compress(record.article.text.encode("utf-8", "surrogatepass"))
    return {
        "key": name_of(record.article.url),
        "source": name_of(record.article.source),
        "urls": [name_of(state.embed.url) for state in record.embeds],
        "states": sorted({state.state for state in record.embeds}),
        "videos": record.videos,
        "added": record.added,
        "embed_count": len(record.embeds),
        "dead": sum(state.state == "dead" for state in record.embeds),
        "untold": bool(record.tell),
        "removed": record.removed,
        "tell": record.tell,
        "article": _plain(Article, record.article) | {"text": ""},
        "embeds": [_embed_document(state) for state in record.embeds],
        "text": base64.b64encode(text).decode(),
    }


def _embed_document(state: EmbedState) -> Json:
    embed = _plain(Embed, state.embed)
    del embed["written"]
    return {"embed": embed, "state": state.state, "reason": state.reason, "video": state.video}


def read_article(source: Json) -> ArticleRecord:
    """Read an article with its embeds, and with its text where that was read."""
    packed = base64.b64decode(source.get("text", ""))
    text = zlib.decompress(packed).decode("utf-8", "surrogatepass") if packed else ""
    article = Article(**{**source["article"], "text": text})
    embeds = tuple(_embed_state(each, article.url) for each in source["embeds"])
    return ArticleRecord(article, source["added"], embeds, tuple(source["tell"]), source["removed"])


def _embed_state(known: dict[str, Any], article: str) -> EmbedState:
    links = tuple(CaptionLink(**link) for link in known["embed"]["captions"])
    embed = Embed(**{**known["embed"], "captions": links, "dead": known["state"] == "dead"})
    return EmbedState(embed, article, known["state"], known["reason"], known["video"])


def _plain(kind: type, value: Any) -> Json:
    """Write what *kind* says of itself, not what it is extended by."""
    whole = asdict(value)
    return {field.name: whole[field.name] for field in fields(kind)}
