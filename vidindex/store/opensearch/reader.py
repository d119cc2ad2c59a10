"""Read a store on a cluster: for searches, for indexing, and for display.

A read by id returns the current document.  Lists refresh their index first, so that they see every acknowledged write.
What a search reads for its hits does not refresh: it shows videos and articles as they were at the last refresh, a few
seconds ago or when the engine was updated.
"""

from __future__ import annotations

import base64
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from functools import partial
from itertools import chain
from operator import itemgetter
from typing import TypeVar

from ...model import (
    Article,
    EmbedRecord,
    Passage,
    PassageRange,
    Stats,
    Track,
    TrackContext,
    TrackWords,
    Transcript,
    Video,
    make_passage_id,
)
from ...transcripts.gist_windows import TranscriptWords
from .. import transcript_blocks as blocks
from ..base import Store
from ..compression import decompress_bounded
from ..packed_track import hash_captions
from ..passages import TrackBlocks, build_passage_fields
from ..sqlite.reader import batch_by_words
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
from .stored_source import StoredSource
from .task_documents import document_key

NOT_REMOVED_QUERY: JsonObject = {"term": {"removed": False}}
"""Matches videos and articles that were not removed."""

SORT_BY_ADDED: Sequence[JsonObject] = ({"added": "asc"}, {"key": "asc"})
"""The order in which records were added; the clocks of machines may differ a little."""

_MAX_CLAUSE_VALUES = 500
"""Maximum values in one query clause."""

_BLOCKS_PER_READ = 200
"""Blocks of a track that one request reads, until there are no more: those of a talk of an hour and a half."""

_MAX_BLOCKS_IN_MEMORY = 2000
"""Maximum blocks in memory, about 3 MB."""

_RECORD_COUNT = "records"
"""The name under which the number of records is among the sums of their fields."""

_SLICES_PER_BATCH = 20
"""Transcript slices that one request reads."""

_MAX_EMBEDS = 20
"""Maximum embeds of a video that contribute to its filter fields."""

T = TypeVar("T")


