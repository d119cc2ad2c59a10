"""What is read from a store on a cluster: for a search, for the engine, for people.

What has an id is read by it and is as it is now.  Lists refresh their index first, so that they have every write that
was acknowledged; what a search reads for its hits does not: it shows videos and articles as they were at the last
refresh, which is a few seconds ago, or when the engine was fed.
"""

from __future__ import annotations

import base64
import zlib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from functools import partial
from itertools import chain
from typing import TypeVar

from ...model import (
    Article,
    EmbedState,
    Passage,
    Span,
    Stats,
    Subject,
    Track,
    Transcript,
    Video,
    passage_id,
    passage_place,
)
from .. import transcript_blocks as blocks
from ..passages import passages_of
from ..sqlite.reader import batches, digest
from .client import Json, patiently
from .documents import Documents, Found
from .endpoint import Endpoint
from .indices import Layout, opened
from .records import WITHOUT_TEXT, ArticleRecord, Kept, VideoRecord, read_article, read_video, to_video
from .task_documents import name_of

THERE: Json = {"term": {"removed": False}}
"""What was not removed."""

IN_ORDER: Sequence[Json] = ({"added": "asc"}, {"key": "asc"})
"""As they were added; clocks of machines may differ a little."""

_SOME = 500
"""Values in one clause."""

_BLOCKS = 2000
"""Blocks in memory at once, about three megabytes of them."""

_PLACES = 20
"""Places that are read together."""

_EMBEDS = 20
"""Embeds of a video that count for what it can be filtered by."""

T = TypeVar("T")


