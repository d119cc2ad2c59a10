"""Track which parts of a store on a cluster the engine has indexed, while any number of machines index at once.

The document of each video records the index state of each track, and which writer has claimed it (the *holder*, until a
time).  A claim is a write with the version that was read: of several writers, one succeeds.  It renews its claim while
its passages are read.  A change in the meantime marks the track as `lacking` again.

A track becomes `given` only if its claim was held until the end.  If another writer claimed it meanwhile, or the engine
was rebuilt, the track is indexed again, because it is unknown which of the two writers wrote last.
"""

from __future__ import annotations

import threading
import time
import uuid
from abc import abstractmethod
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from typing import TypeVar

from ...errors import IndexBusyError
from ...model import Passage, make_passage_id
from ..passages import TrackBlocks
from ..sqlite.reader import batch_by_words
from .bulk import BulkWrite
from .client import JsonObject
from .documents import SearchedDocument
from .endpoint import ClusterEndpoint
from .indices import rebuild_conflict
from .reader import SORT_BY_ADDED, OpenSearchReader
from .records import StoredTrack, VideoRecord, build_video_document, parse_video_record
from .task_documents import document_key
from .track_ids import TrackIdAllocator

CLAIM_LEASE_S = 300.0
"""How long a claim lasts without being renewed: after that its machine counts as crashed."""

_RENEWALS_PER_LEASE = 5
"""How often a writer renews its claim in that time."""

_REBUILD_LEASE_S = 900.0
"""How long the rebuild lock lasts without being renewed."""

_HEARTBEAT_INTERVAL_S = 60.0
"""How often a rebuild renews its lock."""

_BATCH_DOCUMENTS = 1000

_ItemT = TypeVar("_ItemT")


