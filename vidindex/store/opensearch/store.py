"""The store on a cluster: one document per article or video, updated with compare-and-set.

There are no transactions over several documents.  So whatever must change together is one document: a video with its
tracks and their index states, an article with its embeds.  Other changes are written in an order that may be
interrupted anywhere:

- The bytes and blocks of a track are written before its video names it, so an incomplete track is never visible.
- The write that changes an article also lists the videos to mark as pending; the list is removed once they are marked.
  The next machine that updates the engine handles lists that are left behind.
- The document of a removed video stays until the engine has deleted its tracks and no embed leads to it.
"""

from __future__ import annotations

import base64
import json
import time
from collections.abc import Callable, Sequence
from dataclasses import replace
from functools import cached_property

from ...errors import NotIndexedError
from ...model import Article, Embed, EmbedRecord, EmbedState, Track, Transcript, Video, make_passage_id
from ..base import StoreChange
from ..packed_track import PackedTrack, pack_track
from .bulk import BulkWrite
from .client import JsonObject, to_json
from .documents import SearchedDocument
from .queue import OpenSearchQueue
from .records import (
    ArticleRecord,
    StoredTrack,
    VideoRecord,
    build_article_document,
    build_video_document,
    parse_article_record,
    parse_video_record,
)
from .reviews import OpenSearchReviews
from .task_documents import document_key

__all__ = ["OpenSearchStore"]

_PLACEHOLDER_TRACK = Track("", "none", "")  # type: ignore[arg-type] # the track of a video without captions


