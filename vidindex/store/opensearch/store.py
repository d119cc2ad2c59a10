"""The store on a cluster: a document for each article and video, changed by one write that nobody else's comes between.

There are no transactions over documents.  So what goes together stands in one document (a video with its tracks and
what the engine knows of them, an article with its embeds), or is written in an order that may be broken off anywhere:

- The bytes and blocks of a track are there before its video names it: half a track is never seen.
- An article notes in the write that changes it which videos are to be told, and the note goes when they were.  Whoever
  feeds the engine next sees to what is left.
- A video that is removed stays as a note until the engine has forgotten its tracks and the articles their video.
"""

from __future__ import annotations

import base64
import json
import time
import zlib
from collections.abc import Callable, Sequence
from dataclasses import replace
from functools import cached_property

from ...errors import NotIndexedError
from ...model import Article, Embed, EmbedRecord, Track, Transcript, Video, make_passage_id
from .. import transcript_blocks as blocks
from ..base import StoreChange
from ..sqlite.reader import hash_captions
from .bulk import BulkWrite
from .client import JsonObject, to_json
from .index_sync import OpenSearchIndexSync
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
from .task_documents import document_key

__all__ = ["OpenSearchStore"]

_ZLIB_LEVEL = 4
_PLACEHOLDER_TRACK = Track("", "none", "")  # type: ignore[arg-type] # stands for a video without captions