class OpenSearchIndexSync(OpenSearchReader):
    """The methods of the store on a cluster that keep the engine up to date."""

    def __init__(self, endpoint: ClusterEndpoint, *, create: bool = True) -> None:
        super().__init__(endpoint, create=create)
        self._lock = threading.Lock()
        self._claims: dict[int, tuple[str, int]] = {}
        """The token of the claim on each track, and the rebuild count at that time."""
        self._rebuilder = ""
        self._last_heartbeat = 0.0
        self._track_ids = TrackIdAllocator(self._indices.meta)

    def close(self) -> None:
        self._track_ids.close()
        super().close()

    # Pending tracks

    def has_pending(self) -> bool:
        self._propagate_remaining()
        self._indices.videos.refresh()
        waiting = {"term": {"pending": True}}
        return bool(
            self._indices.videos.search_first(waiting, sort=SORT_BY_ADDED, limit=1, fields=[])
            or self._indices.read_settings()["astray"]
        )

    def pending_tracks(self, *, max_tracks: int, max_words: int) -> tuple[list[int], list[int]]:
        """Return some tracks to index and some to delete, as `Store.pending_tracks` does.

        Tracks that another machine has claimed are left out; during a rebuild there are none.
        """
        settings = self._indices.read_settings()
        if settings["maker"] and settings["maker_until"] > time.time():
            return [], []
        self._indices.videos.refresh()
        unclaimed = {"range": {"until": {"lt": time.time()}}}
        query = {"bool": {"filter": [{"term": {"pending": True}}, unclaimed]}}
        found = self._indices.videos.search_first(query, sort=SORT_BY_ADDED, limit=max_tracks)
        records = [parse_video_record(each.source) for each in found]
        sized = [(track.number, track.words) for record in records for track in record.pending_tracks][:max_tracks]
        dropped = [track_id for record in records for track_id, _ in record.dropped]
        self._collect_garbage_videos(
            each for each, record in zip(found, records, strict=True) if record.removed and not record.dropped
        )
        return next(batch_by_words(sized, max_words), []), [*dropped, *settings["astray"]]

    def claim_for_indexing(self, tracks: Sequence[int]) -> list[int]:
        self._heartbeat()
        token, generation = self._rebuilder or uuid.uuid4().hex, self._indices.read_settings()["turn"]
        self._indices.videos.refresh()
        wanted, claimed, now = set(tracks), [], time.time()
        writes: dict[str, BulkWrite] = {}
        for each in self._find_videos("numbers", tracks):
            record = parse_video_record(each.source)
            if record.lease_until < now or self._rebuilder:
                document = build_video_document(_mark_claimed(record, wanted, token, now + CLAIM_LEASE_S))
                writes[each.id] = BulkWrite(each.id, document, version=each.version)
                claimed += [track.number for track in record.tracks if track.number in wanted]
        conflicts = set(self._indices.videos.bulk_write(writes.values()))
        # A write whose response was lost was sent twice, and conflicts with itself.
        current = self._indices.videos.get_many(conflicts)
        conflicts -= {name for name, source in current.items() if source["holder"] == token}
        if self._rebuilder:
            for name in conflicts:
                self._indices.videos.update(
                    name, _as_document_edit(lambda record: _mark_claimed(record, wanted, token, now + CLAIM_LEASE_S))
                )
            return list(tracks)
        lost = {n for name in conflicts for n in writes[name].source["numbers"]}  # type: ignore[index] # none deletes
        claimed = [track_id for track_id in claimed if track_id not in lost]
        with self._lock:
            self._claims |= dict.fromkeys(claimed, (token, generation))
        return claimed

    def cut_passages(self, tracks: Iterable[int]) -> Iterator[Passage]:
        """Yield the passages of *tracks*, and renew the claims on them meanwhile."""
        tracks = list(tracks)
        return self._renew_claims(tracks, super().cut_passages(tracks))

    def read_track_blocks(self, tracks: Iterable[int]) -> Iterator[TrackBlocks]:
        """Yield the blocks of *tracks*, and renew the claims on them meanwhile."""
        tracks = list(tracks)
        return self._renew_claims(tracks, super().read_track_blocks(tracks))

    def _renew_claims(self, tracks: Sequence[int], items: Iterable[_ItemT]) -> Iterator[_ItemT]:
        """Yield *items*, which are made of *tracks*, and renew the claims on these meanwhile."""
        renewed_at = time.monotonic()
        for item in items:
            if time.monotonic() - renewed_at > CLAIM_LEASE_S / _RENEWALS_PER_LEASE:
                self._extend_claims(tracks)
                renewed_at = time.monotonic()
            yield item

    def _extend_claims(self, tracks: Sequence[int]) -> None:
        """Renew the claims on *tracks*, except those that another machine has taken over."""
        self._heartbeat()
        with self._lock:
            tokens = {self._claims[track_id][0] for track_id in tracks if track_id in self._claims}
        if not tokens:  # a rebuild, whose lock excludes other writers
            return
        self._indices.videos.refresh()
        until = time.time() + CLAIM_LEASE_S
        found = [each for each in self._find_videos("numbers", tracks) if each.source["holder"] in tokens]
        self._update_videos(
            found, lambda record: replace(record, lease_until=until) if record.holder in tokens else record
        )

    def confirm_indexed(self, tracks: Sequence[int], dropped: Sequence[int]) -> None:
        with self._lock:
            claims = {track_id: self._claims.pop(track_id, ("", -1)) for track_id in tracks}
        generation = self._indices.read_settings()["turn"]
        tokens = {token for token, claimed_in in claims.values() if claimed_in == generation}
        indexed, deleted = set(tracks), set(dropped)
        self._indices.videos.refresh()
        ids = [*tracks, *dropped]
        found = {each.id: each for field in ("numbers", "dropped_numbers") for each in self._find_videos(field, ids)}
        records = [parse_video_record(each.source) for each in found.values()]
        self._delete_track_data([pair for record in records for pair in record.dropped if pair[0] in deleted])
        self._update_videos(found.values(), lambda record: _mark_confirmed(record, indexed, tokens, deleted))
        referenced = {track.number for record in records for track in record.tracks}
        referenced |= {track_id for record in records for track_id, _ in record.dropped}
        self._record_orphaned(indexed - referenced, deleted)

    def _update_videos(self, found: Iterable[SearchedDocument], edit: Callable[[VideoRecord], VideoRecord]) -> None:
        """Edit the videos *found* in few requests; those that have changed since are edited as they are now."""
        writes = (
            BulkWrite(each.id, build_video_document(edit(parse_video_record(each.source))), version=each.version)
            for each in found
        )
        for name in self._indices.videos.bulk_write(writes):
            self._indices.videos.update(name, _as_document_edit(edit))

    def _record_orphaned(self, tracks: set[int], deleted: set[int]) -> None:
        """Record that *tracks* were removed while they were indexed, and that the engine has *deleted* others."""

        def edit_orphaned(settings: JsonObject) -> JsonObject:
            orphaned = sorted((set(settings["astray"]) - deleted) | tracks)
            return {"astray": orphaned} if orphaned != settings["astray"] else {}

        if tracks or set(self._indices.read_settings()["astray"]) & deleted:
            self._indices.update_settings(edit_orphaned)

    def _delete_track_data(self, dropped: Sequence[tuple[int, int]]) -> None:
        """Delete the blocks and captions of tracks that the engine has deleted."""
        self._indices.blocks.bulk_write(
            BulkWrite(str(make_passage_id(track_id, at)), action="delete")
            for track_id, count in dropped
            for at in range(count)
        )
        self._indices.captions.bulk_write(BulkWrite(str(track_id), action="delete") for track_id, _ in dropped)

    def _collect_garbage_videos(self, removed: Iterator[SearchedDocument]) -> None:
        """Delete the documents of removed videos whose tracks the engine has deleted."""
        for each in removed:
            self._unlink_embeds(each.source["name"])
            self._indices.videos.delete(each.id, version=each.version)

    @abstractmethod
    def _unlink_embeds(self, name: str) -> None:
        """Remove the video *name* from the embeds that led to it."""

    # Updating videos

    def _mark_video_pending(self, name: str) -> None:
        """Mark a video to be indexed again, because the fields that filter it have changed."""
        self._indices.videos.update(document_key(name), _as_document_edit(lambda record: record.mark_tracks("lacking")))

    def _propagate_article(self, document: SearchedDocument | None) -> None:
        """Mark the videos of a changed article as pending."""
        videos = tuple(document.source["tell"]) if document else ()
        for name in videos:
            self._mark_video_pending(name)
        if document and document.source["removed"]:
            self._indices.articles.delete(document.id, version=document.version)
        elif document and videos:
            self._indices.articles.update_known(document.id, document, lambda source: _mark_propagated(source, videos))

    def _propagate_remaining(self) -> None:
        """Complete the updates that crashed machines have left unfinished."""
        self._indices.articles.refresh()
        query = {"bool": {"should": [{"term": {"untold": True}}, {"term": {"removed": True}}]}}
        for each in self._indices.articles.search_first(query, sort=SORT_BY_ADDED, limit=_BATCH_DOCUMENTS, fields=[]):
            self._propagate_article(self._indices.articles.get(each.id))
        for track_ids in self._track_ids.abandoned_ranges():
            self._collect_garbage_tracks(track_ids)

    def _collect_garbage_tracks(self, track_ids: range) -> None:
        """Delete the data of *track_ids* that no video names: their machine crashed before it registered them."""
        self._indices.videos.refresh()
        fields = ("numbers", "dropped_numbers")
        named = {n for field in fields for each in self._find_videos(field, track_ids) for n in each.source[field]}
        unnamed = (str(track_id) for track_id in track_ids if track_id not in named)
        garbage = self._indices.captions.get_many(unnamed, fields=["blocks"])
        self._delete_track_data([(int(track_id), source["blocks"]) for track_id, source in garbage.items()])
        self._track_ids.release_ranges({track_ids.start})

    # Engines

    def register_engine(self, name: str, folder: str) -> None:
        self._indices.update_settings(
            lambda settings: {} if settings["engine"] else {"engine": name, "engine_folder": folder}
        )

    @contextmanager
    def rebuild_lock(self) -> Iterator[None]:
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
        """Renew the rebuild lock, if this machine holds it, from time to time."""
        if self._rebuilder and time.monotonic() - self._last_heartbeat > _HEARTBEAT_INTERVAL_S:
            self._indices.update_settings(self._as_rebuilder({"maker_until": time.time() + _REBUILD_LEASE_S}))
            self._last_heartbeat = time.monotonic()

    def _as_rebuilder(self, change: JsonObject) -> Callable[[JsonObject], JsonObject]:
        """Return an edit that applies *change* to the settings if this machine still holds the rebuild lock."""

        def edit_settings(settings: JsonObject) -> JsonObject:
            if settings["maker"] != self._rebuilder:
                raise rebuild_conflict(self.endpoint)
            return change

        return edit_settings

    def switch_engine(self, name: str, folder: str, *, gist: str = "") -> None:
        settings = self._indices.read_settings()
        retired = [*settings["left"], [settings["engine_folder"], time.time()]] if settings["engine_folder"] else []
        change = {"engine": name, "engine_folder": folder, "left": retired, "gist": gist}
        self._indices.update_settings(self._as_rebuilder(change))
        query = {"bool": {"filter": [{"term": {"holder": self._rebuilder}}]}}
        self._indices.videos.refresh()
        tokens = {self._rebuilder}
        batch: list[SearchedDocument] = []
        for each in self._indices.videos.search(query, sort=SORT_BY_ADDED):
            batch.append(each)
            if len(batch) == _BATCH_DOCUMENTS:
                self._update_videos(batch, lambda record: _mark_confirmed(record, None, tokens, set()))
                batch = []
        self._update_videos(batch, lambda record: _mark_confirmed(record, None, tokens, set()))

    def register_gist(self, gist: str) -> None:
        self._indices.update_settings(lambda _: {"gist": gist})

    def retired_engines(self, *, after_s: float = 0.0) -> list[str]:
        return [folder for folder, since in self._indices.read_settings()["left"] if time.time() - since > after_s]

    def forget_engine(self, folder: str) -> None:
        self._indices.update_settings(
            lambda settings: {"left": [pair for pair in settings["left"] if pair[0] != folder]}
        )


