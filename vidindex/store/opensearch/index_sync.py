"""What the engine lacks of what a store on a cluster holds, while any number of machines give it to the engine.

Each video's document says of each track what the engine knows of it, and who gives it now (the *holder*, until a time).
To hold is a write that asks that nobody changed the document since: of several machines one gets it, and says from
time to time, while passages are read, that it is still at it.  What changes meanwhile is marked as lacking again.
Afterwards the marks are settled: a track is `given` only if it was held all along; if somebody else held it meanwhile,
or the engine was made anew, it is given again, for of two writers of the engine nobody knows whose passages were seen
last.
"""

from __future__ import annotations

import threading
import time
import uuid
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace

from ...errors import IndexBusyError
from ...model import Passage, make_passage_id
from ..sqlite.reader import batch_by_words
from .bulk import BulkWrite
from .client import JsonObject
from .documents import SearchedDocument
from .endpoint import ClusterEndpoint
from .indices import rebuild_conflict
from .reader import SORT_BY_ADDED, OpenSearchReader
from .records import StoredTrack, VideoRecord, build_video_document, parse_article_record, parse_video_record
from .task_documents import document_key
from .track_ids import TrackIdAllocator

CLAIM_LEASE_S = 300.0
"""How long tracks are left to whoever holds them and says nothing: its machine died."""

_RENEWALS_PER_LEASE = 5
"""How often in that time it says that it lives."""

_REBUILD_LEASE_S = 900.0
"""How long a machine that makes the engine anew may be silent; it says every minute that it is at it."""

_HEARTBEAT_INTERVAL_S = 60.0
_BATCH_DOCUMENTS = 1000