class OpenSearchStore(OpenSearchReviews):
    """The store on a cluster.  Safe to use from several threads, processes and machines."""

    _refuses_older_versions = False

    @cached_property
    def queue(self) -> OpenSearchQueue:
        """The work queue of the index; always the same object, because it prefetches tasks."""
        return OpenSearchQueue(self._indices.tasks, self)

    # Articles

    def put_article(self, article: Article, embeds: Sequence[Embed]) -> StoreChange:
        change: StoreChange = "unchanged"
        stamp = _now_us()

        def edit_article(source: JsonObject | None) -> JsonObject | None:
            nonlocal change
            before = _parse_live_article(source)
            after = _merge_embeds(before, article, embeds, stamp)
            document = build_article_document(after)
            if before is None or before.added_us == stamp:
                change = "added"
            elif _is_unchanged(document, source):
                change = "unchanged"
                return None
            else:
                change = "replaced"
                unpropagated = dict.fromkeys((*after.unpropagated, *before.videos, *after.videos))
                document = build_article_document(replace(after, unpropagated=tuple(unpropagated)))
            return document

        written = self._indices.articles.update_known(document_key(article.url), None, edit_article)
        if change == "replaced":
            self._propagate_article(written)
        return change

    def set_embed_state(
        self, article: str, embed: str, *, state: EmbedState, reason: str = "", video: str = ""
    ) -> None:
        existing_video = video if video and self._find_video_record(video) else ""

        def edit_embed(old: EmbedRecord) -> EmbedRecord:
            if old.embed.url != embed:
                return old
            new_reason = old.reason if state == "dead" and not reason else reason  # keep the archive's answer
            return replace(old, state=state, reason=new_reason, video=existing_video or old.video)

        written = self._update_embeds(article, edit_embed, propagate_to=(existing_video,) if existing_video else ())
        self._propagate_article(written)

    def _update_embeds(
        self, article: str, edit: Callable[[EmbedRecord], EmbedRecord], *, propagate_to: tuple[str, ...] = ()
    ) -> SearchedDocument | None:
        """Edit the embeds of *article*; return its document if any changed."""
        changed = False

        def edit_article(source: JsonObject | None) -> JsonObject | None:
            nonlocal changed
            before = _parse_live_article(source)
            embeds = tuple(map(edit, before.embeds)) if before else ()
            changed = before is not None and embeds != before.embeds
            if before is None or not changed:
                return None
            return build_article_document(
                replace(before, embeds=embeds, unpropagated=tuple(dict.fromkeys((*before.unpropagated, *propagate_to))))
            )

        written = self._indices.articles.update_known(document_key(article), None, edit_article)
        return written if changed else None

    def remove_article(self, url: str) -> list[str]:
        record = self._find_article_record(url)
        if record is None:
            return []

        def mark_removed(source: JsonObject | None) -> JsonObject | None:
            before = _parse_live_article(source)
            return build_article_document(replace(before, removed=True, unpropagated=before.videos)) if before else None

        self._propagate_article(self._indices.articles.update_known(document_key(url), None, mark_removed))
        self._indices.articles.refresh()
        elsewhere = self._articles_by_video(record.videos)
        self.queue.remove_article_tasks(url, [each.embed.url for each in record.embeds])
        return [name for name in record.videos if name not in elsewhere and self._find_video_record(name)]

    # Videos

    def put_video(self, video: Video, *, last_checked: float | None = None) -> StoreChange:
        change: StoreChange = "unchanged"
        stamp = _now_us()
        placeholder = (StoredTrack(self._track_ids.allocate_id(), _PLACEHOLDER_TRACK),)

        def edit_video(source: JsonObject | None) -> JsonObject:
            nonlocal change
            now = time.time() if last_checked is None else last_checked
            before = parse_video_record(source) if source else None
            if before is None or before.removed:
                change = "added"
                dropped = before.drop_tracks(before.tracks).dropped if before else ()
                return build_video_document(VideoRecord(video, stamp, now, placeholder, dropped))
            after = replace(before, video=video, last_checked=now)
            if before.added_us == stamp:
                change = "added"
            elif _is_unchanged(build_video_document(replace(after, last_checked=before.last_checked)), source):
                change = "unchanged"
            else:
                change = "replaced"
                after = after.mark_tracks("lacking")
            return build_video_document(after)

        self._indices.videos.update(document_key(video.id), edit_video)
        return change

    def mark_unavailable(self, url: str) -> None:
        embedded = {each.video for each in self.list_embeds(url=url) if each.video and not each.is_replaced}
        for name in {*embedded, *(video.id for video in self.list_videos(url=url))}:
            self._update_video(name, _mark_unavailable)

    def remove_video(self, name: str) -> bool:
        if self._find_video_record(name) is None:
            return False
        self._update_video(name, lambda record: replace(record.drop_tracks(record.tracks), removed=True))
        self._unlink_embeds(name)
        self.queue.remove_video_tasks(name)
        return True

    def _unlink_embeds(self, name: str) -> None:
        def mark_embed_removed(record: EmbedRecord) -> EmbedRecord:
            return replace(record, state="removed", reason="", video="") if record.video == name else record

        for article in {each.article for each in self.list_embeds(video=name)}:
            self._update_embeds(article, mark_embed_removed)

    def _update_video(self, name: str, edit: Callable[[VideoRecord], VideoRecord]) -> None:
        def edit_video(source: JsonObject | None) -> JsonObject | None:
            before = parse_video_record(source) if source and not source["removed"] else None
            return build_video_document(edit(before)) if before else None

        self._indices.videos.update(document_key(name), edit_video)

    # Tracks

    def put_track(self, video: str, track: Track, raw: bytes, transcript: Transcript) -> StoreChange:
        return self.put_packed_track(video, track, pack_track(raw, transcript))

    def put_packed_track(self, video: str, track: Track, packed: PackedTrack) -> StoreChange:
        known = self._indices.videos.get(document_key(video))
        if known and not known.source["removed"] and parse_video_record(known.source).has_track(track, packed.digest):
            return "unchanged"
        with self._track_ids.reserve_id() as track_id:
            self._write_track(track_id, video, packed)
            stored = StoredTrack(track_id, track, packed.digest, packed.words, len(packed.blocks))
            return self._register_track(video, stored, known)

    def _register_track(self, video: str, stored: StoredTrack, known: SearchedDocument | None) -> StoreChange:
        """Add a written track to *video*; delete its bytes and blocks again if the video already has the same track."""
        change: StoreChange = "unchanged"

        def add_track(source: JsonObject | None) -> JsonObject | None:
            nonlocal change
            before = parse_video_record(source) if source else None
            if before is None or before.removed:
                raise NotIndexedError(video)
            if before.has_track(stored.track, stored.digest):
                return None
            self._track_ids.check_age(stored.number)
            former = before.find_track(stored.track)
            change = "replaced" if former else "added"
            rest = before.drop_tracks([each for each in before.tracks if each.is_placeholder or each == former])
            return build_video_document(replace(rest, tracks=(*rest.tracks, stored)))

        try:
            self._indices.videos.update_known(document_key(video), known, add_track)
        finally:
            if change == "unchanged":  # another machine has just added the same track
                self._delete_track_data([(stored.number, stored.blocks)])
        return change

    def replace_transcript(self, track: int, transcript: Transcript) -> bool:
        return self.replace_blocks(track, pack_track(b"", transcript), transcript.warnings)

    def replace_blocks(self, track: int, packed: PackedTrack, warnings: tuple[str, ...]) -> bool:
        self._heartbeat()
        found = [
            (record, stored)
            for record in self._videos_with_tracks([track])
            for stored in record.tracks
            if stored.number == track
        ]
        if not found:
            return False
        record, stored = found[0]
        described = replace(stored.track, warnings=warnings)
        after = replace(stored, track=described, words=packed.words, state="lacking")
        before = self._read_blocks([make_passage_id(track, at) for at in range(stored.blocks)])
        count = len(packed.blocks)
        if tuple(before.values()) == packed.blocks and (stored.words, stored.blocks) == (after.words, count):
            if described != stored.track:
                self._replace_track(record.video.id, replace(stored, track=described))
            return False
        # Marked as changed before and after: an interrupted update differs from its transcript, so it is repeated.
        self._replace_track(record.video.id, replace(after, words=-1, blocks=max(stored.blocks, count)))
        self._write_blocks(track, packed.blocks)
        extra = range(count, stored.blocks)
        self._indices.blocks.bulk_write(BulkWrite(str(make_passage_id(track, at)), action="delete") for at in extra)
        self._replace_track(record.video.id, replace(after, blocks=count))
        self._indices.update_settings(lambda settings: {"renewed": settings["renewed"] + 1})
        return True

    def _replace_track(self, video: str, after: StoredTrack) -> None:
        def swap_track(record: VideoRecord) -> VideoRecord:
            tracks = (after if stored.number == after.number else stored for stored in record.tracks)
            return replace(record, tracks=tuple(tracks))

        self._update_video(video, swap_track)

    def _write_track(self, track_id: int, video: str, packed: PackedTrack) -> None:
        """Write the bytes and the transcript of a track."""
        encoded = base64.b64encode(packed.raw).decode()
        self._indices.captions.bulk_write(
            [BulkWrite(str(track_id), {"video": video, "raw": encoded, "blocks": len(packed.blocks)})]
        )
        self._write_blocks(track_id, packed.blocks)

    def _write_blocks(self, track_id: int, packed: Sequence[bytes]) -> None:
        if not self._refuses_older_versions:
            self._indices.refuse_older_versions()
            self._refuses_older_versions = True
        self._indices.blocks.bulk_write(
            BulkWrite(str(make_passage_id(track_id, at)), {"body": base64.b64encode(body).decode()})
            for at, body in enumerate(packed)
        )