def _as_document_edit(edit: Callable[[VideoRecord], VideoRecord]) -> Callable[[JsonObject | None], JsonObject | None]:
    """Return *edit* as an edit of a document, which is not written if nothing changes."""

    def edit_document(source: JsonObject | None) -> JsonObject | None:
        if source is None:
            return None
        before = parse_video_record(source)
        after = edit(before)
        return build_video_document(after) if after != before else None

    return edit_document


def _mark_claimed(record: VideoRecord, tracks: set[int], token: str, until: float) -> VideoRecord:
    return replace(
        record.mark_tracks("held", where=lambda stored: stored.number in tracks), holder=token, lease_until=until
    )


def _mark_confirmed(record: VideoRecord, tracks: set[int] | None, tokens: set[str], dropped: set[int]) -> VideoRecord:
    """Return the record after *tracks*, or all tracks for None, were indexed and *dropped* ones were deleted.

    If none of *tokens* holds the claim any more, the tracks are marked to be indexed again.
    """

    def is_selected(stored: StoredTrack) -> bool:
        return tracks is None or stored.number in tracks

    if record.holder in tokens:
        record = record.mark_tracks("given", where=lambda stored: is_selected(stored) and stored.state == "held")
        record = replace(record, holder="", lease_until=0.0)
    else:
        record = record.mark_tracks("lacking", where=is_selected)
    return replace(record, dropped=tuple(pair for pair in record.dropped if pair[0] not in dropped))


def _mark_propagated(source: JsonObject | None, propagated: Sequence[str]) -> JsonObject | None:
    if source is None:
        return None
    tell = [name for name in source["tell"] if name not in propagated]
    return source | {"tell": tell, "untold": bool(tell)}