class OpenSearchReader(Store):
    """The read methods of the store on a cluster."""

    def __init__(self, endpoint: ClusterEndpoint, *, create: bool = True) -> None:
        self.endpoint = endpoint
        self._indices: StoreIndices = open_indices(endpoint, create=create)

    def close(self) -> None:
        self._indices.close()

    def get_setting(self, key: str) -> str:
        return self.get_settings(key)[0]

    def get_settings(self, *keys: str) -> list[str]:
        settings = self._indices.read_settings()
        return [str(settings.get(key, "")) for key in keys]

    # For searches

    def change_stamp(self) -> tuple[int, ...] | None:
        return None  # other machines may write at any time

    def passage_texts(self, passages: Sequence[int]) -> dict[int, str]:
        return blocks.append_lookahead(passages, self.block_texts(blocks.include_next_passages(passages)))

    def block_texts(self, passages: Sequence[int]) -> dict[int, str]:
        bodies = self._read_blocks(passages)
        with blocks.translate_decode_errors(self.endpoint):
            return {id_: blocks.read_tokens(body) for id_, body in bodies.items()}

    @property
    def batch_size(self) -> int:
        return _SLICES_PER_BATCH  # a request takes as long for many slices as for one

    def transcript_slices(self, spans: Sequence[PassageRange]) -> list[Transcript]:
        bodies = self._read_slices(spans)
        with blocks.translate_decode_errors(self.endpoint):
            return [self._unpack_slice(span, each) for span, each in zip(spans, bodies, strict=True)]

    def _unpack_slice(self, span: PassageRange, bodies: Sequence[bytes]) -> Transcript:
        if span.first <= 0:
            return blocks.unpack_blocks(bodies)
        return blocks.unpack_slice(bodies, lambda: self._read_slices([span._replace(first=span.first - 1)])[0])

    def word_slices(self, spans: Sequence[PassageRange]) -> list[TranscriptWords]:
        return blocks.read_word_slices(self._read_slices(spans), self.endpoint)

    def _read_slices(self, spans: Sequence[PassageRange]) -> list[list[bytes]]:
        ids_by_span = [_passage_ids(span) for span in spans]
        bodies = self._read_blocks(list(dict.fromkeys(chain.from_iterable(ids_by_span))))
        return [[bodies[each] for each in ids if each in bodies] for ids in ids_by_span]

    def read_transcript(self, track: int) -> Transcript:
        bodies = self.read_blocks(track)
        with blocks.translate_decode_errors(self.endpoint):
            return blocks.unpack_blocks(bodies)

    def read_blocks(self, track: int) -> list[bytes]:
        bodies: list[bytes] = []
        first = 0
        while True:
            ids = _passage_ids(PassageRange(track, first, first + _BLOCKS_PER_READ - 1))
            found = self._read_blocks(ids)
            bodies += (found[each] for each in ids if each in found)
            if ids[-1] not in found:
                return bodies
            first += _BLOCKS_PER_READ

    def track_context(self, track: int) -> TrackContext | None:
        return self._load_contexts([track]).get(track)

    def track_contexts(self, tracks: Iterable[int]) -> dict[int, TrackContext]:
        return self._load_contexts(list(tracks))

    def facet_contexts(self, tracks: Iterable[int]) -> dict[int, TrackContext]:
        return {track_id: replace(context, label="") for track_id, context in self._load_contexts(list(tracks)).items()}

    def _load_contexts(self, tracks: Sequence[int]) -> dict[int, TrackContext]:
        wanted = set(tracks)
        records = self._videos_with_tracks(tracks)
        embedding = self._articles_by_video([record.video.id for record in records])
        return {
            stored.number: _build_context(record, stored, embedding.get(record.video.id, ()))
            for record in records
            for stored in record.tracks
            if stored.number in wanted
        }

    def _videos_with_tracks(self, tracks: Sequence[int]) -> list[VideoRecord]:
        """Return the videos that have *tracks*."""
        return [parse_video_record(each.source) for each in self._find_videos("numbers", tracks)]

    def _find_videos(self, field: str, values: Sequence[int]) -> list[SearchedDocument]:
        """Return the videos that have one of *values* in *field*."""
        pages = (
            self._indices.videos.search(_terms_query(field, chunk), sort=SORT_BY_ADDED)
            for chunk in _chunk_values(values)
        )
        return [each for page in pages for each in page]

    def _articles_by_video(self, videos: Sequence[str]) -> Mapping[str, Sequence[tuple[Article, str]]]:
        """Return the articles that embed each of *videos*, with the label of each embed."""
        articles: dict[str, list[tuple[Article, str]]] = {}
        for chunk in _chunk_values(videos):
            query = {"bool": {"filter": [NOT_REMOVED_QUERY, _terms_query("videos", chunk)]}}
            for each in self._indices.articles.search(query, sort=SORT_BY_ADDED, fields=FIELDS_WITHOUT_TEXT):
                record = parse_article_record(each.source)
                for embed in record.embeds:
                    articles.setdefault(embed.video, []).append((record.article, embed.embed.label))
        return articles

    def _read_blocks(self, passages: Sequence[int]) -> dict[int, bytes]:
        """Return the blocks of *passages*; missing blocks are left out."""
        sources = self._indices.blocks.get_many(map(str, passages))
        return {int(id_): _decode_field(source, "body") for id_, source in sources.items()}

    # For indexing

    def cut_passages(self, tracks: Iterable[int]) -> Iterator[Passage]:
        for each in self.read_track_blocks(tracks):
            with blocks.translate_decode_errors(self.endpoint):
                passages = each.cut_passages()
            yield from passages

    def read_track_blocks(self, tracks: Iterable[int]) -> Iterator[TrackBlocks]:
        self._indices.articles.refresh()
        self._indices.videos.refresh()
        for chunk in _chunk_values(list(tracks)):
            contexts = self._load_contexts(chunk)
            block_counts = {
                each.number: each.blocks for record in self._videos_with_tracks(chunk) for each in record.tracks
            }
            sized = [(track_id, block_counts[track_id]) for track_id in chunk if track_id in contexts]
            for batch in batch_by_words(sized, _MAX_BLOCKS_IN_MEMORY):
                passage_ids = {n: [make_passage_id(n, at) for at in range(block_counts[n])] for n in batch}
                bodies = self._read_blocks(list(chain.from_iterable(passage_ids.values())))
                for track_id in batch:
                    found = [bodies[id_] for id_ in passage_ids[track_id] if id_ in bodies]
                    yield TrackBlocks(track_id, build_passage_fields(contexts[track_id]), found)

    def count_passages(self) -> int:
        self._indices.videos.refresh()
        return self._sum_fields(self._indices.videos, ["passages"])["passages"]

    def list_track_ids(self) -> list[int]:
        self._indices.videos.refresh()
        videos = self._indices.videos.search(NOT_REMOVED_QUERY, sort=SORT_BY_ADDED, fields=["numbers"])
        return sorted(track_id for video in videos for track_id in video.source["numbers"])

    def track_batches(self, *, max_tracks: int, max_words: int) -> Iterator[list[int]]:
        self._indices.videos.refresh()
        sized: list[tuple[int, int]] = []
        for video in self._indices.videos.search(NOT_REMOVED_QUERY, sort=SORT_BY_ADDED, fields=["tracks"]):
            with video.source.reading():
                sized += [(int(track["number"]), int(track["words"])) for track in video.source["tracks"]]
            if len(sized) >= max_tracks or sum(count for _, count in sized) >= max_words:
                yield from batch_by_words(sized, max_words)
                sized = []
        yield from batch_by_words(sized, max_words)

    # For display

    def find_video(self, name: str) -> Video | None:
        if exact := self.get_video(name):
            return exact
        self._indices.videos.refresh()
        prefixes = [{"prefix": {"name": name}}, {"prefix": {"short": name}}] if name else []
        conditions: list[JsonObject] = [
            {"term": {"url": document_key(name)}},
            {"term": {"short": name}},
            {"bool": {"should": prefixes}},
        ]
        for condition in conditions if name else []:
            query = {"bool": {"filter": [NOT_REMOVED_QUERY, condition]}}
            found = self._indices.videos.search_first(query, sort=SORT_BY_ADDED, limit=2, fields=["video"])
            if len(found) == 1:
                return parse_video(found[0].source)
        return None

    def get_video(self, id_: str) -> Video | None:
        record = self._find_video_record(id_)
        return record.video if record else None

    def _find_video_record(self, name: str) -> VideoRecord | None:
        document = self._indices.videos.get(document_key(name))
        return parse_video_record(document.source) if document and not document.source["removed"] else None

    def list_videos(self, *, url: str = "", offset: int = 0) -> Iterator[Video]:
        self._indices.videos.refresh()
        query = {"bool": {"filter": [NOT_REMOVED_QUERY, *([{"term": {"url": document_key(url)}}] if url else [])]}}
        for each in self._indices.videos.search(query, sort=SORT_BY_ADDED, fields=["video"], offset=offset):
            yield parse_video(each.source)

    def list_checked_before(self, before: float) -> Iterator[tuple[str, str]]:
        """Yield the id and URL of each video that was last checked *before* a time, the oldest check first."""
        self._indices.videos.refresh()
        query = {"bool": {"filter": [NOT_REMOVED_QUERY, {"range": {"checked": {"lt": before}}}]}}
        for each in self._indices.videos.search(query, sort=[{"checked": "asc"}, *SORT_BY_ADDED], fields=["video"]):
            video = parse_video(each.source)
            yield video.id, video.url

    def last_checked(self, video: str) -> float:
        record = self._find_video_record(video)
        return record.last_checked if record else 0.0

    def count_videos(self) -> int:
        self._indices.videos.refresh()
        return self._indices.videos.count(NOT_REMOVED_QUERY)

    def count_articles(self) -> int:
        self._indices.articles.refresh()
        return self._indices.articles.count(NOT_REMOVED_QUERY)

    def list_tracks(self, video: str) -> list[tuple[int, Track]]:
        record = self._find_video_record(video)
        return [(each.number, each.track) for each in record.tracks if not each.is_placeholder] if record else []

    def has_track(self, video: str, track: Track, raw: bytes) -> bool:
        record = self._find_video_record(video)
        return record is not None and record.has_track(track, hash_captions(raw))

    def read_raw_captions(self, track: int) -> bytes:
        document = self._indices.captions.get(str(track))
        packed = _decode_field(document.source, "raw") if document else b""
        with blocks.translate_decode_errors(self.endpoint, f"remove the video of track {track} and add it again"):
            return decompress_bounded(packed, blocks.MAX_TEXT_BYTES) if packed else b""

    def list_articles(self, *, offset: int = 0) -> Iterator[Article]:
        self._indices.articles.refresh()
        for each in self._indices.articles.search(
            NOT_REMOVED_QUERY, sort=SORT_BY_ADDED, fields=FIELDS_WITHOUT_TEXT, offset=offset
        ):
            yield parse_article_record(each.source).article

    def find_article(self, url: str) -> Article | None:
        record = self._find_article_record(url)
        if record:
            return record.article
        self._indices.articles.refresh()
        query = {"bool": {"filter": [NOT_REMOVED_QUERY, {"term": {"source": document_key(url)}}]}}
        found = self._indices.articles.search_first(query, sort=SORT_BY_ADDED, limit=1)
        return parse_article_record(found[0].source).article if found else None

    def _find_article_record(self, url: str) -> ArticleRecord | None:
        document = self._indices.articles.get(document_key(url))
        return parse_article_record(document.source) if document and not document.source["removed"] else None

    def list_embeds(self, *, article: str = "", video: str = "", state: str = "", url: str = "") -> list[EmbedRecord]:
        found = [self._find_article_record(article)] if article else self._list_article_records(video, state, url)
        return [
            each
            for record in found
            for each in (record.embeds if record else ())
            if (not video or each.video == video)
            and (not state or each.state == state)
            and (not url or each.embed.url == url)
        ]

    def _list_article_records(self, video: str, state: str, url: str) -> Iterator[ArticleRecord]:
        self._indices.articles.refresh()
        filters = {"videos": video, "states": state, "urls": url and document_key(url)}
        terms = [{"term": {field: value}} for field, value in filters.items() if value]
        query = {"bool": {"filter": [NOT_REMOVED_QUERY, *terms]}}
        for each in self._indices.articles.search(query, sort=SORT_BY_ADDED, fields=FIELDS_WITHOUT_TEXT):
            yield parse_article_record(each.source)

    def collect_stats(self) -> Stats:
        self._indices.articles.refresh()
        self._indices.videos.refresh()
        embeds = self._sum_fields(self._indices.articles, ["embed_count", "dead"])
        sums = self._sum_fields(self._indices.videos, ["silent", "captioned", "words", "duration_ms", "waiting"])
        return Stats(
            articles=embeds[_RECORD_COUNT],
            embeds=embeds["embed_count"],
            dead=embeds["dead"],
            videos=sums[_RECORD_COUNT],
            without_captions=sums["silent"],
            tracks=sums["captioned"],
            words=sums["words"],
            duration_ms=sums["duration_ms"],
            pending=sums["waiting"],
            engine=self.get_setting("engine"),
        )

    def count_pending_words(self, *, is_estimate: bool = False) -> int:
        if not is_estimate:
            self._indices.videos.refresh()
        return self._sum_fields(self._indices.videos, ["waiting_words"])["waiting_words"]

    def list_indexed_tracks(self) -> Iterator[TrackWords]:
        fields = ["video.id", "video.channel", "video.date", "tracks"]
        for each in self._indices.videos.search(NOT_REMOVED_QUERY, sort=SORT_BY_ADDED, fields=fields):
            with each.source.reading():
                video = each.source["video"]
                counted = [
                    TrackWords(track["number"], video["id"], video["channel"], video["date"], track["words"])
                    for track in each.source["tracks"]
                    if track["state"] == "given" and track["words"] > 0
                ]
            yield from counted

    def count_speaker_words(self, tracks: Iterable[int]) -> Iterator[tuple[int, dict[str, int]]]:
        for chunk in _chunk_values(list(tracks)):
            found = (stored for record in self._videos_with_tracks(chunk) for stored in record.tracks)
            sizes = {stored.number: stored.blocks for stored in found}
            for batch in batch_by_words(
                [(track, sizes[track]) for track in chunk if track in sizes], _MAX_BLOCKS_IN_MEMORY
            ):
                yield from self._count_speakers({track: sizes[track] for track in batch})

    def _count_speakers(self, sizes: Mapping[int, int]) -> Iterator[tuple[int, dict[str, int]]]:
        ids_by_track = {track: [make_passage_id(track, at) for at in range(count)] for track, count in sizes.items()}
        bodies = self._read_blocks(list(chain.from_iterable(ids_by_track.values())))
        for track, ids in ids_by_track.items():
            with blocks.translate_decode_errors(self.endpoint):
                counts = blocks.count_speaker_words(bodies[each] for each in ids if each in bodies)
            yield track, counts

    def _sum_fields(self, documents: DocumentIndex, fields: Sequence[str]) -> dict[str, int]:
        """Return the sums of some *fields* over all records, and the number of these."""
        sums: JsonObject = {field: {"sum": {"field": field}} for field in fields}
        counted = {_RECORD_COUNT: {"value_count": {"field": "removed"}}}
        return documents.aggregate(
            sums | counted,
            lambda results: {name: int(results[name]["value"]) for name in (*fields, _RECORD_COUNT)},
            query=NOT_REMOVED_QUERY,
        )

    def disk_size_bytes(self) -> int:
        engine = f"{self.endpoint.name}-{self.get_setting('engine_folder')}"
        engine_names = [engine, f"{engine}-commits", f"{engine}-gist", f"{engine}-gist-commits"]
        names = [*(kind.index for kind in self._indices.all_indices), *engine_names]
        params = {"ignore_unavailable": "true", "filter_path": "_all.total.store.size_in_bytes"}
        with self._indices.meta.translate_errors():
            request = partial(
                self._indices.meta.client.indices.stats, index=",".join(names), metric="store", params=params
            )
            return with_retries(lambda: int(request()["_all"]["total"]["store"]["size_in_bytes"]))

    def find_damage(self) -> list[str]:
        names = ",".join(kind.index for kind in self._indices.all_indices)
        with self._indices.meta.translate_errors():
            health = partial(self._indices.meta.client.cluster.health, index=names)
            status, lost = with_retries(lambda: itemgetter("status", "unassigned_shards")(health()))
        return [f"{lost} shards have no copy left: restore them from a snapshot"] if status == "red" else []


def _passage_ids(span: PassageRange) -> range:
    return range(make_passage_id(span.track, max(span.first, 0)), make_passage_id(span.track, span.last) + 1)


def _decode_field(source: StoredSource, name: str) -> bytes:
    with source.reading():
        return base64.b64decode(source[name])


def _build_context(record: VideoRecord, stored: StoredTrack, embedding: Sequence[tuple[Article, str]]) -> TrackContext:
    first = embedding[:_MAX_EMBEDS]
    articles = tuple(dict.fromkeys(article for article, _ in first))
    labels = dict.fromkeys(label for _, label in first if label)
    return TrackContext(record.video, stored.track, articles, " / ".join(labels))


def _terms_query(field: str, values: Sequence[object]) -> JsonObject:
    return {"terms": {field: list(values)}}


def _chunk_values(values: Sequence[T]) -> Iterator[Sequence[T]]:
    """Split *values* into chunks that fit in one query clause."""
    return (values[start : start + _MAX_CLAUSE_VALUES] for start in range(0, len(values), _MAX_CLAUSE_VALUES))