class OpenSearchStore(OpenSearchIndexSync):
    """The store at an endpoint.  Safe to use from several threads, processes and machines."""

    @cached_property
    def queue(self) -> OpenSearchQueue:
        """What is to be done, and how it went."""
        return OpenSearchQueue(self._indices.tasks, self)

    # Articles

    def put_article(self, article: Article, embeds: Sequence[Embed]) -> StoreChange:
        """Record *article* with its *embeds*, in order; embeds that it has no longer are forgotten."""
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
                told = dict.fromkeys((*after.unpropagated, *before.videos, *after.videos))
                document = build_article_document(replace(after, unpropagated=tuple(told)))
            return document

        self._indices.articles.update(document_key(article.url), edit_article)
        if change == "replaced":
            self._propagate_article(article.url)
        return change

    def set_embed_state(self, article: str, embed: str, *, state: str, reason: str = "", video: str = "") -> None:
        """Record how the embed with URL *embed* in *article* went, and the id of its *video*."""
        known = video if video and self._find_video_record(video) else ""

        def edit_embed(old: EmbedRecord) -> EmbedRecord:
            if old.embed.url != embed:
                return old
            kept = old.reason if state == "dead" and not reason else reason  # what the archive said once
            return replace(old, state=state, reason=kept, video=known or old.video)

        if self._update_embeds(article, edit_embed, propagate_to=(known,) if known else ()):
            self._propagate_article(article)

    def _update_embeds(
        self, article: str, edit: Callable[[EmbedRecord], EmbedRecord], *, propagate_to: tuple[str, ...] = ()
    ) -> bool:
        """Change the states of embeds of *article*; tell whether any changed."""
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

        self._indices.articles.update(document_key(article), edit_article)
        return changed

    def remove_article(self, url: str) -> list[str]:
        """Forget an article; its videos stay.  Gives the ids of those that no other article embeds."""
        record = self._find_article_record(url)
        if record is None:
            return []

        def mark_removed(source: JsonObject | None) -> JsonObject | None:
            before = _parse_live_article(source)
            return build_article_document(replace(before, removed=True, unpropagated=before.videos)) if before else None

        self._indices.articles.update(document_key(url), mark_removed)
        self._propagate_article(url)
        self._indices.articles.refresh()
        elsewhere = self._articles_by_video(record.videos)
        self.queue.remove_article_tasks(url, [state.embed.url for state in record.embeds])
        return [name for name in record.videos if name not in elsewhere and self._find_video_record(name)]

    # Videos

    def put_video(self, video: Video, *, last_checked: float | None = None) -> StoreChange:
        """Record *video*; its passages are indexed again where what they can be filtered by changed.

        It counts as asked for now, or at the time *checked*.
        """
        change: StoreChange = "unchanged"
        stamp = _now_us()
        silent = (StoredTrack(self._track_ids.allocate_id(), _PLACEHOLDER_TRACK),)

        def edit_video(source: JsonObject | None) -> JsonObject:
            nonlocal change
            now = time.time() if last_checked is None else last_checked
            before = parse_video_record(source) if source else None
            if before is None or before.removed:
                change = "added"
                dropped = before.drop_tracks(before.tracks).dropped if before else ()
                return build_video_document(VideoRecord(video, stamp, now, silent, dropped))
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
        """Record that the video at *url*, or that its embeds play, is no more at its site since today."""
        own = {state.video for state in self.list_embeds(url=url) if state.video and not state.is_replaced}
        for name in {*own, *(video.id for video in self.list_videos(url=url))}:
            self._update_video(name, _mark_unavailable)

    def remove_video(self, name: str) -> bool:
        """Forget a video with all its tracks; tell whether there was one."""
        if self._find_video_record(name) is None:
            return False
        self._update_video(name, lambda record: replace(record.drop_tracks(record.tracks), removed=True))
        self._unlink_embeds(name)
        self.queue.remove_video_tasks(name)
        return True

    def _unlink_embeds(self, name: str) -> None:
        """Have no embed lead to a video that was removed."""

        def mark_embed_removed(state: EmbedRecord) -> EmbedRecord:
            return replace(state, state="removed", reason="", video="") if state.video == name else state

        for article in {state.article for state in self.list_embeds(video=name)}:
            self._update_embeds(article, mark_embed_removed)

    def _update_video(self, name: str, edit: Callable[[VideoRecord], VideoRecord]) -> None:
        def edit_video(source: JsonObject | None) -> JsonObject | None:
            before = parse_video_record(source) if source and not source["removed"] else None
            return build_video_document(edit(before)) if before else None

        self._indices.videos.update(document_key(name), edit_video)

    # Tracks

    def put_track(self, video: str, track: Track, raw: bytes, transcript: Transcript) -> StoreChange:
        """Record a track of *video* with its raw bytes and transcript, replacing that of its language and origin."""
        name = hash_captions(raw)
        known = self._find_video_record(video)
        if known and known.has_track(track, name):
            return "unchanged"
        with self._track_ids.reserve_id() as number:
            written = self._write_track(number, video, raw, transcript)
            return self._register_track(video, StoredTrack(number, track, name, len(transcript.words), written))

    def _register_track(self, video: str, stored: StoredTrack) -> StoreChange:
        """Have *video* name a track whose bytes and blocks are there; they go again where it has the same already."""
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
            self._indices.videos.update(document_key(video), add_track)
        finally:
            if change == "unchanged":  # another was faster, with the same
                self._delete_track_data([(stored.number, stored.blocks)])
        return change

    def replace_transcript(self, track: int, transcript: Transcript) -> bool:
        """Replace the transcript of *track*, made anew from its raw bytes; tell whether it changed."""
        self._heartbeat()
        found = [
            (record, kept)
            for record in self._videos_with_tracks([track])
            for kept in record.tracks
            if kept.number == track
        ]
        if not found:
            return False
        record, kept = found[0]
        after = replace(kept, words=len(transcript.words), state="lacking")
        packed = list(blocks.pack_blocks(transcript))
        before = self._read_blocks([make_passage_id(track, at) for at in range(kept.blocks)])
        if list(before.values()) == packed and (kept.words, kept.blocks) == (after.words, len(packed)):
            return False
        # Marked before and after: if this is broken off, all of it is found to be otherwise than it was the next time.
        self._replace_track(record.video.id, replace(after, words=-1, blocks=max(kept.blocks, len(packed))))
        self._write_blocks(track, packed)
        extra = range(len(packed), kept.blocks)
        self._indices.blocks.bulk_write(BulkWrite(str(make_passage_id(track, at)), action="delete") for at in extra)
        self._replace_track(record.video.id, replace(after, blocks=len(packed)))
        self._indices.update_settings(lambda settings: {"renewed": settings["renewed"] + 1})
        return True

    def _replace_track(self, video: str, after: StoredTrack) -> None:
        def swap_track(record: VideoRecord) -> VideoRecord:
            tracks = (after if kept.number == after.number else kept for kept in record.tracks)
            return replace(record, tracks=tuple(tracks))

        self._update_video(video, swap_track)

    def _write_track(self, number: int, video: str, raw: bytes, transcript: Transcript) -> int:
        """Write the bytes of a track and its transcript; gives how many blocks that made."""
        body = list(blocks.pack_blocks(transcript))
        packed = base64.b64encode(zlib.compress(raw, _ZLIB_LEVEL)).decode()
        self._indices.captions.bulk_write(
            [BulkWrite(str(number), {"video": video, "raw": packed, "blocks": len(body)})]
        )
        return self._write_blocks(number, body)

    def _write_blocks(self, number: int, packed: Sequence[bytes]) -> int:
        self._indices.blocks.bulk_write(
            BulkWrite(str(make_passage_id(number, at)), {"body": base64.b64encode(body).decode()})
            for at, body in enumerate(packed)
        )
        return len(packed)


def _parse_live_article(source: JsonObject | None) -> ArticleRecord | None:
    return parse_article_record(source) if source and not source["removed"] else None


def _merge_embeds(before: ArticleRecord | None, article: Article, embeds: Sequence[Embed], stamp: int) -> ArticleRecord:
    """Give *article* with *embeds*; what is known of one stays."""
    known = {state.embed.url: state for state in before.embeds} if before else {}
    listed = {embed.url: embed for embed in embeds}
    states = (
        replace(known[url], embed=embed)
        if url in known
        else EmbedRecord(embed, article.url, "dead" if embed.dead else "waiting")
        for url, embed in listed.items()
    )
    added, tell = (before.added_us, before.unpropagated) if before else (stamp, ())
    return ArticleRecord(article, added, tuple(states), tell)


def _is_unchanged(document: JsonObject, source: JsonObject | None) -> bool:
    """Tell whether *document* is what is there, as it is read back."""
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
