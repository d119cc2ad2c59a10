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
    EmbedRecord,
    Passage,
    PassageRange,
    Stats,
    Track,
    TrackContext,
    Transcript,
    Video,
    make_passage_id,
    split_passage_id,
)
from .. import transcript_blocks as blocks
from ..passages import build_passages
from ..sqlite.reader import batch_by_words, hash_captions
from .client import JsonObject, with_retries
from .documents import DocumentIndex, SearchedDocument
from .endpoint import ClusterEndpoint
from .indices import StoreIndices, open_indices
from .records import (
    FIELDS_WITHOUT_TEXT,
    ArticleRecord,
    StoredTrack,
    VideoRecord,
    parse_article_record,
    parse_video,
    parse_video_record,
)
from .task_documents import document_key

NOT_REMOVED_QUERY: JsonObject = {"term": {"removed": False}}
"""What was not removed."""

SORT_BY_ADDED: Sequence[JsonObject] = ({"added": "asc"}, {"key": "asc"})
"""As they were added; clocks of machines may differ a little."""

_MAX_CLAUSE_VALUES = 500
"""Values in one clause."""

_MAX_BLOCKS_IN_MEMORY = 2000
"""Blocks in memory at once, about three megabytes of them."""

_SLICES_PER_BATCH = 20
"""Places that are read together."""

_MAX_EMBEDS = 20
"""Embeds of a video that count for what it can be filtered by."""

T = TypeVar("T")