def _parse_live_article(source: JsonObject | None) -> ArticleRecord | None:
    return parse_article_record(source) if source and not source["removed"] else None


def _merge_embeds(before: ArticleRecord | None, article: Article, embeds: Sequence[Embed], stamp: int) -> ArticleRecord:
    """Return the record of *article* with *embeds*; the states of existing embeds stay."""
    existing = {each.embed.url: each for each in before.embeds} if before else {}
    listed = {embed.url: embed for embed in embeds}
    records = (
        replace(existing[url], embed=embed)
        if url in existing
        else EmbedRecord(embed, article.url, "dead" if embed.dead else "waiting")
        for url, embed in listed.items()
    )
    if before is None:
        return ArticleRecord(article, stamp, tuple(records))
    return replace(before, article=article, embeds=tuple(records))


def _is_unchanged(document: JsonObject, source: JsonObject | None) -> bool:
    """Return whether *document* equals the stored *source* after a JSON round trip."""
    return bool(source) and json.loads(to_json(document)) == source


def _mark_unavailable(record: VideoRecord) -> VideoRecord:
    today = time.strftime("%Y-%m-%d", time.gmtime())
    return replace(
        record,
        last_checked=time.time(),
        video=replace(record.video, unavailable_since=record.video.unavailable_since or today),
    )


def _now_us() -> int:
    return time.time_ns() // 1000
