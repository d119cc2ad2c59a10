"""The interface of every store, in a folder or on a cluster.

Implementations inherit these protocols, and with them their docstrings.  Times are seconds since 1970.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager
from typing import TYPE_CHECKING, Any, Literal, Protocol

from ..model import (
    Article,
    Embed,
    EmbedRecord,
    EmbedState,
    Passage,
    PassageRange,
    Review,
    Stats,
    TextKind,
    TextMatch,
    TextQuery,
    Track,
    TrackContext,
    TrackWords,
    Transcript,
    Video,
)

if TYPE_CHECKING:  # a search does not use the queue
    from ..transcripts.gist_windows import TranscriptWords
    from .packed_track import PackedTrack
    from .passages import TrackBlocks
    from .tasks import LinkReport, Outcome, QueueStatus, Task, TaskKind, TaskState

StoreChange = Literal["added", "replaced", "unchanged"]
RetryGroup = Literal["failed", "dead", "no-captions"]


class WorkerRun(Protocol):
    """One process that works on the queue; *token* identifies it until it ends."""

    token: str

    def end(self) -> None:
        """End the run: its tasks become free."""


class Queue(Protocol):
    """The work queue: which links, embeds and videos to process, which run works on them, and when to retry them."""

    def add_tasks(self, tasks: Iterable[Task]) -> int:
        """Add *tasks* and return how many are new; a task whose URL is already in the queue is not changed."""

    def add_embeds(self, article: str, embeds: Sequence[tuple[Embed, str]]) -> None:
        """Add the *embeds* of *article*, each with its host.

        If an embed has already been processed, its state is copied to the article.
        """

    def retry_tasks(self, group: RetryGroup, *, links: Collection[str] | None = None) -> int:
        """Reset the tasks of *group* to `waiting` and return how many there are.

        With *links*, only those listed links and the tasks that they led to.
        """

    def requeue(self, tasks: Iterable[Task]) -> int:
        """Add *tasks*, or reset them to `waiting` if they are known, and return how many wait now.

        Tasks that a run works on are not changed.
        """

    def import_tasks(self, tasks: Iterable[Task]) -> None:
        """Copy *tasks* from another queue as they are, replacing tasks with the same URL."""

    def begin_run(self) -> WorkerRun:
        """Begin a run, which may claim tasks until it ends."""

    def claim(self, run: WorkerRun, *, busy_hosts: Collection[str] = (), include_links: bool = True) -> Task | None:
        """Claim the next due task for *run*, skipping *busy_hosts*; return None if no task is due.

        Links come last, and only with *include_links*.
        """

    def claim_task(self, run: WorkerRun, url: str) -> Task | None:
        """Claim the task with *url* for *run*; return None unless it waits, or its retry is due."""

    def finish(self, task: Task, outcome: Outcome) -> Task:
        """Record the outcome of *task* and return its new state.

        The outcome is copied to all articles that embed it, except to embeds with a replacement video.
        """

    def record_attempt(self, url: str, kind: TaskKind, outcome: Outcome) -> None:
        """Record the outcome of an attempt that was made outside the queue."""

    def release(self, task: Task) -> None:
        """Return *task*, which was claimed but not attempted, to the queue."""

    def renew_lease(self, run: WorkerRun) -> None:
        """Extend the lease of *run* on its tasks."""

    def requeue_expired(self) -> int:
        """Return the tasks of ended and silent runs to the queue, and return how many there were.

        A task that was claimed `MAX_TRIES` times fails, because it may be what crashes its runs.
        """

    def find_task(self, url: str) -> Task | None:
        """Return the task with *url*."""

    def list_tasks(self, *states: TaskState) -> Iterator[Task]:
        """Yield the tasks in one of *states*, or all tasks, in the order in which they were added."""

    def next_try_at(self, *, busy_hosts: Collection[str] = ()) -> float:
        """Return when the next retry is due, at any host but *busy_hosts*; 0 if none is scheduled."""

    def count_open_by_site(self) -> dict[str, int]:
        """Count the tasks that wait, for the first attempt or another one, by the site of their host."""

    def read_note(self, name: str) -> dict[str, Any]:
        """Return what the runs noted under *name*; empty if there is nothing."""

    def edit_note(self, name: str, edit: Callable[[dict[str, Any]], dict[str, Any]]) -> dict[str, Any]:
        """Replace the note *name* by the result of *edit*, which no other run can do meanwhile, and return it.

        *edit* may be called several times.
        """

    def reread(self, before: float, *, links: Mapping[str, float] | None = None) -> int:
        """Reset links that led to an article to `waiting` if they were done *before* a time; return how many.

        With *links*, only those, each if it was done before *before* or its own time.
        """

    def read_status(self) -> QueueStatus:
        """Count the tasks by kind and state."""

    def report_links(self, links: Iterable[str] | None = None) -> Iterator[LinkReport]:
        """Yield the results of *links*, or of all links that were ever listed, in order."""

    def list_stale_tasks(self, before: float) -> Iterator[Task]:
        """Yield a task for each video that was last checked *before* a time, the oldest check first.

        Each task has the URL that led to the video; videos without a web address are left out.
        """


class Store(Protocol):
    """The source of truth of an index.  Safe to use from several threads and processes."""

    def close(self) -> None:
        """Close files and connections."""

    def get_setting(self, key: str) -> str:
        """Return a setting; empty if it is not set."""

    def get_settings(self, *keys: str) -> list[str]:
        """Return several settings from one consistent read."""

    def change_stamp(self) -> tuple[int, ...] | None:
        """Return a value that differs after each write of any process, at almost no cost.

        Compare only values of one object.  Return None if that is not known, as on a cluster.
        """

    def passage_texts(self, passages: Sequence[int]) -> dict[int, str]:
        """Return the tokens of each of *passages* and the first ones after it, joined by spaces.

        Unknown passages are left out.
        """

    def block_texts(self, passages: Sequence[int]) -> dict[int, str]:
        """Return the tokens of each of *passages* up to the next passage, joined by spaces.

        Unknown passages are left out.
        """

    @property
    def batch_size(self) -> int:
        """The best number of transcript slices to read in one call."""

    def transcript_slices(self, spans: Sequence[PassageRange]) -> list[Transcript]:
        """Return the blocks of each of *spans*, clipped to the track, as a transcript that counts from its start."""

    def word_slices(self, spans: Sequence[PassageRange]) -> list[TranscriptWords]:
        """Return the words and tokens of `transcript_slices`, and what tells where sentences end: half the work."""

    def read_transcript(self, track: int) -> Transcript:
        """Return the whole transcript of *track*."""

    def read_blocks(self, track: int) -> list[bytes]:
        """Return the packed blocks of the transcript of *track*, in order."""

    def track_context(self, track: int) -> TrackContext | None:
        """Return the video and the articles of *track*; None if the track was removed."""

    def track_contexts(self, tracks: Iterable[int]) -> dict[int, TrackContext]:
        """Return the video and the articles of each of *tracks*; removed tracks are left out."""

    def facet_contexts(self, tracks: Iterable[int]) -> dict[int, TrackContext]:
        """Return the video and all articles of each of *tracks*, without labels; removed tracks are left out."""

    def pending_tracks(self, *, max_tracks: int, max_words: int) -> tuple[list[int], list[int]]:
        """Return some tracks to index and the tracks to delete from the engine.

        The tracks to index are at most *max_tracks*, and stop at the one that reaches *max_words* words.
        """

    def has_pending(self) -> bool:
        """Return whether the engine has tracks to index or to delete."""

    def count_passages(self) -> int:
        """Count the passages that an up-to-date engine holds."""

    def track_batches(self, *, max_tracks: int, max_words: int) -> Iterator[list[int]]:
        """Yield all tracks in batches; each stops at *max_tracks* tracks or when it reaches *max_words* words."""

    def list_indexed_tracks(self) -> Iterator[TrackWords]:
        """Yield the tracks with words that the engine has indexed in their current form."""

    def count_speaker_words(self, tracks: Iterable[int]) -> Iterator[tuple[int, dict[str, int]]]:
        """Yield each of *tracks* with the number of words of each speaker; "" if the speaker is not known."""

    def count_pending_words(self, *, is_estimate: bool = False) -> int:
        """Count the words that are not indexed yet; an estimate may be some seconds old, and costs less."""

    def cut_passages(self, tracks: Iterable[int]) -> Iterator[Passage]:
        """Yield the overlapping passages of *tracks*; a track without words has one empty passage."""

    def read_track_blocks(self, tracks: Iterable[int]) -> Iterator[TrackBlocks]:
        """Yield what `cut_passages` cuts: the blocks of each of *tracks*, except removed ones."""

    def count_stale_texts(self) -> int:
        """Count the videos and articles whose texts are not searchable in their current form."""

    def index_texts(self, *, rebuild: bool = False) -> None:
        """Make the texts of all videos and articles searchable: those that changed, or all with *rebuild*."""

    def count_texts(self, query: TextQuery) -> dict[TextKind, int]:
        """Count the texts that match *query*, by their kind."""

    def find_texts(self, query: TextQuery, *, offset: int, limit: int) -> list[TextMatch]:
        """Return some of the texts that match *query*, in their order."""

    def find_video(self, name: str) -> Video | None:
        """Find a video by its id, URL, id without extractor, or a unique prefix of either id."""

    def get_video(self, id_: str) -> Video | None:
        """Return the video with exactly this id."""

    def list_videos(self, *, url: str = "", offset: int = 0) -> Iterator[Video]:
        """Yield all videos, or those with *url*, in the order in which they were added; skip the first *offset*."""

    def last_checked(self, video: str) -> float:
        """Return when the video with this id was last checked at its site; 0 if unknown."""

    def count_videos(self) -> int:
        """Count the videos."""

    def count_articles(self) -> int:
        """Count the articles."""

    def list_tracks(self, video: str) -> list[tuple[int, Track]]:
        """Return the tracks of a video with their ids, in the order in which they were added."""

    def list_track_ids(self) -> list[int]:
        """Return the ids of all tracks in rising order, including placeholders for videos without captions."""

    def read_raw_captions(self, track: int) -> bytes:
        """Return the caption file of *track* as it was downloaded; empty for a video without captions."""

    def list_articles(self, *, offset: int = 0) -> Iterator[Article]:
        """Yield all articles, without their text, in the order in which they were added; skip the first *offset*."""

    def find_article(self, url: str) -> Article | None:
        """Find an article by its canonical URL or the address that it was fetched from."""

    def list_embeds(self, *, article: str = "", video: str = "", state: str = "", url: str = "") -> list[EmbedRecord]:
        """Return the embeds that match all given filters, in article order."""

    def collect_stats(self) -> Stats:
        """Count the contents of the index."""

    def find_damage(self) -> list[str]:
        """Read all stored data; describe each damage with the next step, up to a few of a kind."""

    def disk_size_bytes(self) -> int:
        """Return the size on disk in bytes, including the engine."""

    def has_track(self, video: str, track: Track, raw: bytes) -> bool:
        """Return whether *video* already has this track with the same bytes."""

    @property
    def queue(self) -> Queue:
        """The work queue of the index."""

    def register_engine(self, name: str, folder: str) -> None:
        """Record the engine of a new index, and its *folder* if it has one, unless another process has done so."""

    def put_article(self, article: Article, embeds: Sequence[Embed]) -> StoreChange:
        """Add or update *article*; its embeds become *embeds*, in this order."""

    def set_embed_state(
        self, article: str, embed: str, *, state: EmbedState, reason: str = "", video: str = ""
    ) -> None:
        """Record the state of the embed with URL *embed* in *article*, and the id of its *video*."""

    def put_video(self, video: Video, *, last_checked: float | None = None) -> StoreChange:
        """Add or update *video*, and mark its tracks pending if its metadata changed.

        *last_checked* is when its site was asked; None is now.
        """

    def mark_unavailable(self, url: str) -> None:
        """Record that the video at *url*, and the videos of embeds with that URL, are no longer at their site."""

    def put_track(self, video: str, track: Track, raw: bytes, transcript: Transcript) -> StoreChange:
        """Pack a track and do the same as `put_packed_track`."""

    def put_packed_track(self, video: str, track: Track, packed: PackedTrack) -> StoreChange:
        """Add a track to *video*, replacing its track with the same language and origin.

        Raises `NotIndexedError` if the index has no such video.
        """

    def replace_transcript(self, track: int, transcript: Transcript) -> bool:
        """Pack a transcript and do the same as `replace_blocks`."""

    def replace_blocks(self, track: int, packed: PackedTrack, warnings: tuple[str, ...]) -> bool:
        """Replace the transcript of *track* with one parsed again from its caption file; return whether it changed."""

    def remove_video(self, name: str) -> bool:
        """Delete a video and its tracks; return whether it existed."""

    def remove_article(self, url: str) -> list[str]:
        """Delete an article with its reviews but not its videos; return the ids of the videos that no other embeds."""

    def list_reviews(self, article: str) -> list[Review]:
        """Return what people noted about the quotations of *article*, in the order of their first notes."""

    def edit_review(self, article: str, quote: str, edit: Callable[[Review], Review]) -> Review:
        """Replace the review of *quote* by the result of *edit*, which no other writer can do meanwhile, and return it.

        *edit* is given an empty review if there is none; it may be called several times.
        Raises `NotIndexedError` if the index has no such article, `IndexBusyError` after a few seconds.
        """

    def claim_for_indexing(self, tracks: Sequence[int]) -> list[int]:
        """Claim *tracks* for indexing; a later change marks them pending again.

        Returns the tracks that are claimed: all except those that another writer is indexing.
        """

    def confirm_indexed(self, tracks: Sequence[int], dropped: Sequence[int]) -> None:
        """Record that the engine has indexed the claimed *tracks* and deleted the *dropped* ones."""

    def rebuild_lock(self) -> AbstractContextManager[None]:
        """Hold the rebuild lock across all processes and machines.

        Raises `IndexBusyError` if another machine holds it.
        """

    def switch_engine(self, name: str, folder: str, *, gist: str = "") -> None:
        """Make the engine *name* in *folder*, which holds every claimed track, the engine of the index.

        *gist* becomes the setting of its vectors; "" if it has none.
        """

    def register_gist(self, gist: str) -> None:
        """Record the setting of the vectors of an index that has no tracks yet."""

    def retired_engines(self, *, after_s: float = 0.0) -> list[str]:
        """Return the folders of engines that were replaced more than *after_s* ago."""

    def forget_engine(self, folder: str) -> None:
        """Record that the retired engine in *folder* has been deleted."""