class ClusterReader:
    """A store on a cluster that is only read."""

    def __init__(self, endpoint: Endpoint, *, create: bool = True) -> None:
        self.endpoint = endpoint
        self._all: Layout = opened(endpoint, create=create)

    def close(self) -> None:
        """Let go of connections."""
        self._all.close()

    def setting(self, key: str) -> str:
        """Read a setting; empty where there is none."""
        return self.settings(key)[0]

    def settings(self, *keys: str) -> list[str]:
        """Read several settings, as of one moment."""
        found = self._all.settings()
        return [str(found.get(key, "")) for key in keys]

    # For a search

    def texts(self, passages: Sequence[int]) -> dict[int, str]:
        """Give the tokens of each of *passages*, and some that follow, joined by spaces; unknown ones are absent."""
        found = self._bodies(blocks.with_next(passages))
        with blocks.decoding(self.endpoint):
            return blocks.looking_ahead(passages, {id_: blocks.read_tokens(body) for id_, body in found.items()})

    @property
    def at_once(self) -> int:
        """A question takes as long for many places as for one."""
        return _PLACES

    def stretches(self, spans: Sequence[Span]) -> list[Transcript]:
        """Give the blocks of each of *spans*, clipped, as one transcript counted from its start."""
        wanted = [self._within(span) for span in spans]
        found = self._bodies(list(dict.fromkeys(chain.from_iterable(wanted))))
        with blocks.decoding(self.endpoint):
            return [blocks.unpack([found[each] for each in passages if each in found]) for passages in wanted]

    def _within(self, span: Span) -> range:
        """Give the passages of *span*."""
        last = span.last if span.last - span.first < _SOME else min(span.last, self._block_count(span.track) - 1)
        return range(passage_id(span.track, max(span.first, 0)), passage_id(span.track, last) + 1)

    def transcript(self, track: int) -> Transcript:
        """Give the whole transcript of *track*."""
        return self.stretches([Span(track, 0, passage_place(passage_id(1, 0) - 1)[1])])[0]

    def subject(self, track: int) -> Subject | None:
        """Tell what *track* belongs to; None where it was removed."""
        return self._subjects([track]).get(track)

    def subjects(self, tracks: Iterable[int]) -> dict[int, Subject]:
        """Tell what each of *tracks* belongs to; those that were removed are absent."""
        return self._subjects(list(tracks))

    def counted(self, tracks: Iterable[int]) -> dict[int, Subject]:
        """Tell what each of *tracks* belongs to, with every article but without labels; unknown ones are absent."""
        return {number: replace(subject, label="") for number, subject in self._subjects(list(tracks)).items()}

    def _subjects(self, tracks: Sequence[int]) -> dict[int, Subject]:
        wanted = set(tracks)
        records = self._holding(tracks)
        embedding = self._embedding([record.video.id for record in records])
        return {
            kept.number: _subject(record, kept, embedding.get(record.video.id, ()))
            for record in records
            for kept in record.tracks
            if kept.number in wanted
        }

    def _holding(self, tracks: Sequence[int]) -> list[VideoRecord]:
        """Give the videos that have *tracks*."""
        return [read_video(each.source) for each in self._found("numbers", tracks)]

    def _found(self, field: str, values: Sequence[int]) -> list[Found]:
        """Give the videos that have one of *values* in *field*."""
        pages = (self._all.videos.search(_in(field, some), sort=IN_ORDER) for some in _parts(values))
        return [each for page in pages for each in page]

    def _embedding(self, videos: Sequence[str]) -> Mapping[str, Sequence[tuple[Article, str]]]:
        """Give the articles that embed each of *videos*, with the labels that they give it."""
        found: dict[str, list[tuple[Article, str]]] = {}
        for some in _parts(videos):
            query = {"bool": {"filter": [THERE, _in("videos", some)]}}
            for each in self._all.articles.search(query, sort=IN_ORDER, only=WITHOUT_TEXT):
                record = read_article(each.source)
                for state in record.embeds:
                    found.setdefault(state.video, []).append((record.article, state.embed.label))
        return found

    def _block_count(self, track: int) -> int:
        self._all.videos.refresh()
        kept = (kept for record in self._holding([track]) for kept in record.tracks if kept.number == track)
        return next((each.blocks for each in kept), 0)

    def _bodies(self, passages: Sequence[int]) -> dict[int, bytes]:
        """Read blocks; those that are not there are absent."""
        found = self._all.blocks.several(map(str, passages))
        return {int(name): base64.b64decode(source["body"]) for name, source in found.items()}

    # For the engine

    def passages(self, tracks: Iterable[int]) -> Iterator[Passage]:
        """Cut the transcripts of *tracks* into overlapping passages; one without words gives an empty one."""
        self._all.articles.refresh()
        self._all.videos.refresh()
        for some in _parts(list(tracks)):
            subjects = self._subjects(some)
            counts = {kept.number: kept.blocks for record in self._holding(some) for kept in record.tracks}
            for group in batches([(number, counts[number]) for number in some if number in subjects], _BLOCKS):
                bodies = self._bodies([passage_id(n, at) for n in group for at in range(counts[n])])
                for number in group:
                    mine = [bodies[name] for at in range(counts[number]) if (name := passage_id(number, at)) in bodies]
                    with blocks.decoding(self.endpoint):
                        heads = [blocks.read_head(body) for body in mine]
                    yield from passages_of(number, subjects[number], heads)

    def passage_count(self) -> int:
        """Count the passages that an engine should hold."""
        self._all.videos.refresh()
        return self._sums(self._all.videos, ["passages"])["passages"]

    def all_tracks(self) -> list[int]:
        """Give the numbers of all tracks."""
        self._all.videos.refresh()
        found = self._all.videos.search(THERE, sort=IN_ORDER, only=["numbers"])
        return sorted(number for each in found for number in each.source["numbers"])

    def track_batches(self, *, tracks: int, words: int) -> Iterator[list[int]]:
        """Give all tracks, so many at a time as *tracks* and *words* allow."""
        self._all.videos.refresh()
        found = self._all.videos.search(THERE, sort=IN_ORDER, only=["tracks"])
        sized: list[tuple[int, int]] = []
        for each in found:
            sized += ((kept["number"], kept["words"]) for kept in each.source["tracks"])
            if len(sized) >= tracks or sum(count for _, count in sized) >= words:
                yield from batches(sized, words)
                sized = []
        yield from batches(sized, words)

    # For people

    def video(self, name: str) -> Video | None:
        """Find a video by its id, its URL, its id without the extractor, or the start of its id, if only one fits."""
        record = self._record(name)
        if record:
            return record.video
        self._all.videos.refresh()
        start = [{"prefix": {"name": name}}, {"prefix": {"short": name}}] if name else []
        tests: list[Json] = [{"term": {"url": name_of(name)}}, {"term": {"short": name}}, {"bool": {"should": start}}]
        for test in tests if name else []:
            query = {"bool": {"filter": [THERE, test]}}
            found = self._all.videos.first(query, sort=IN_ORDER, limit=2, only=["video"])
            if len(found) == 1:
                return to_video(found[0].source["video"])
        return None

    def _record(self, name: str) -> VideoRecord | None:
        found = self._all.videos.get(name_of(name))
        return read_video(found.source) if found and not found.source["removed"] else None

    def videos(self, *, url: str = "", offset: int = 0) -> Iterator[Video]:
        """Give all videos, or those with *url*, in the order in which they were added, from the one at *offset* on."""
        self._all.videos.refresh()
        query = {"bool": {"filter": [THERE, *([{"term": {"url": name_of(url)}}] if url else [])]}}
        for found in self._all.videos.search(query, sort=IN_ORDER, only=["video"], offset=offset):
            yield to_video(found.source["video"])

    def checked_before(self, before: float) -> Iterator[tuple[str, str]]:
        """Give the id and URL of each video that was asked for last *before* a time, the longest ago first."""
        self._all.videos.refresh()
        query = {"bool": {"filter": [THERE, {"range": {"checked": {"lt": before}}}]}}
        for found in self._all.videos.search(query, sort=[{"checked": "asc"}, *IN_ORDER], only=["video"]):
            yield found.source["video"]["id"], found.source["video"]["url"]

    def checked(self, video: str) -> float:
        """Tell when the video with this id was last asked for; 0 where nobody knows."""
        record = self._record(video)
        return record.checked if record else 0.0

    def video_count(self) -> int:
        """Count the videos."""
        self._all.videos.refresh()
        return self._all.videos.count(THERE)

    def article_count(self) -> int:
        """Count the articles."""
        self._all.articles.refresh()
        return self._all.articles.count(THERE)

    def tracks(self, video: str) -> list[tuple[int, Track]]:
        """Give the tracks of a video with their numbers, in the order in which they were added."""
        record = self._record(video)
        return [(kept.number, kept.track) for kept in record.tracks if not kept.is_silent] if record else []

    def has_track(self, video: str, track: Track, raw: bytes) -> bool:
        """Tell whether *video* has exactly this track already."""
        record = self._record(video)
        return record is not None and record.has(track, digest(raw))

    def raw(self, track: int) -> bytes:
        """Give the bytes of a track as they were fetched; empty for a video without captions."""
        found = self._all.captions.get(str(track))
        packed = base64.b64decode(found.source["raw"]) if found else b""
        with blocks.decoding(self.endpoint, f"remove the video of track {track} and add it again"):
            return zlib.decompress(packed) if packed else b""

    def articles(self, *, offset: int = 0) -> Iterator[Article]:
        """Give all articles, without their text, in the order in which they were added, from the one at *offset* on."""
        self._all.articles.refresh()
        for found in self._all.articles.search(THERE, sort=IN_ORDER, only=WITHOUT_TEXT, offset=offset):
            yield read_article(found.source).article

    def article(self, url: str) -> Article | None:
        """Find an article by its URL or where it was read."""
        record = self._article(url)
        if record:
            return record.article
        self._all.articles.refresh()
        query = {"bool": {"filter": [THERE, {"term": {"source": name_of(url)}}]}}
        found = self._all.articles.first(query, sort=IN_ORDER, limit=1)
        return read_article(found[0].source).article if found else None

    def _article(self, url: str) -> ArticleRecord | None:
        found = self._all.articles.get(name_of(url))
        return read_article(found.source) if found and not found.source["removed"] else None

    def embeds(self, *, article: str = "", video: str = "", state: str = "", url: str = "") -> list[EmbedState]:
        """Give embeds with their states, in article order: of one article or video, in one state, with one URL."""
        return [
            each
            for record in ([self._article(article)] if article else self._with_embeds(video, state, url))
            for each in (record.embeds if record else ())
            if (not video or each.video == video)
            and (not state or each.state == state)
            and (not url or each.embed.url == url)
        ]

    def _with_embeds(self, video: str, state: str, url: str) -> Iterator[ArticleRecord]:
        self._all.articles.refresh()
        wanted = {"videos": video, "states": state, "urls": url and name_of(url)}
        tests = [{"term": {field: value}} for field, value in wanted.items() if value]
        query = {"bool": {"filter": [THERE, *tests]}}
        for found in self._all.articles.search(query, sort=IN_ORDER, only=WITHOUT_TEXT):
            yield read_article(found.source)

    def stats(self) -> Stats:
        """Count what is here."""
        self._all.articles.refresh()
        self._all.videos.refresh()
        embeds = self._sums(self._all.articles, ["embed_count", "dead"])
        sums = self._sums(self._all.videos, ["silent", "captioned", "words", "duration_ms", "waiting"])
        return Stats(
            articles=self._all.articles.count(THERE),
            embeds=embeds["embed_count"],
            dead=embeds["dead"],
            videos=self._all.videos.count(THERE),
            without_captions=sums["silent"],
            tracks=sums["captioned"],
            words=sums["words"],
            duration_ms=sums["duration_ms"],
            pending=sums["waiting"],
            engine=self.setting("engine"),
        )

    def pending_words(self) -> int:
        """Count the words that the engine does not hold yet."""
        self._all.videos.refresh()
        return self._sums(self._all.videos, ["waiting_words"])["waiting_words"]

    def _sums(self, documents: Documents, fields: Sequence[str]) -> dict[str, int]:
        """Add up some *fields* of all that is there."""
        summed = documents.sums({field: {"sum": {"field": field}} for field in fields}, query=THERE)
        return {field: int(summed[field]["value"]) for field in fields}

    def size(self) -> int:
        """Count the bytes that all of it takes on the disks of the cluster, copies and the engine included."""
        engine = f"{self.endpoint.name}-{self.setting('engine_folder')}"
        names = [*(kind.index for kind in self._all.kinds), engine, f"{engine}-commits"]
        params = {"ignore_unavailable": "true", "filter_path": "_all.total.store.size_in_bytes"}
        with self._all.meta.failures():
            ask = partial(self._all.meta.client.indices.stats, index=",".join(names), metric="store", params=params)
            return int(patiently(ask)["_all"]["total"]["store"]["size_in_bytes"])

    def check(self) -> str:
        """Ask the cluster whether all of it is there: `ok`, or what is wrong."""
        names = ",".join(kind.index for kind in self._all.kinds)
        with self._all.meta.failures():
            health = patiently(partial(self._all.meta.client.cluster.health, index=names))
        if health["status"] == "red":
            return f"{health['unassigned_shards']} of its shards have no copy left"
        return "ok"


def _subject(record: VideoRecord, kept: Kept, embedding: Sequence[tuple[Article, str]]) -> Subject:
    some = embedding[:_EMBEDS]
    articles = tuple(dict.fromkeys(article for article, _ in some))
    labels = dict.fromkeys(label for _, label in some if label)
    return Subject(record.video, kept.track, articles, " / ".join(labels))


def _in(field: str, values: Sequence[object]) -> Json:
    return {"terms": {field: list(values)}}


def _parts(values: Sequence[T]) -> Iterator[Sequence[T]]:
    """Cut *values* into so many as one clause takes."""
    return (values[start : start + _SOME] for start in range(0, len(values), _SOME))