class OpenSearchReader:
    """A store on a cluster that is only read."""

    def __init__(self, endpoint: ClusterEndpoint, *, create: bool = True) -> None:
        self.endpoint = endpoint
        self._indices: StoreIndices = open_indices(endpoint, create=create)

    def close(self) -> None:
        """Let go of connections."""
        self._indices.close()

    def get_setting(self, key: str) -> str:
        """Read a setting; empty where there is none."""
        return self.get_settings(key)[0]

    def get_settings(self, *keys: str) -> list[str]:
        """Read several settings, as of one moment."""
        found = self._indices.read_settings()
        return [str(found.get(key, "")) for key in keys]

    # For a search

    def passage_texts(self, passages: Sequence[int]) -> dict[int, str]:
        """Give the tokens of each of *passages*, and some that follow, joined by spaces; unknown ones are absent."""
        found = self._read_blocks(blocks.include_next_passages(passages))
        with blocks.translate_decode_errors(self.endpoint):
            return blocks.append_lookahead(passages, {id_: blocks.read_tokens(body) for id_, body in found.items()})

    @property
    def batch_size(self) -> int:
        """A question takes as long for many places as for one."""
        return _SLICES_PER_BATCH

    def transcript_slices(self, spans: Sequence[PassageRange]) -> list[Transcript]:
        """Give the blocks of each of *spans*, clipped, as one transcript counted from its start."""
        wanted = [self._passage_ids(span) for span in spans]
        found = self._read_blocks(list(dict.fromkeys(chain.from_iterable(wanted))))
        with blocks.translate_decode_errors(self.endpoint):
            return [blocks.unpack_blocks([found[each] for each in passages if each in found]) for passages in wanted]

    def _passage_ids(self, span: PassageRange) -> range:
        """Give the passages of *span*."""
        last = (
            span.last
            if span.last - span.first < _MAX_CLAUSE_VALUES
            else min(span.last, self._count_blocks(span.track) - 1)
        )
        return range(make_passage_id(span.track, max(span.first, 0)), make_passage_id(span.track, last) + 1)

    def read_transcript(self, track: int) -> Transcript:
        """Give the whole transcript of *track*."""
        return self.transcript_slices([PassageRange(track, 0, split_passage_id(make_passage_id(1, 0) - 1)[1])])[0]

    def track_context(self, track: int) -> TrackContext | None:
        """Tell what *track* belongs to; None where it was removed."""
        return self._load_contexts([track]).get(track)

    def track_contexts(self, tracks: Iterable[int]) -> dict[int, TrackContext]:
        """Tell what each of *tracks* belongs to; those that were removed are absent."""
        return self._load_contexts(list(tracks))

    def facet_contexts(self, tracks: Iterable[int]) -> dict[int, TrackContext]:
        """Tell what each of *tracks* belongs to, with every article but without labels; unknown ones are absent."""
        return {number: replace(subject, label="") for number, subject in self._load_contexts(list(tracks)).items()}

    def _load_contexts(self, tracks: Sequence[int]) -> dict[int, TrackContext]:
        wanted = set(tracks)
        records = self._videos_with_tracks(tracks)
        embedding = self._articles_by_video([record.video.id for record in records])
        return {
            kept.number: _build_context(record, kept, embedding.get(record.video.id, ()))
            for record in records
            for kept in record.tracks
            if kept.number in wanted
        }

    def _videos_with_tracks(self, tracks: Sequence[int]) -> list[VideoRecord]:
        """Give the videos that have *tracks*."""
        return [parse_video_record(each.source) for each in self._find_videos("numbers", tracks)]

    def _find_videos(self, field: str, values: Sequence[int]) -> list[SearchedDocument]:
        """Give the videos that have one of *values* in *field*."""
        pages = (
            self._indices.videos.search(_terms_query(field, some), sort=SORT_BY_ADDED) for some in _chunk_values(values)
        )
        return [each for page in pages for each in page]

    def _articles_by_video(self, videos: Sequence[str]) -> Mapping[str, Sequence[tuple[Article, str]]]:
        """Give the articles that embed each of *videos*, with the labels that they give it."""
        found: dict[str, list[tuple[Article, str]]] = {}
        for some in _chunk_values(videos):
            query = {"bool": {"filter": [NOT_REMOVED_QUERY, _terms_query("videos", some)]}}
            for each in self._indices.articles.search(query, sort=SORT_BY_ADDED, fields=FIELDS_WITHOUT_TEXT):
                record = parse_article_record(each.source)
                for state in record.embeds:
                    found.setdefault(state.video, []).append((record.article, state.embed.label))
        return found

    def _count_blocks(self, track: int) -> int:
        self._indices.videos.refresh()
        kept = (kept for record in self._videos_with_tracks([track]) for kept in record.tracks if kept.number == track)
        return next((each.blocks for each in kept), 0)

    def _read_blocks(self, passages: Sequence[int]) -> dict[int, bytes]:
        """Read blocks; those that are not there are absent."""
        found = self._indices.blocks.get_many(map(str, passages))
        return {int(name): base64.b64decode(source["body"]) for name, source in found.items()}

    # For the engine

    def cut_passages(self, tracks: Iterable[int]) -> Iterator[Passage]:
        """Cut the transcripts of *tracks* into overlapping passages; one without words gives an empty one."""
        self._indices.articles.refresh()
        self._indices.videos.refresh()
        for some in _chunk_values(list(tracks)):
            subjects = self._load_contexts(some)
            counts = {kept.number: kept.blocks for record in self._videos_with_tracks(some) for kept in record.tracks}
            for group in batch_by_words(
                [(number, counts[number]) for number in some if number in subjects], _MAX_BLOCKS_IN_MEMORY
            ):
                bodies = self._read_blocks([make_passage_id(n, at) for n in group for at in range(counts[n])])
                for number in group:
                    mine = [
                        bodies[name] for at in range(counts[number]) if (name := make_passage_id(number, at)) in bodies
                    ]
                    with blocks.translate_decode_errors(self.endpoint):
                        heads = [blocks.read_tokens_and_speakers(body) for body in mine]
                    yield from build_passages(number, subjects[number], heads)

    def count_passages(self) -> int:
        """Count the passages that an engine should hold."""
        self._indices.videos.refresh()
        return self._sum_fields(self._indices.videos, ["passages"])["passages"]

    def list_track_ids(self) -> list[int]:
        """Give the numbers of all tracks."""
        self._indices.videos.refresh()
        found = self._indices.videos.search(NOT_REMOVED_QUERY, sort=SORT_BY_ADDED, fields=["numbers"])
        return sorted(number for each in found for number in each.source["numbers"])

    def track_batches(self, *, max_tracks: int, max_words: int) -> Iterator[list[int]]:
        """Give all tracks, so many at a time as *tracks* and *words* allow."""
        self._indices.videos.refresh()
        found = self._indices.videos.search(NOT_REMOVED_QUERY, sort=SORT_BY_ADDED, fields=["tracks"])
        sized: list[tuple[int, int]] = []
        for each in found:
            sized += ((kept["number"], kept["words"]) for kept in each.source["tracks"])
            if len(sized) >= max_tracks or sum(count for _, count in sized) >= max_words:
                yield from batch_by_words(sized, max_words)
                sized = []
        yield from batch_by_words(sized, max_words)

    # For people

    def find_video(self, name: str) -> Video | None:
        """Find a video by its id, its URL, its id without the extractor, or the start of its id, if only one fits."""
        record = self._find_video_record(name)
        if record:
            return record.video
        self._indices.videos.refresh()
        start = [{"prefix": {"name": name}}, {"prefix": {"short": name}}] if name else []
        tests: list[JsonObject] = [
            {"term": {"url": document_key(name)}},
            {"term": {"short": name}},
            {"bool": {"should": start}},
        ]
        for test in tests if name else []:
            query = {"bool": {"filter": [NOT_REMOVED_QUERY, test]}}
            found = self._indices.videos.search_first(query, sort=SORT_BY_ADDED, limit=2, fields=["video"])
            if len(found) == 1:
                return parse_video(found[0].source["video"])
        return None

    def _find_video_record(self, name: str) -> VideoRecord | None:
        found = self._indices.videos.get(document_key(name))
        return parse_video_record(found.source) if found and not found.source["removed"] else None

    def list_videos(self, *, url: str = "", offset: int = 0) -> Iterator[Video]:
        """Give all videos, or those with *url*, in the order in which they were added, from the one at *offset* on."""
        self._indices.videos.refresh()
        query = {"bool": {"filter": [NOT_REMOVED_QUERY, *([{"term": {"url": document_key(url)}}] if url else [])]}}
        for found in self._indices.videos.search(query, sort=SORT_BY_ADDED, fields=["video"], offset=offset):
            yield parse_video(found.source["video"])

    def list_checked_before(self, before: float) -> Iterator[tuple[str, str]]:
        """Give the id and URL of each video that was asked for last *before* a time, the longest ago first."""
        self._indices.videos.refresh()
        query = {"bool": {"filter": [NOT_REMOVED_QUERY, {"range": {"checked": {"lt": before}}}]}}
        for found in self._indices.videos.search(query, sort=[{"checked": "asc"}, *SORT_BY_ADDED], fields=["video"]):
            yield found.source["video"]["id"], found.source["video"]["url"]

    def last_checked(self, video: str) -> float:
        """Tell when the video with this id was last asked for; 0 where nobody knows."""
        record = self._find_video_record(video)
        return record.last_checked if record else 0.0

    def count_videos(self) -> int:
        """Count the videos."""
        self._indices.videos.refresh()
        return self._indices.videos.count(NOT_REMOVED_QUERY)

    def count_articles(self) -> int:
        """Count the articles."""
        self._indices.articles.refresh()
        return self._indices.articles.count(NOT_REMOVED_QUERY)

    def list_tracks(self, video: str) -> list[tuple[int, Track]]:
        """Give the tracks of a video with their numbers, in the order in which they were added."""
        record = self._find_video_record(video)
        return [(kept.number, kept.track) for kept in record.tracks if not kept.is_placeholder] if record else []

    def has_track(self, video: str, track: Track, raw: bytes) -> bool:
        """Tell whether *video* has exactly this track already."""
        record = self._find_video_record(video)
        return record is not None and record.has_track(track, hash_captions(raw))

    def read_raw_captions(self, track: int) -> bytes:
        """Give the bytes of a track as they were fetched; empty for a video without captions."""
        found = self._indices.captions.get(str(track))
        packed = base64.b64decode(found.source["raw"]) if found else b""
        with blocks.translate_decode_errors(self.endpoint, f"remove the video of track {track} and add it again"):
            return zlib.decompress(packed) if packed else b""

    def list_articles(self, *, offset: int = 0) -> Iterator[Article]:
        """Give all articles, without their text, in the order in which they were added, from the one at *offset* on."""
        self._indices.articles.refresh()
        for found in self._indices.articles.search(
            NOT_REMOVED_QUERY, sort=SORT_BY_ADDED, fields=FIELDS_WITHOUT_TEXT, offset=offset
        ):
            yield parse_article_record(found.source).article

    def find_article(self, url: str) -> Article | None:
        """Find an article by its URL or where it was read."""
        record = self._find_article_record(url)
        if record:
            return record.article
        self._indices.articles.refresh()
        query = {"bool": {"filter": [NOT_REMOVED_QUERY, {"term": {"source": document_key(url)}}]}}
        found = self._indices.articles.search_first(query, sort=SORT_BY_ADDED, limit=1)
        return parse_article_record(found[0].source).article if found else None

    def _find_article_record(self, url: str) -> ArticleRecord | None:
        found = self._indices.articles.get(document_key(url))
        return parse_article_record(found.source) if found and not found.source["removed"] else None

    def list_embeds(self, *, article: str = "", video: str = "", state: str = "", url: str = "") -> list[EmbedRecord]:
        """Give embeds with their states, in article order: of one article or video, in one state, with one URL."""
        return [
            each
            for record in (
                [self._find_article_record(article)] if article else self._list_article_records(video, state, url)
            )
            for each in (record.embeds if record else ())
            if (not video or each.video == video)
            and (not state or each.state == state)
            and (not url or each.embed.url == url)
        ]

    def _list_article_records(self, video: str, state: str, url: str) -> Iterator[ArticleRecord]:
        self._indices.articles.refresh()
        wanted = {"videos": video, "states": state, "urls": url and document_key(url)}
        tests = [{"term": {field: value}} for field, value in wanted.items() if value]
        query = {"bool": {"filter": [NOT_REMOVED_QUERY, *tests]}}
        for found in self._indices.articles.search(query, sort=SORT_BY_ADDED, fields=FIELDS_WITHOUT_TEXT):
            yield parse_article_record(found.source)

    def collect_stats(self) -> Stats:
        """Count what is here."""
        self._indices.articles.refresh()
        self._indices.videos.refresh()
        embeds = self._sum_fields(self._indices.articles, ["embed_count", "dead"])
        sums = self._sum_fields(self._indices.videos, ["silent", "captioned", "words", "duration_ms", "waiting"])
        return Stats(
            articles=self._indices.articles.count(NOT_REMOVED_QUERY),
            embeds=embeds["embed_count"],
            dead=embeds["dead"],
            videos=self._indices.videos.count(NOT_REMOVED_QUERY),
            without_captions=sums["silent"],
            tracks=sums["captioned"],
            words=sums["words"],
            duration_ms=sums["duration_ms"],
            pending=sums["waiting"],
            engine=self.get_setting("engine"),
        )

    def count_pending_words(self) -> int:
        """Count the words that the engine does not hold yet."""
        self._indices.videos.refresh()
        return self._sum_fields(self._indices.videos, ["waiting_words"])["waiting_words"]

    def _sum_fields(self, documents: DocumentIndex, fields: Sequence[str]) -> dict[str, int]:
        """Add up some *fields* of all that is there."""
        summed = documents.aggregate({field: {"sum": {"field": field}} for field in fields}, query=NOT_REMOVED_QUERY)
        return {field: int(summed[field]["value"]) for field in fields}

    def disk_size_bytes(self) -> int:
        """Count the bytes that all of it takes on the disks of the cluster, copies and the engine included."""
        engine = f"{self.endpoint.name}-{self.get_setting('engine_folder')}"
        names = [*(kind.index for kind in self._indices.all_indices), engine, f"{engine}-commits"]
        params = {"ignore_unavailable": "true", "filter_path": "_all.total.store.size_in_bytes"}
        with self._indices.meta.translate_errors():
            ask = partial(self._indices.meta.client.indices.stats, index=",".join(names), metric="store", params=params)
            return int(with_retries(ask)["_all"]["total"]["store"]["size_in_bytes"])

    def check_integrity(self) -> str:
        """Ask the cluster whether all of it is there: `ok`, or what is wrong."""
        names = ",".join(kind.index for kind in self._indices.all_indices)
        with self._indices.meta.translate_errors():
            health = with_retries(partial(self._indices.meta.client.cluster.health, index=names))
        if health["status"] == "red":
            return f"{health['unassigned_shards']} of its shards have no copy left"
        return "ok"


def _build_context(record: VideoRecord, stored: StoredTrack, embedding: Sequence[tuple[Article, str]]) -> TrackContext:
    some = embedding[:_MAX_EMBEDS]
    articles = tuple(dict.fromkeys(article for article, _ in some))
    labels = dict.fromkeys(label for _, label in some if label)
    return TrackContext(record.video, stored.track, articles, " / ".join(labels))


def _terms_query(field: str, values: Sequence[object]) -> JsonObject:
    return {"terms": {field: list(values)}}


def _chunk_values(values: Sequence[T]) -> Iterator[Sequence[T]]:
    """Cut *values* into so many as one clause takes."""
    return (values[start : start + _MAX_CLAUSE_VALUES] for start in range(0, len(values), _MAX_CLAUSE_VALUES))
