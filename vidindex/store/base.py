"""What every store can do, wherever it is kept."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Sequence
from contextlib import AbstractContextManager
from typing import TYPE_CHECKING, Literal, Protocol

from ..model import Article, Embed, EmbedRecord, Passage, PassageRange, Stats, Track, TrackContext, Transcript, Video

if TYPE_CHECKING:  # a search asks for no queue
    from .tasks import LinkReport, Outcome, QueueStatus, Task, TaskKind

StoreChange = Literal["added", "replaced", "unchanged"]
RetryGroup = Literal["failed", "dead", "no-captions"]


class WorkerRun(Protocol):
    """A run that works on the queue, under the name *token*, until its end."""

    token: str

    def end(self) -> None:
        """Take its sign of life back."""


class Queue(Protocol):
    """What is to be done with links, embeds and videos, by whom, and when again; times are seconds since 1970."""

    def add_tasks(self, tasks: Iterable[Task]) -> int:
        """Put *tasks* in; those whose URL is there already stay as they are.  Counts the new ones."""

    def add_embeds(self, article: str, embeds: Sequence[tuple[Embed, str]]) -> None:
        """Put the *embeds* of *article*, each with its host, in; what is known of one is told to the article."""

    def retry_tasks(self, group: RetryGroup, *, links: Collection[str] | None = None) -> int:
        """Have *such* done again, of the listed *links* and what they led to, or of all.  Counts them."""

    def requeue(self, tasks: Iterable[Task]) -> int:
        """Have *tasks* done again, new or not, whatever became of them; those in hand are left alone."""

    def import_tasks(self, tasks: Iterable[Task]) -> None:
        """Put *tasks* in as they are, from another queue; what is known of one is forgotten."""

    def begin_run(self) -> WorkerRun:
        """Begin a run, which may claim tasks until its end."""

    def claim(self, run: WorkerRun, *, busy_hosts: Collection[str] = (), include_links: bool = True) -> Task | None:
        """Take the next task that is due, on none of the *busy* hosts, for *run*; None where there is none now.

        Links come last, and only where more is to be begun.
        """

    def finish(self, task: Task, outcome: Outcome) -> Task:
        """Record how *task* went, for all articles that embed it, too; gives it as it is now."""

    def record_attempt(self, url: str, kind: TaskKind, outcome: Outcome) -> None:
        """Record how a try outside the queue went."""

    def release(self, task: Task) -> None:
        """Put *task*, which was claimed and not tried, back."""

    def renew_lease(self, run: WorkerRun) -> None:
        """Keep what *run* has for another while."""

    def requeue_expired(self) -> int:
        """Put back what is held by runs that have ended or gone silent.  Counts it."""

    def find_task(self, url: str) -> Task | None:
        """Find the task with *url*."""

    def list_tasks(self, *states: str) -> Iterator[Task]:
        """Give all tasks in one of *states*, all tasks where none is named, in the order in which they came."""

    def next_try_at(self) -> float:
        """Tell when the next of those that wait for another try is due; 0 where none is."""

    def read_status(self) -> QueueStatus:
        """Count all tasks by kind and state."""

    def report_links(self, links: Iterable[str] | None = None) -> Iterator[LinkReport]:
        """Tell what became of *links*, or of all that were ever listed, in order."""

    def list_stale_tasks(self, before: float) -> Iterator[Task]:
        """Give tasks for the videos that were asked for last *before* a time, in the way in which it worked then."""


class Store(Protocol):
    """The store of an index.  Safe to use from several threads and processes."""

    def close(self) -> None:
        """Let go of files and connections."""

    def get_setting(self, key: str) -> str:
        """Read a setting; empty where there is none."""

    def get_settings(self, *keys: str) -> list[str]:
        """Read several settings, as of one moment."""

    def passage_texts(self, passages: Sequence[int]) -> dict[int, str]:
        """Give the tokens of each of *passages*, and some that follow, joined by spaces; unknown ones are absent."""

    @property
    def batch_size(self) -> int:
        """How many places of transcripts are best read together: one where a question costs nothing."""

    def transcript_slices(self, spans: Sequence[PassageRange]) -> list[Transcript]:
        """Give the blocks of each of *spans*, clipped, as one transcript counted from its start."""

    def read_transcript(self, track: int) -> Transcript:
        """Give the whole transcript of *track*."""

    def track_context(self, track: int) -> TrackContext | None:
        """Tell what *track* belongs to; None where it was removed."""

    def track_contexts(self, tracks: Iterable[int]) -> dict[int, TrackContext]:
        """Tell what each of *tracks* belongs to; those that were removed are absent."""

    def facet_contexts(self, tracks: Iterable[int]) -> dict[int, TrackContext]:
        """Tell what each of *tracks* belongs to, with every article but without labels; unknown ones are absent."""

    def pending_tracks(self, *, max_tracks: int, max_words: int) -> tuple[list[int], list[int]]:
        """Give some tracks that the engine may not hold as they are now, and all that it should forget.

        At most *tracks* of them, and no more once they have *words* words together.
        """

    def has_pending(self) -> bool:
        """Tell whether the engine lacks anything, or should forget something."""

    def count_passages(self) -> int:
        """Count the passages that an engine should hold."""

    def track_batches(self, *, max_tracks: int, max_words: int) -> Iterator[list[int]]:
        """Give all tracks, so many at a time as *tracks* and *words* allow."""

    def count_pending_words(self) -> int:
        """Count the words that the engine does not hold yet."""

    def cut_passages(self, tracks: Iterable[int]) -> Iterator[Passage]:
        """Cut the transcripts of *tracks* into overlapping passages; one without words gives an empty one."""

    def find_video(self, name: str) -> Video | None:
        """Find a video by its id, its URL, its id without the extractor, or the start of its id, if only one fits."""

    def list_videos(self, *, url: str = "", offset: int = 0) -> Iterator[Video]:
        """Give all videos, or those with *url*, in the order in which they were added, from the one at *offset* on."""

    def last_checked(self, video: str) -> float:
        """Tell when the video with this id was last asked for; 0 where nobody knows."""

    def count_videos(self) -> int:
        """Count the videos."""

    def count_articles(self) -> int:
        """Count the articles."""

    def list_tracks(self, video: str) -> list[tuple[int, Track]]:
        """Give the tracks of a video with their numbers, in the order in which they were added."""

    def list_track_ids(self) -> list[int]:
        """Give the numbers of all tracks."""

    def read_raw_captions(self, track: int) -> bytes:
        """Give the bytes of a track as they were fetched; empty for a video without captions."""

    def list_articles(self, *, offset: int = 0) -> Iterator[Article]:
        """Give all articles, without their text, in the order in which they were added, from the one at *offset* on."""

    def find_article(self, url: str) -> Article | None:
        """Find an article by its URL or where it was read."""

    def list_embeds(self, *, article: str = "", video: str = "", state: str = "", url: str = "") -> list[EmbedRecord]:
        """Give embeds with their states, in article order: of one article or video, in one state, with one URL."""

    def collect_stats(self) -> Stats:
        """Count what is here."""

    def check_integrity(self) -> str:
        """Ask what keeps it whether it is sound: `ok`, or what is wrong."""

    def disk_size_bytes(self) -> int:
        """Count the bytes that everything takes on disk, the engine's as well."""

    def has_track(self, video: str, track: Track, raw: bytes) -> bool:
        """Tell whether *video* has exactly this track already."""

    @property
    def queue(self) -> Queue:
        """What is to be done, and how it went."""

    def register_engine(self, name: str, folder: str) -> None:
        """Record the engine of a new index, unless another process was first."""

    def put_article(self, article: Article, embeds: Sequence[Embed]) -> StoreChange:
        """Record *article* with its *embeds*, in order; embeds that it has no longer are forgotten."""

    def set_embed_state(self, article: str, embed: str, *, state: str, reason: str = "", video: str = "") -> None:
        """Record how the embed with URL *embed* in *article* went, and the id of its *video*."""

    def put_video(self, video: Video, *, last_checked: float | None = None) -> StoreChange:
        """Record *video*; its passages are indexed again where what they can be filtered by changed.

        It counts as asked for now, or at the time *checked*.
        """

    def mark_unavailable(self, url: str) -> None:
        """Record that the video at *url*, or that its embeds play, is no more at its site since today."""

    def put_track(self, video: str, track: Track, raw: bytes, transcript: Transcript) -> StoreChange:
        """Record a track of *video* with its raw bytes and transcript, replacing that of its language and origin."""

    def replace_transcript(self, track: int, transcript: Transcript) -> bool:
        """Replace the transcript of *track*, made anew from its raw bytes; tell whether it changed."""

    def remove_video(self, name: str) -> bool:
        """Forget a video with all its tracks; tell whether there was one."""

    def remove_article(self, url: str) -> list[str]:
        """Forget an article; its videos stay.  Gives the ids of those that no other article embeds."""

    def claim_for_indexing(self, tracks: Sequence[int]) -> list[int]:
        """Note that the engine is about to be given *tracks*: what changes of them from now on is given again.

        Gives those that nobody else gives it at this moment.
        """

    def confirm_indexed(self, tracks: Sequence[int], dropped: Sequence[int]) -> None:
        """Record that the engine holds *tracks*, as they were when they were held, and has forgotten *dropped*."""

    def rebuild_lock(self) -> AbstractContextManager[None]:
        """Have nobody else feed an engine meanwhile, on whatever machine."""

    def switch_engine(self, name: str, folder: str) -> None:
        """Record that the engine *name* in *folder* holds every track that was held for it."""

    def retired_engines(self, *, after_s: float = 0.0) -> list[str]:
        """Name the folders of engines that are not in use since more than *after_s*."""

    def forget_engine(self, folder: str) -> None:
        """Record that the engine in *folder* is deleted."""