class OpenSearchIndexSync(OpenSearchReader):
    """A store on a cluster whose tracks are given to an engine."""

    def __init__(self, endpoint: ClusterEndpoint, *, create: bool = True) -> None:
        super().__init__(endpoint, create=create)
        self._lock = threading.Lock()
        self._claims: dict[int, tuple[str, int]] = {}
        """Who holds a track, in which turn of the engine."""
        self._rebuilder = ""
        self._last_heartbeat = 0.0
        self._track_ids = TrackIdAllocator(self._indices.meta)

    def close(self) -> None:
        """Let go of connections."""
        self._track_ids.close()
        super().close()

    # What is lacking

    def has_pending(self) -> bool:
        """Tell whether the engine lacks anything, or should forget something."""
        self._propagate_remaining()
        self._indices.videos.refresh()
        waiting = {"term": {"pending": True}}
        return bool(
            self._indices.videos.search_first(waiting, sort=SORT_BY_ADDED, limit=1, fields=[])
            or self._indices.read_settings()["astray"]
        )

    def pending_tracks(self, *, max_tracks: int, max_words: int) -> tuple[list[int], list[int]]:
        """Give some tracks that the engine may not hold as they are now, and what it should forget.

        At most *tracks* of them, and no more once they have *words* words together; none that another machine is just
        giving to it, and none at all while one makes it anew.
        """
        settings = self._indices.read_settings()
        if settings["maker"] and settings["maker_until"] > time.time():
            return [], []
        self._indices.videos.refresh()
        free = {"range": {"until": {"lt": time.time()}}}
        query = {"bool": {"filter": [{"term": {"pending": True}}, free]}}
        found = self._indices.videos.search_first(query, sort=SORT_BY_ADDED, limit=max_tracks)
        records = [parse_video_record(each.source) for each in found]
        sized = [(kept.number, kept.words) for record in records for kept in record.pending_tracks][:max_tracks]
        dropped = [number for record in records for number, _ in record.dropped]
        self._collect_garbage_videos(
            each for each, record in zip(found, records, strict=True) if record.removed and not record.dropped
        )
        return next(batch_by_words(sized, max_words), []), [*dropped, *settings["astray"]]

    def claim_for_indexing(self, tracks: Sequence[int]) -> list[int]:
        """Note that the engine is about to be given *tracks*: what changes of them from now on is given again.

        Gives those that nobody else gives it at this moment.
        """
        self._heartbeat()
        token, turn = self._rebuilder or uuid.uuid4().hex, self._indices.read_settings()["turn"]
        self._indices.videos.refresh()
        wanted, held, now = set(tracks), [], time.time()
        writes: dict[str, BulkWrite] = {}
        for each in self._find_videos("numbers", tracks):
            record = parse_video_record(each.source)
            if record.lease_until < now or self._rebuilder:
                mine = _mark_claimed(record, wanted, token, now + CLAIM_LEASE_S)
                writes[each.id] = BulkWrite(each.id, build_video_document(mine), version=each.version)
                held += [kept.number for kept in record.tracks if kept.number in wanted]
        taken = set(self._indices.videos.bulk_write(writes.values()))
        # One whose answer was lost was sent again, and conflicts with itself.
        taken -= {id_ for id_, now_ in self._indices.videos.get_many(taken).items() if now_["holder"] == token}
        lost = {n for name in taken for n in writes[name].source["numbers"]}  # type: ignore[index] # none deletes
        if self._rebuilder:
            for name in taken:
                self._indices.videos.update(
                    name, _as_document_edit(lambda record: _mark_claimed(record, wanted, token, now + CLAIM_LEASE_S))
                )
            return list(tracks)
        held = [number for number in held if number not in lost]
        with self._lock:
            self._claims |= dict.fromkeys(held, (token, turn))
        return held

    def cut_passages(self, tracks: Iterable[int]) -> Iterator[Passage]:
        """Cut the transcripts of *tracks* into overlapping passages, and keep what is held of them meanwhile."""
        tracks = list(tracks)
        renewed = time.monotonic()
        for passage in super().cut_passages(tracks):
            if time.monotonic() - renewed > CLAIM_LEASE_S / _RENEWALS_PER_LEASE:
                self._extend_claims(tracks)
                renewed = time.monotonic()
            yield passage

    def _extend_claims(self, tracks: Sequence[int]) -> None:
        """Hold *tracks* for another while; what another machine took is its own."""
        self._heartbeat()
        with self._lock:
            mine = {self._claims[number][0] for number in tracks if number in self._claims}
        if not mine:  # the engine is made anew: nobody else may feed one
            return
        self._indices.videos.refresh()
        until = time.time() + CLAIM_LEASE_S
        found = [each for each in self._find_videos("numbers", tracks) if each.source["holder"] in mine]
        self._update_index_states(
            found, lambda record: replace(record, lease_until=until) if record.holder in mine else record
        )

    def confirm_indexed(self, tracks: Sequence[int], dropped: Sequence[int]) -> None:
        """Record that the engine holds *tracks*, as they were when they were held, and has forgotten *dropped*."""
        with self._lock:
            held = {number: self._claims.pop(number, ("", -1)) for number in tracks}
        turn = self._indices.read_settings()["turn"]
        mine = {token for token, then in held.values() if then == turn}
        gone, given = set(dropped), set(tracks)
        self._indices.videos.refresh()
        meant = [*tracks, *dropped]
        found = {each.id: each for field in ("numbers", "dropped_numbers") for each in self._find_videos(field, meant)}
        records = [parse_video_record(each.source) for each in found.values()]
        self._delete_track_data([pair for record in records for pair in record.dropped if pair[0] in gone])
        self._update_index_states(found.values(), lambda record: _mark_confirmed(record, given, mine, gone))
        there = {kept.number for record in records for kept in record.tracks}
        there |= {number for record in records for number, _ in record.dropped}
        self._record_orphaned(given - there, gone)

    def _update_index_states(
        self, found: Iterable[SearchedDocument], edit: Callable[[VideoRecord], VideoRecord]
    ) -> None:
        writes = (
            BulkWrite(each.id, build_video_document(edit(parse_video_record(each.source))), version=each.version)
            for each in found
        )
        for name in self._indices.videos.bulk_write(writes):
            self._indices.videos.update(name, _as_document_edit(edit))

    def _record_orphaned(self, tracks: set[int], forgotten: set[int]) -> None:
        """Note that the engine was given *tracks* that went meanwhile, and has *forgotten* some such."""

        def edit_orphaned(settings: JsonObject) -> JsonObject:
            astray = sorted((set(settings["astray"]) - forgotten) | tracks)
            return {"astray": astray} if astray != settings["astray"] else {}

        if tracks or set(self._indices.read_settings()["astray"]) & forgotten:
            self._indices.update_settings(edit_orphaned)

    def _delete_track_data(self, dropped: Sequence[tuple[int, int]]) -> None:
        """Delete what is kept of tracks that the engine has forgotten."""
        self._indices.blocks.bulk_write(
            BulkWrite(str(make_passage_id(number, at)), action="delete")
            for number, count in dropped
            for at in range(count)
        )
        self._indices.captions.bulk_write(BulkWrite(str(number), action="delete") for number, _ in dropped)

    def _collect_garbage_videos(self, removed: Iterator[SearchedDocument]) -> None:
        """Delete videos that were removed and of which nothing is left anywhere."""
        for each in removed:
            self._unlink_embeds(each.source["name"])
            self._indices.videos.delete(each.id, version=each.version)

    def _unlink_embeds(self, name: str) -> None:
        raise NotImplementedError

    # Telling videos

    def _mark_video_pending(self, name: str) -> None:
        """Have a video indexed again: what it can be filtered by has changed."""
        self._indices.videos.update(document_key(name), _as_document_edit(lambda record: record.mark_tracks("lacking")))

    def _propagate_article(self, article: str) -> None:
        """Tell the videos of an article that it has changed."""
        found = self._indices.articles.get(document_key(article))
        told = tuple(found.source["tell"]) if found else ()
        for name in told:
            self._mark_video_pending(name)
        if found and found.source["removed"]:
            self._indices.articles.delete(found.id, version=found.version)
        elif told:
            self._indices.articles.update(document_key(article), lambda source: _mark_propagated(source, told))

    def _propagate_remaining(self) -> None:
        """Do what machines that died have left undone."""
        self._indices.articles.refresh()
        query = {"bool": {"should": [{"term": {"untold": True}}, {"term": {"removed": True}}]}}
        for each in self._indices.articles.search_first(query, sort=SORT_BY_ADDED, limit=_BATCH_DOCUMENTS):
            self._propagate_article(parse_article_record(each.source).article.url)
        for run in self._track_ids.abandoned_ranges():
            self._collect_garbage_tracks(run)

    def _collect_garbage_tracks(self, track_ids: range) -> None:
        """Delete what was written with *numbers* by a machine that died before a video named it."""
        self._indices.videos.refresh()
        fields = ("numbers", "dropped_numbers")
        named = {n for field in fields for each in self._find_videos(field, track_ids) for n in each.source[field]}
        unnamed = (str(number) for number in track_ids if number not in named)
        left = self._indices.captions.get_many(unnamed, fields=["blocks"])
        self._delete_track_data([(int(number), source["blocks"]) for number, source in left.items()])
        self._track_ids.release_ranges({track_ids.start})

    # Engines

    def register_engine(self, name: str, folder: str) -> None:
        """Record the engine of a new index, unless another process was first."""
        self._indices.update_settings(
            lambda settings: {} if settings["engine"] else {"engine": name, "engine_folder": folder}
        )

    @contextmanager
    def rebuild_lock(self) -> Iterator[None]:
        """Have nobody else feed an engine meanwhile, on whatever machine.  Raises `IndexBusyError`."""
        token = uuid.uuid4().hex

        def take_lock(settings: JsonObject) -> JsonObject:
            if settings["maker"] not in ("", token) and settings["maker_until"] > time.time():
                raise IndexBusyError(str(self.endpoint), 0.0)
            return {"maker": token, "maker_until": time.time() + _REBUILD_LEASE_S, "turn": settings["turn"] + 1}

        self._indices.update_settings(take_lock)
        self._rebuilder, self._last_heartbeat = token, time.monotonic()
        try:
            yield
        finally:
            self._rebuilder = ""
            self._indices.update_settings(lambda settings: {"maker": ""} if settings["maker"] == token else {})

    def _heartbeat(self) -> None:
        """Say from time to time that the engine is still made anew here."""
        if self._rebuilder and time.monotonic() - self._last_heartbeat > _HEARTBEAT_INTERVAL_S:
            self._indices.update_settings(self._as_rebuilder({"maker_until": time.time() + _REBUILD_LEASE_S}))
            self._last_heartbeat = time.monotonic()

    def _as_rebuilder(self, change: JsonObject) -> Callable[[JsonObject], JsonObject]:
        """Make *change* of the settings while it is we who make the engine anew."""

        def edit_settings(settings: JsonObject) -> JsonObject:
            if settings["maker"] != self._rebuilder:
                raise rebuild_conflict(self.endpoint)
            return change

        return edit_settings

    def switch_engine(self, name: str, folder: str) -> None:
        """Record that the engine *name* in *folder* holds every track that was held for it."""
        settings = self._indices.read_settings()
        left = [*settings["left"], [settings["engine_folder"], time.time()]] if settings["engine_folder"] else []
        self._indices.update_settings(self._as_rebuilder({"engine": name, "engine_folder": folder, "left": left}))
        query = {"bool": {"filter": [{"term": {"holder": self._rebuilder}}]}}
        self._indices.videos.refresh()
        maker = {self._rebuilder}
        some: list[SearchedDocument] = []
        for each in self._indices.videos.search(query, sort=SORT_BY_ADDED):
            some.append(each)
            if len(some) == _BATCH_DOCUMENTS:
                self._update_index_states(some, lambda record: _mark_confirmed(record, None, maker, set()))
                some = []
        self._update_index_states(some, lambda record: _mark_confirmed(record, None, maker, set()))

    def retired_engines(self, *, after_s: float = 0.0) -> list[str]:
        """Name the folders of engines that are not in use since more than *after_s*."""
        return [folder for folder, since in self._indices.read_settings()["left"] if time.time() - since > after_s]

    def forget_engine(self, folder: str) -> None:
        """Record that the engine in *folder* is deleted."""
        self._indices.update_settings(
            lambda settings: {"left": [pair for pair in settings["left"] if pair[0] != folder]}
        )


