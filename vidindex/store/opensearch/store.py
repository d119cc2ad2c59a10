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
from ...model import Article, Embed, EmbedState, Track, Transcript, Video, passage_id
from .. import transcript_blocks as blocks
from ..base import Change
from ..sqlite.reader import digest
from .bulk import Write
from .client import Json, written
from .index_sync import Feeding
from .queue import Queue
from .records import (
    ArticleRecord,
    Kept,
    VideoRecord,
    article_document,
    read_article,
    read_video,
    video_document,
)
from .task_documents import name_of

__all__ = ["ClusterStore"]

_LEVEL = 4
_SILENT = Track("", "none", "")  # type: ignore[arg-type] # stands for a video without captions


class ClusterStore(Feeding):
    """The store at an endpoint.  Safe to use from several threads, processes and machines."""

    @cached_property
    def queue(self) -> Queue:
        """What is to be done, and how it went."""
        return Queue(self._all.tasks, self)

    # Articles

    def put_article(self, article: Article, embeds: Sequence[Embed]) -> Change:
        """Record *article* with its *embeds*, in order; embeds that it has no longer are forgotten."""
        change: Change = "unchanged"
        stamp = _now_us()

        def edit(source: Json | None) -> Json | None:
            nonlocal change
            before = _article_record(source)
            after = _with_embeds(before, article, embeds, stamp)
            document = article_document(after)
            if before is None or before.added == stamp:
                change = "added"
            elif _same(document, source):
                change = "unchanged"
                return None
            else:
                change = "replaced"
                told = dict.fromkeys((*after.tell, *before.videos, *after.videos))
                document = article_document(replace(after, tell=tuple(told)))
            return document

        self._all.articles.change(name_of(article.url), edit)
        if change == "replaced":
            self._tell(article.url)
        return change

    def settle(self, article: str, embed: str, *, state: str, reason: str = "", video: str = "") -> None:
        """Record how the embed with URL *embed* in *article* went, and the id of its *video*."""
        known = video if video and self._record(video) else ""

        def settled(old: EmbedState) -> EmbedState:
            if old.embed.url != embed:
                return old
            kept = old.reason if state == "dead" and not reason else reason  # what the archive said once
            return replace(old, state=state, reason=kept, video=known or old.video)

        if self._change_embeds(article, settled, tell=(known,) if known else ()):
            self._tell(article)

    def _change_embeds(
        self, article: str, edit: Callable[[EmbedState], EmbedState], *, tell: tuple[str, ...] = ()
    ) -> bool:
        """Change the states of embeds of *article*; tell whether any changed."""
        changed = False

        def edited(source: Json | None) -> Json | None:
            nonlocal changed
            before = _article_record(source)
            embeds = tuple(map(edit, before.embeds)) if before else ()
            changed = before is not None and embeds != before.embeds
            if before is None or not changed:
                return None
            return article_document(replace(before, embeds=embeds, tell=tuple(dict.fromkeys((*before.tell, *tell)))))

        self._all.articles.change(name_of(article), edited)
        return changed

    def remove_article(self, url: str) -> list[str]:
        """Forget an article; its videos stay.  Gives the ids of those that no other article embeds."""
        record = self._article(url)
        if record is None:
            return []

        def edit(source: Json | None) -> Json | None:
            before = _article_record(source)
            return article_document(replace(before, removed=True, tell=before.videos)) if before else None

        self._all.articles.change(name_of(url), edit)
        self._tell(url)
        self._all.articles.refresh()
        elsewhere = self._embedding(record.videos)
        self.queue.forget_article(url, [state.embed.url for state in record.embeds])
        return [name for name in record.videos if name not in elsewhere and self._record(name)]

    # Videos

    def put_video(self, video: Video, *, checked: float | None = None) -> Change:
        """Record *video*; its passages are indexed again where what they can be filtered by changed.

        It counts as asked for now, or at the time *checked*.
        """
        change: Change = "unchanged"
        stamp = _now_us()
        silent = (Kept(self._numbers.take(), _SILENT),)

        def edit(source: Json | None) -> Json:
            nonlocal change
            now = time.time() if checked is None else checked
            before = read_video(source) if source else None
            if before is None or before.removed:
                change = "added"
                dropped = before.without(before.tracks).dropped if before else ()
                return video_document(VideoRecord(video, stamp, now, silent, dropped))
            after = replace(before, video=video, checked=now)
            if before.added == stamp:
                change = "added"
            elif _same(video_document(replace(after, checked=before.checked)), source):
                change = "unchanged"
            else:
                change = "replaced"
                after = after.marked("lacking")
            return video_document(after)

        self._all.videos.change(name_of(video.id), edit)
        return change

    def mark_gone(self, url: str) -> None:
        """Record that the video at *url*, or that its embeds play, is no more at its site since today."""
        own = {state.video for state in self.embeds(url=url) if state.video and not state.is_replaced}
        for name in {*own, *(video.id for video in self.videos(url=url))}:
            self._change_video(name, _gone)

    def remove_video(self, name: str) -> bool:
        """Forget a video with all its tracks; tell whether there was one."""
        if self._record(name) is None:
            return False
        self._change_video(name, lambda record: replace(record.without(record.tracks), removed=True))
        self._unlink(name)
        self.queue.forget_video(name)
        return True

    def _unlink(self, name: str) -> None:
        """Have no embed lead to a video that was removed."""

        def edit(state: EmbedState) -> EmbedState:
            return replace(state, state="removed", reason="", video="") if state.video == name else state

        for article in {state.article for state in self.embeds(video=name)}:
            self._change_embeds(article, edit)

    def _change_video(self, name: str, edit: Callable[[VideoRecord], VideoRecord]) -> None:
        def edited(source: Json | None) -> Json | None:
            before = read_video(source) if source and not source["removed"] else None
            return video_document(edit(before)) if before else None

        self._all.videos.change(name_of(name), edited)

    # Tracks

    def put_track(self, video: str, track: Track, raw: bytes, transcript: Transcript) -> Change:
        """Record a track of *video* with its raw bytes and transcript, replacing that of its language and origin."""
        name = digest(raw)
        known = self._record(video)
        if known and known.has(track, name):
            return "unchanged"
        with self._numbers.writing() as number:
            written = self._write_track(number, video, raw, transcript)
            return self._name_track(video, Kept(number, track, name, len(transcript.words), written))

    def _name_track(self, video: str, kept: Kept) -> Change:
        """Have *video* name a track whose bytes and blocks are there; they go again where it has the same already."""
        change: Change = "unchanged"

        def edit(source: Json | None) -> Json | None:
            nonlocal change
            before = read_video(source) if source else None
            if before is None or before.removed:
                raise NotIndexedError(video)
            if before.has(kept.track, kept.digest):
                return None
            self._numbers.check(kept.number)
            former = before.find(kept.track)
            change = "replaced" if former else "added"
            rest = before.without([each for each in before.tracks if each.is_silent or each == former])
            return video_document(replace(rest, tracks=(*rest.tracks, kept)))

        try:
            self._all.videos.change(name_of(video), edit)
        finally:
            if change == "unchanged":  # another was faster, with the same
                self._erase([(kept.number, kept.blocks)])
        return change

    def renew_transcript(self, track: int, transcript: Transcript) -> bool:
        """Replace the transcript of *track*, made anew from its raw bytes; tell whether it changed."""
        self._beat()
        found = [(record, kept) for record in self._holding([track]) for kept in record.tracks if kept.number == track]
        if not found:
            return False
        record, kept = found[0]
        after = replace(kept, words=len(transcript.words), state="lacking")
        packed = list(blocks.pack(transcript))
        before = self._bodies([passage_id(track, at) for at in range(kept.blocks)])
        if list(before.values()) == packed and (kept.words, kept.blocks) == (after.words, len(packed)):
            return False
        # Marked before and after: if this is broken off, all of it is found to be otherwise than it was the next time.
        self._replace_track(record.video.id, replace(after, words=-1, blocks=max(kept.blocks, len(packed))))
        self._write_blocks(track, packed)
        extra = range(len(packed), kept.blocks)
        self._all.blocks.bulk(Write(str(passage_id(track, at)), action="delete") for at in extra)
        self._replace_track(record.video.id, replace(after, blocks=len(packed)))
        self._all.set(lambda settings: {"renewed": settings["renewed"] + 1})
        return True

    def _replace_track(self, video: str, after: Kept) -> None:
        def edit(record: VideoRecord) -> VideoRecord:
            tracks = (after if kept.number == after.number else kept for kept in record.tracks)
            return replace(record, tracks=tuple(tracks))

        self._change_video(video, edit)

    def _write_track(self, number: int, video: str, raw: bytes, transcript: Transcript) -> int:
        """Write the bytes of a track and its transcript; gives how many blocks that made."""
        body = list(blocks.pack(transcript))
        packed = base64.b64encode(zlib.compress(raw, _LEVEL)).decode()
        self._all.captions.bulk([Write(str(number), {"video": video, "raw": packed, "blocks": len(body)})])
        return self._write_blocks(number, body)

    def _write_blocks(self, number: int, packed: Sequence[bytes]) -> int:
        self._all.blocks.bulk(
            Write(str(passage_id(number, at)), {"body": base64.b64encode(body).decode()})
            for at, body in enumerate(packed)
        )
        return len(packed)


def _article_record(source: Json | None) -> ArticleRecord | None:
    return read_article(source) if source and not source["removed"] else None


def _with_embeds(before: ArticleRecord | None, article: Article, embeds: Sequence[Embed], stamp: int) -> ArticleRecord:
    """Give *article* with *embeds*; what is known of one stays."""
    known = {state.embed.url: state for state in before.embeds} if before else {}
    listed = {embed.url: embed for embed in embeds}
    states = (
        replace(known[url], embed=embed)
        if url in known
        else EmbedState(embed, article.url, "dead" if embed.dead else "waiting")
        for url, embed in listed.items()
    )
    added, tell = (before.added, before.tell) if before else (stamp, ())
    return ArticleRecord(article, added, tuple(states), tell)


def _same(document: Json, source: Json | None) -> bool:
    """Tell whether *document* is what is there, as it is read back."""
    return bool(source) and json.loads(written(document)) == source


def _gone(record: VideoRecord) -> VideoRecord:
    today = time.strftime("%Y-%m-%d", time.gmtime())
    return replace(record, checked=time.time(), video=replace(record.video, gone=record.video.gone or today))


def _now_us() -> int:
    return time.time_ns() // 1000