def _as_document_edit(edit: Callable[[VideoRecord], VideoRecord]) -> Callable[[JsonObject | None], JsonObject | None]:
    """Make of *edit* one of a document; it is left as it is where that changes nothing."""

    def edit_document(source: JsonObject | None) -> JsonObject | None:
        if source is None:
            return None
        before = parse_video_record(source)
        after = edit(before)
        return build_video_document(after) if after != before else None

    return edit_document


def _mark_claimed(record: VideoRecord, tracks: set[int], token: str, until: float) -> VideoRecord:
    return replace(
        record.mark_tracks("held", where=lambda kept: kept.number in tracks), holder=token, lease_until=until
    )


def _mark_confirmed(record: VideoRecord, tracks: set[int] | None, mine: set[str], dropped: set[int]) -> VideoRecord:
    """Settle the marks of *tracks*, all where it is None, that one of *mine* held, and of *dropped* ones."""

    def is_selected(kept: StoredTrack) -> bool:
        return tracks is None or kept.number in tracks

    if record.holder in mine:
        record = record.mark_tracks("given", where=lambda kept: is_selected(kept) and kept.state == "held")
        record = replace(record, holder="", lease_until=0.0)
    else:
        record = record.mark_tracks("lacking", where=is_selected)
    return replace(record, dropped=tuple(pair for pair in record.dropped if pair[0] not in dropped))


def _mark_propagated(source: JsonObject | None, propagated: Sequence[str]) -> JsonObject | None:
    if source is None:
        return None
    tell = [name for name in source["tell"] if name not in propagated]
    return source | {"tell": tell, "untold": bool(tell)}
