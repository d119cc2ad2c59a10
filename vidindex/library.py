"""The facade: open an index, add to it, search it.  It connects the stages and contains no logic of its own."""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import replace
from functools import cached_property, partial
from itertools import islice
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING, Any, Self, TypeVar

from . import config
from .engines import resolve_engine_name
from .engines.handle import EngineHandle
from .engines.sync import (
    delete_retired,
    find_damage,
    index_pending,
    index_targets,
    rebuild_from_store,
    record_engine,
    write_lock,
)
from .errors import (
    EngineError,
    IndexClosedError,
    IndexLocationError,
    IndexUnusableError,
    NotIndexedError,
    NoVectorsError,
    OptionError,
)
from .model import (
    MAX_NOTE_CHARS,
    AddReport,
    Article,
    CaptionOrigin,
    EmbedRecord,
    Hit,
    MatchKind,
    Progress,
    Review,
    Stats,
    Track,
    Transcript,
    Video,
)
from .net.files import to_url
from .store import open_store
from .store.location import parse_location

if TYPE_CHECKING:  # they cost a search time to import
    from .clips.moments import ClipMoment
    from .clips.options import ClipOptions, ClipResult, SupercutOptions, SupercutResult
    from .engines.base import Engine
    from .engines.gist.handle import GistHandle, OpenGist
    from .engines.gist.writer import GistWriter
    from .ingest.batch import BatchEvent, BatchOptions, BatchReport, TaskScope
    from .ingest.flush import FlushPolicy
    from .resolve import ResolveOptions
    from .search.by_video import VideoHitsPage
    from .search.facets import FacetedHits
    from .search.options import SearchOptions, SortOrder
    from .search.passage_cache import PassageCache
    from .search.recent import RecentFindings, RecentSearches
    from .search.speakers import KnownSpeakerWords, SpeakerWords
    from .search.texts import TextHits
    from .search.trend import Trend, TrendGroup
    from .search.unknown_values import UnknownValue
    from .store.base import RetryGroup, Store
    from .store.copy import Migration
    from .store.tasks import LinkReport, QueueStatus, Task, TaskState
    from .transcripts.asr import AsrOptions
    from .transcripts.workers import JobPool
    from .verify.check import CheckedQuote
    from .verify.claims import Claim
    from .verify.verdicts import Verdict
    from .verify.verifier import ClaimVerifier

T = TypeVar("T")

_MAX_LISTED_VALUES = 20_000
_MAX_SAID_HITS = 50
"""Maximum hits of the words that hits in other words are compared with: they would be the same moments."""

_MAX_LISTED_LANGUAGES = 500
"""Maximum videos whose values are compared with that of a filter which no video has."""


def open(  # noqa: A001 - the name is part of the public API: `vidindex.open`
    path: str | os.PathLike[str] | None = None, *, engine: str = "auto", create: bool = True
) -> Index:
    """Open the index at *path*, a folder or the URL of a cluster (default: `VIDINDEX_INDEX`, else `./index`).

    *engine* is `auto`, `whoosh` or `tantivy`.  It applies when the index is created; an index keeps its engine.

    Raises `NoIndexError` if there is no index and *create* is false, `IndexLocationError` if the index cannot be used,
    `IndexVersionError` if a newer version of vidindex wrote it, `EngineError` if it has another engine than *engine*,
    `EngineNotInstalledError` if its engine is not installed.
    """
    return Index(config.resolve_index_path(path), engine=engine, create=create)


def rebuild_index(
    path: str | os.PathLike[str] | None = None,
    *,
    engine: str = "auto",
    gist: str | bool | None = None,
    jobs: int | None = None,
    notify: Callable[[Progress], None] | None = None,
) -> list[str]:
    """Do the same as `Index.rebuild`, even if the engine of the index is damaged or not installed."""
    location = parse_location(config.resolve_index_path(path))
    store = open_store(location, create=False)
    try:
        current = store.get_setting("engine")
        name = current if engine == "auto" and current else engine
        return rebuild_from_store(store, location, name, notify or _ignore_progress, gist=gist, jobs=jobs)
    finally:
        store.close()


def migrate(
    source: str | os.PathLike[str],
    target: str | os.PathLike[str],
    *,
    engine: str = "auto",
    jobs: int | None = None,
    notify: Callable[[Progress], None] | None = None,
) -> Migration:
    """Copy the index *source* to *target* and compare the two; each is a folder or the URL of a cluster.

    *engine* applies if *target* is a new folder; `auto` takes the engine of *source*, if that is a folder.  An
    interrupted copy is completed by calling this again.  Do not change *source* while it is copied;
    `Migration.verified` is false if the two differ afterwards.  *jobs* is the number of processes, as for `Index.add`.
    Raises `IndexUnusableError`.
    """
    from .store.copy import compare_indexes, copy_index
    from .transcripts.workers import JobPool

    notify = notify or _ignore_progress
    with (
        open(source, create=False) as old,
        open(target, engine=_choose_copy_engine(old, target, engine)) as new,
        JobPool(jobs) as pool,
    ):
        if old.gist_model:
            from .engines.gist.writer import copy_gist_setting

            copy_gist_setting(old._store, new._store, new._location)
        copy_index(old._store, new._store, notify, pool)
        notify(Progress("engine", new.engine))
        new._flush(pool)
        return compare_indexes(old._store, new._store, notify, pool)


def backup(
    index: str | os.PathLike[str],
    file: str | os.PathLike[str],
    *,
    notify: Callable[[Progress], None] | None = None,
) -> int:
    """Write a backup of *index*, a folder, to *file*, and return its size in bytes.

    The index may be in use: the backup has what was stored when it began.  It is compressed, has a checksum, and does
    not contain the engine.  An earlier backup with this name is replaced once the new one is complete.
    Raises `BackupError`, `IndexLocationError`.
    """
    from .store.sqlite.store import SqliteStore

    location = _parse_folder(index)
    store = SqliteStore(location, create=False)
    try:
        return store.write_backup(Path(file), _report_megabytes(os.fspath(file), notify or _ignore_progress))
    finally:
        store.close()


def restore(
    file: str | os.PathLike[str],
    index: str | os.PathLike[str],
    *,
    engine: str = "auto",
    gist: str | bool | None = None,
    notify: Callable[[Progress], None] | None = None,
) -> None:
    """Restore the backup *file* as *index*, a new or empty folder, and build its engine (`auto`: the one it had).

    Its vectors are built, too, if it had some; *gist* is as for `Index.rebuild`.

    If anything fails, or the process is killed, *index* stays as it was.
    Raises `BackupError`, `IndexLocationError`, `IndexVersionError`, `EngineNotInstalledError`.
    """
    from .engines.restore import restore_store
    from .store.sqlite.backup import read_backup

    notify = notify or _ignore_progress
    report = _report_megabytes(os.fspath(file), notify)
    folder = _parse_folder(index)
    restore_store(
        Path(file),
        folder,
        lambda path, target: read_backup(path, target, report),
        engine=engine,
        notify=notify,
        gist=gist,
    )


def _parse_folder(index: str | os.PathLike[str]) -> Path:
    location = parse_location(config.resolve_index_path(index))
    if not isinstance(location, Path):
        reason = "only a folder has backups; use the snapshots of OpenSearch, or `vidindex migrate` it to a folder"
        raise IndexLocationError(str(location), reason)
    return location


def _report_megabytes(name: str, notify: Callable[[Progress], None]) -> Callable[[int, int], None]:
    """Return a function that notifies of each megabyte that is done."""
    last = -1

    def report(done: int, total: int) -> None:
        nonlocal last
        megabytes = done // 1_000_000
        if megabytes != last:
            last = megabytes
            notify(Progress("copied", name, done=megabytes, total=-(-total // 1_000_000)))

    return report


def _choose_copy_engine(source: Index, target: str | os.PathLike[str], wanted: str) -> str:
    """Return the engine to open *target* with: a new folder gets that of *source*, if that is a folder too."""
    location = parse_location(config.resolve_index_path(target))
    if wanted != "auto" or not isinstance(location, Path) or not isinstance(source._location, Path):
        return wanted
    try:
        store = open_store(location, create=False)
    except IndexLocationError:  # there is none, or it is empty
        return source.engine
    try:
        return store.get_setting("engine") or source.engine
    finally:
        store.close()


class Index:
    """An index of the words that are said in videos.  Close it, or use it in a `with` statement.

    Threads may share an index, and several processes may open the same one.  After `close`, every method raises
    `IndexClosedError`.
    """

    def __init__(self, path: Path | str, *, engine: str = "auto", create: bool = True) -> None:
        self.path = path
        self._location = parse_location(path)
        self._speaker_words: tuple[str, KnownSpeakerWords] | None = None
        self._open_store: Store | None = open_store(
            self._location, create=create, choose_engine=lambda: resolve_engine_name(self._location, engine)
        )
        try:
            self._engine_handle = EngineHandle(
                self._store, self._location, wanted=engine, make_cache=self._make_passage_cache
            )
            if create and engine != "auto":
                record_engine(self._store, self._location, engine)
        except BaseException:
            self._store.close()
            raise

    def __enter__(self) -> Self:
        self._check_is_open()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, exc: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        """Close all files and connections; closing again does nothing."""
        store, self._open_store = self._open_store, None
        if store is not None:
            if (gist_handle := self.__dict__.get("_gist_handle")) is not None:  # it was used
                gist_handle.close()
            self._engine_handle.close()
            store.close()

    @property
    def engine(self) -> str:
        """The name of the full-text engine."""
        return self._engine_handle.name

    @property
    def gist_model(self) -> str:
        """The name of the model of the vectors for searches by meaning; "" if the index has none."""
        text = self._store.get_setting("gist")
        if not text:
            return ""
        from .engines.gist.setting import parse_gist_setting

        setting = parse_gist_setting(text)
        return setting.model if setting else ""

    @cached_property
    def _recent(self) -> RecentSearches:
        from .search.recent import RecentSearches

        return RecentSearches(self.change_stamp)

    @cached_property
    def _gist_handle(self) -> GistHandle:
        from .engines.gist.handle import GistHandle

        return GistHandle(self._store, self._location)

    @property
    def _store(self) -> Store:
        if self._open_store is None:
            raise IndexClosedError(str(self.path))
        return self._open_store

    def _check_is_open(self) -> None:
        """Raise `IndexClosedError` if the index is closed."""
        if self._open_store is None:
            raise IndexClosedError(str(self.path))

    def _while_open(self, items: Iterator[T]) -> Iterator[T]:
        """Yield *items*; raise `IndexClosedError` once the index is closed."""
        self._check_is_open()
        for item in items:
            yield item
            self._check_is_open()

    def _make_passage_cache(self) -> PassageCache:
        from .search.passage_cache import PassageCache

        return PassageCache(self._store)

    # Adding

    def add(
        self,
        *targets: str | os.PathLike[str],
        links: bool = False,
        languages: Iterable[str] = ("en",),
        limit: int | None = None,
        resolve: ResolveOptions | None = None,
        wayback: bool = False,
        asr: AsrOptions | None = None,
        render: bool = False,
        jobs: int | None = None,
        notify: Callable[[Progress], None] | None = None,
    ) -> AddReport:
        """Add *targets* and return a report of the videos that each led to.

        A target is the URL of an article, a video, a playlist or a media file, or the path of a saved page, an archive
        of pages (docs/archives.md), a caption file, a media file, or a folder of saved pages or caption files.

        *links*: also add videos that an article merely links to.  *languages*: the languages of the caption tracks to
        take, `all` for every language; an empty iterable takes the language of the video and English.  *limit*: the
        maximum number of videos of a playlist.  *resolve*: options for requests.  *wayback*: search the web archive for
        copies of unavailable videos.  *asr*: transcribe the speech of videos without captions.  *render*: run the
        scripts of pages that have no article without them, in Chromium.  *jobs*: the number of processes that read the
        captions of large folders; None is one for each core, and one starts none.  *notify* is called for each step.

        A failure is recorded in the report's `failures` and does not stop the other targets.
        Raises `IndexUnusableError` if the index cannot be written, `OptionError` if *resolve* has an option that is
        refused, `AsrNotInstalledError` or `AsrModelError` if speech recognition is requested but not possible.
        """
        self._check_is_open()
        from .ingest import AddCallbacks, AddOptions, TargetAdder
        from .resolve import ResolveOptions
        from .transcripts.workers import JobPool

        options = AddOptions(
            links, tuple(languages), limit, resolve or ResolveOptions(), wayback, asr=asr, render=render
        )
        with JobPool(jobs) as pool:
            flushing = self._make_flush_policy(pool)
            callbacks = AddCallbacks(notify or _ignore_progress, flushing.flush_if_due)
            adder = TargetAdder(self._store, options=options, callbacks=callbacks, pool=pool)
            try:
                adder.add_all([os.fspath(target) for target in targets])
            finally:
                adder.close()
                flushing.close()
        return adder.report_builder.build_report()

    def transcribe(
        self,
        *videos: str | os.PathLike[str],
        asr: AsrOptions | None = None,
        force: bool = False,
        resolve: ResolveOptions | None = None,
        notify: Callable[[Progress], None] | None = None,
    ) -> AddReport:
        """Transcribe the speech of *videos*: ids or URLs of indexed videos, or targets, which are added first.

        Videos with manual or supplied captions are skipped, and so are those that the same model has transcribed,
        unless *force* is true.  A failure is recorded in the report's `failures` and does not stop the others.
        Raises `AsrNotInstalledError`, `AsrModelError`, `IndexUnusableError`.
        """
        self._check_is_open()
        from .ingest import AddCallbacks, AddOptions, VideoTranscriber
        from .ingest.flush import FlushPolicy
        from .resolve import ResolveOptions

        options = AddOptions(resolve=resolve or ResolveOptions(), asr=asr)
        flushing = FlushPolicy(self.flush, self._estimate_pending_words)
        callbacks = AddCallbacks(notify or _ignore_progress, flushing.flush_if_due)
        transcriber = VideoTranscriber(self._store, options=options, callbacks=callbacks, force=force)
        try:
            transcriber.transcribe_all([os.fspath(video) for video in videos])
        finally:
            transcriber.close()
            self.flush()
        return transcriber.report_builder.build_report()

    def batch(
        self,
        *links: str | os.PathLike[str],
        options: BatchOptions | None = None,
        retry: Iterable[RetryGroup] = (),
        reread_s: float | None = None,
        changed: Mapping[str, str] | None = None,
        feeds: Mapping[str, str] | None = None,
        notify: Callable[[BatchEvent], None] | None = None,
    ) -> BatchReport:
        """Add *links* to articles and videos to the work queue, and process all tasks of the queue that are due.

        Links that were processed before are skipped.  *retry* repeats tasks that failed permanently (`failed`), that
        are unavailable (`dead`), or that led to a video without captions (`no-captions`); it applies to *links*, or to
        the whole queue if there are none.  *reread_s* reads articles again that were read longer ago than this number
        of seconds, and so does a date in *changed*, by link, as feeds write it, that is later than when it was read;
        videos that are indexed already are not requested again.  *feeds* are the podcast feeds of links that are files
        of episodes, by link (`ListEntry.feed`): what a feed states, such as the transcript, is taken from it.  *notify*
        is called for each step, from any thread, one call at a time.
        Failures are recorded in the queue (see `tasks` and `report`).
        Raises `IndexUnusableError`.
        """
        from .ingest.batch import BatchOptions, make_link_task

        tasks = [make_link_task(os.fspath(link), feed=(feeds or {}).get(os.fspath(link), "")) for link in links]
        self._store.queue.add_tasks(tasks)
        for group in retry:
            self._store.queue.retry_tasks(group, links=[task.url for task in tasks] if tasks else None)
        urls = {os.fspath(link): task.url for link, task in zip(links, tasks, strict=True)}
        self._requeue_articles(urls, reread_s, changed)
        return self._run_batch(options or BatchOptions(), notify)

    def _requeue_articles(
        self, urls: Mapping[str, str], reread_s: float | None, changed: Mapping[str, str] | None
    ) -> None:
        """Reset the articles of *urls*, the task of each link, or of the whole queue, that are to be read again."""
        from .ingest.lists.changes import reread_changed

        now = time.time()
        before = 0.0 if reread_s is None else now - reread_s
        if urls and (before or changed):
            stated = {url: (changed or {}).get(link, "") for link, url in urls.items()}
            reread_changed(self._store.queue, stated, before=before, now=now)
        elif reread_s is not None:
            self._store.queue.reread(before)

    def _run_batch(
        self, options: BatchOptions, notify: Callable[[BatchEvent], None] | None, *, scope: TaskScope | None = None
    ) -> BatchReport:
        from .ingest.batch import BatchRunner
        from .ingest.flush import FlushPolicy
        from .transcripts.workers import JobPool, count_usable_cores

        with JobPool(min(options.jobs, count_usable_cores())) as pool:
            runner = BatchRunner(
                self._store,
                options=options,
                on_event=notify or _ignore_batch_event,
                flush=FlushPolicy(partial(self._flush, pool), self._estimate_pending_words).flush_if_due,
                scope=scope,
                pool=pool,
            )
            try:
                return runner.run()
            finally:
                self._flush(pool)

    def refresh(
        self,
        *,
        older_than_s: float = 0.0,
        options: BatchOptions | None = None,
        notify: Callable[[BatchEvent], None] | None = None,
    ) -> BatchReport:
        """Resolve all videos again that were last resolved more than *older_than_s* seconds ago, and nothing else.

        Other tasks of the queue stay as they are.  Changed metadata and captions are replaced, new captions are added.
        A video that its site no longer has is marked (`Video.unavailable_since`) and stays searchable.
        Raises `IndexUnusableError`.
        """
        from .ingest.batch import BatchOptions, TaskScope

        queue = self._store.queue
        stale = list(queue.list_stale_tasks(time.time() - older_than_s))
        queue.requeue(stale)
        return self._run_batch(options or BatchOptions(), notify, scope=TaskScope(task.url for task in stale))

    def attach(self, embed: str, target: str | os.PathLike[str], *, article: str = "") -> AddReport:
        """Add *target*, a video or a caption file, and attach it to *embed* in place of the embed's own video.

        *embed* is the URL of an embed, or its id.  *article* selects one of several articles that have it.  If *target*
        fails, the report says why and the embed stays as it is.  Raises `NotIndexedError` if there is no such embed.
        """
        records = [
            record
            for record in self.embeds(article=article and self.article(article).url)
            if _is_embed_named(record, embed)
        ]
        if not records:
            raise NotIndexedError(embed, "embed")
        report = self.add(target)
        for video in (*report.videos, *report.unchanged)[:1]:
            for record in records:
                self._store.set_embed_state(record.article, record.embed.url, state="attached", video=video)
        self.flush()
        return report

    def flush(self) -> int:
        """Make stored caption tracks searchable and return their number; `add` does so by itself.

        Raises `IndexBusyError` if another process writes to the index and does not finish in time, `EngineError`.
        """
        return self._flush(None)

    def _make_flush_policy(self, pool: JobPool) -> FlushPolicy:
        from .ingest.flush import BackgroundFlushPolicy, FlushPolicy

        flush, pending_words = partial(self._flush, pool), self._estimate_pending_words
        if pool.jobs == 1:
            return FlushPolicy(flush, pending_words)
        return BackgroundFlushPolicy(flush, partial(flush, max_batches=1), pending_words)

    def _flush(self, pool: JobPool | None, *, max_batches: int | None = None) -> int:
        """Make stored tracks searchable, and return their number."""
        self._index_texts(required=True)
        if not self._store.has_pending():
            return 0
        with write_lock(self._location):
            count = self._index_pending(pool, max_batches)
        delete_retired(self._store, self._location)
        return count

    def _index_pending(self, pool: JobPool | None, max_batches: int | None) -> int:
        """Index what is pending; open the engine and the vectors again if another machine has rebuilt the index."""
        count = 0
        while True:
            targets = index_targets(self._store)
            engine = self._engine_handle.current(create=True)
            if engine is not None:
                with self._open_gist_writer() as vectors:
                    count += index_pending(
                        self._store,
                        engine,
                        vectors,
                        location=self._location,
                        pool=pool,
                        targets=targets,
                        max_batches=max_batches,
                    )
            if index_targets(self._store) == targets:
                return count

    @contextmanager
    def _open_gist_writer(self) -> Iterator[GistWriter | None]:
        writer = None
        if self.gist_model:
            from .engines.gist.writer import open_gist_writer

            writer = open_gist_writer(self._store, self._location)
        try:
            yield writer
        finally:
            if writer is not None:
                writer.close()

    def remove(self, target: str) -> list[str]:
        """Remove a video (its id or URL), or an article (its URL or file) and the videos that only it embeds.

        The file of a web archive stands for all articles that were read from it.

        Returns the ids of the removed videos.  Raises `NotIndexedError`.
        """
        article = self._find_article(target)
        articles = [article.url] if article else self._list_archived(target)
        found = [video for url in articles for video in self._store.remove_article(url)]
        removed = list(dict.fromkeys(found if articles else [self._find_exact_video(target).id]))
        for video in removed:
            self._store.remove_video(video)
        self.flush()
        return removed

    def _list_archived(self, target: str) -> list[str]:
        """Return the URLs of the articles that were read from the archive in the file *target*, which may be gone."""
        if "://" in target and not target.startswith("file:"):
            return []
        prefix = f"{to_url(target)}#"
        return [article.url for article in self._store.list_articles() if article.fetched_from.startswith(prefix)]

    def _find_exact_video(self, target: str) -> Video:
        """Find a video by its full id or URL: the start of an id does not suffice to remove a video."""
        video = self.video(target)
        if target not in (video.id, video.url, video.id.partition(":")[2]):
            raise NotIndexedError(target)
        return video

    def rebuild(
        self,
        *,
        engine: str = "auto",
        gist: str | bool | None = None,
        jobs: int | None = None,
        notify: Callable[[Progress], None] | None = None,
    ) -> list[str]:
        """Parse all captions again from the bytes in the store and build the engine again, without the network.

        *engine* `auto` keeps the current one.  *gist* True adds vectors for searches by meaning, from now on, with the
        model of the extra; the folder of another model adds those; False removes them; None keeps what there is.
        *jobs* is the number of processes that parse captions, as for `add`.
        Returns a line for each track that could not be parsed; such a track
        keeps its transcript.  Raises `EngineError`, `EngineNotInstalledError`, `IndexBusyError`, `GistModelError`,
        `GistNotInstalledError`.
        """
        self._check_is_open()
        return self._engine_handle.rebuild(engine, notify or _ignore_progress, gist=gist, jobs=jobs)

    # Searching

    def search(
        self,
        words: str,
        *,
        options: SearchOptions | None = None,
        limit: int | None = None,
        offset: int | None = None,
        context: int | None = None,
        context_ms: int | None = None,
        match: MatchKind | None = None,
        sort: SortOrder | None = None,
        site: str | None = None,
        channel: str | None = None,
        kind: str | None = None,
        lang: str | None = None,
        article: str | None = None,
        after: str | None = None,
        before: str | None = None,
        threshold: float | None = None,
        raw_case: bool | None = None,
        origin: CaptionOrigin | None = None,
        speaker: str | None = None,
        gist: bool | None = None,
    ) -> list[Hit]:
        """Return the moments in which *words* were said, best first; with *gist*, then those of `search_gist`.

        Plain words are a quote; operators make them a query (docs/query-language.md).  Each keyword is a shortcut for
        the field of `SearchOptions` with that name.  One that is not None replaces the field of *options*.
        Raises `QuerySyntaxError`, `EngineError`, with *gist* the errors of `search_gist`.
        """
        options = _merge_search_options(
            options, limit=limit, offset=offset, context=context, context_ms=context_ms, match=match, sort=sort,
            site=site, channel=channel, kind=kind, lang=lang, article=article, after=after, before=before,
            threshold=threshold, raw_case=raw_case, origin=origin, speaker=speaker, gist=gist,
        )  # fmt: skip
        if not _wants_gist(options):
            return self._search_words(words, options)
        to_drop = _select_said(options)
        said = self._search_words(words, to_drop)
        end = options.offset + options.limit
        if end <= to_drop.limit and replace(options, limit=to_drop.limit, offset=0, gist=False) == to_drop:
            hits = said[options.offset : end]
        else:
            hits = [] if options.match == "gist" else self._search_words(words, options)
        return [*hits, *self._find_gist(words, options, said)[options.offset : end]]

    def _search_words(self, words: str, options: SearchOptions) -> list[Hit]:
        from .search.hits import find_hits

        if options.origin or options.speaker:  # a passage may have captions and speakers of others
            return list(self._search_faceted(words, options, self._current_findings()).hits)
        engine = self._current_engine()
        return [] if engine is None else find_hits(engine, self._engine_handle.cache(), words, options=options)

    def search_videos(
        self,
        words: str,
        *,
        options: SearchOptions | None = None,
        limit: int | None = None,
        offset: int | None = None,
        context: int | None = None,
        context_ms: int | None = None,
        match: MatchKind | None = None,
        sort: SortOrder | None = None,
        site: str | None = None,
        channel: str | None = None,
        kind: str | None = None,
        lang: str | None = None,
        article: str | None = None,
        after: str | None = None,
        before: str | None = None,
        threshold: float | None = None,
        raw_case: bool | None = None,
        origin: CaptionOrigin | None = None,
        speaker: str | None = None,
        gist: bool | None = None,
        correct: bool = False,
    ) -> VideoHitsPage:
        """Return the videos in which *words* were said, each with its best three moments and their total number.

        The arguments are those of `search`; *limit* and *offset* count videos.  The video with the best moment comes
        first.  If nothing matches and *correct* is true, return what `suggest` finds; the page says so in `corrected`.
        Raises `QuerySyntaxError`, `EngineError`.
        """

        options = _merge_search_options(
            options, limit=limit, offset=offset, context=context, context_ms=context_ms, match=match, sort=sort,
            site=site, channel=channel, kind=kind, lang=lang, article=article, after=after, before=before,
            threshold=threshold, raw_case=raw_case, origin=origin, speaker=speaker, gist=gist,
        )  # fmt: skip
        findings = self._current_findings()
        page = self._search_by_video(words, options, findings)
        if correct and not page.total and (corrected := self.suggest(words, options=options)):
            page = replace(self._search_by_video(corrected, options, findings), corrected=corrected)
        if not _wants_gist(options):
            return page
        from .search.gist_hits import add_gist_videos

        said = self._search_said(words, options, findings)
        return add_gist_videos(page, self._find_gist(words, options, said), options)

    def _search_by_video(self, words: str, options: SearchOptions, findings: RecentFindings) -> VideoHitsPage:
        from .search.by_video import VideoHitsPage, search_by_video

        in_video = self._search_in_video(words, options)
        if in_video is not None:
            from .search.single_video import make_video_page

            return make_video_page(in_video, options)
        engine = self._current_engine()
        if engine is None or options.match == "gist":
            return VideoHitsPage()
        return search_by_video(engine, self._engine_handle.cache(), words, options=options, recent=findings)

    def search_page(self, words: str, *, options: SearchOptions | None = None, correct: bool = False) -> FacetedHits:
        """Return the hits of `search`, with the number of hits of each site, channel, kind, speaker, ….

        If nothing matches and *correct* is true, return what `suggest` finds; the page says so in `corrected`.
        Raises `QuerySyntaxError`, `EngineError`.
        """
        options = _merge_search_options(options)
        findings = self._current_findings()
        page = self._search_faceted(words, options, findings)
        if correct and not page.total and (corrected := self.suggest(words, options=options)):
            page = replace(self._search_faceted(corrected, options, findings), corrected=corrected)
        if not _wants_gist(options):
            return page
        from .search.gist_hits import add_gist_hits

        said = self._search_said(words, options, findings)
        return add_gist_hits(page, self._find_gist(words, options, said), options)

    def _search_faceted(self, words: str, options: SearchOptions, findings: RecentFindings) -> FacetedHits:
        from .search.facets import FacetedHits, facet_search

        in_video = self._search_in_video(words, options)
        if in_video is not None:
            from .search.single_video import make_faceted_hits

            return make_faceted_hits(in_video, options)
        engine = self._current_engine()
        if engine is None or options.match == "gist":
            return FacetedHits()
        return facet_search(engine, self._engine_handle.cache(), words, options=options, recent=findings)

    def _current_findings(self) -> RecentFindings:
        """Return what earlier searches found; if the state of the index is not known, as on a cluster, nothing."""
        from .search.recent import RecentFindings

        return self._recent.current() or RecentFindings()

    def search_gist(self, words: str, *, options: SearchOptions | None = None) -> list[Hit]:
        """Return the sentences that say *words* in other words, best first: at most 30, and no hit of `search`.

        The score of a hit is the probability that it is right.  The filters of *options* apply; text with operators
        other than fields finds nothing.
        Raises `NoVectorsError` if the index has no vectors (see `rebuild`), `GistModelError` if they are of another
        model than the one that is installed, `GistNotInstalledError`, `QuerySyntaxError`, `EngineError`.
        """
        options = _merge_search_options(options)
        hits = self._find_gist(words, options, self._search_said(words, options, self._current_findings()))
        return hits[options.offset : options.offset + options.limit]

    def suggest_gist(self, words: str, *, options: SearchOptions | None = None) -> list[Hit]:
        """Return the hits of `search_gist` that are probable enough to be shown to somebody who did not ask for them.

        There are none if the index has no vectors, or if they cannot be used here.  This is for a search that has found
        nothing.  Raises `QuerySyntaxError`, `EngineError`.
        """
        if not self.gist_model or self._gist_handle.usable() is None:
            return []
        from .search.gist_hits import MIN_SUGGESTED

        options = _merge_search_options(options)
        hits = self._find_gist(words, options, self._search_said(words, options, self._current_findings()))
        probable = [hit for hit in hits if hit.score >= MIN_SUGGESTED]
        return probable[options.offset : options.offset + options.limit]

    def _search_said(self, words: str, options: SearchOptions, findings: RecentFindings) -> Sequence[Hit]:
        """Return the hits of the words themselves, without a search if *findings* have them."""
        from .search.facets import is_known

        said = _select_said(options)
        if is_known(words, options=said, recent=findings):
            return self._search_faceted(words, said, findings).hits
        return self._search_words(words, said)  # which counts nothing

    def _find_gist(self, words: str, options: SearchOptions, said: Sequence[Hit]) -> list[Hit]:
        """Return all hits in other words but those that are *said*, whatever the limit and the offset of *options*."""
        from .search.gist_hits import find_gist_hits

        self._check_is_open()
        opened: OpenGist | None = self._gist_handle.current()
        if opened is None:
            raise NoVectorsError(str(self.path))
        engine = self._current_engine()
        if engine is None:
            return []
        return find_gist_hits(
            engine,
            self._engine_handle.cache(),
            opened.vectors,
            opened.model,
            words,
            options=options,
            found=said,
        )

    def search_texts(self, words: str, *, options: SearchOptions | None = None) -> TextHits:
        """Return the titles, chapters, tags, channels, descriptions and articles that have *words*, not who said them.

        Plain words must all occur in one text; operators work as in `search`, and `in:title` selects a kind of text, as
        *options.texts* does.  Texts that changed since the last `flush` are indexed first if the index is writable.
        Raises `QuerySyntaxError`, `IndexUnusableError`, `EngineError`.
        """
        from .search.texts import find_texts

        pending = self.pending_texts() if self._index_texts(required=False) else 0
        return find_texts(self._store, words, options=_merge_search_options(options), pending=pending)

    def pending_texts(self) -> int:
        """Return the number of videos and articles whose texts are not searchable yet in their current form."""
        return self._store.count_stale_texts()

    def change_stamp(self) -> tuple[int, ...] | None:
        """Return a value that differs once any process has written to the index; None if it is on a cluster.

        As long as it stays the same, so do the results of all searches.  It costs some microseconds.  Compare only
        values of one `Index` object.  Raises `EngineError`.
        """
        stamp = self._store.change_stamp()
        return None if stamp is None else (*stamp, *self._engine_handle.commit_stamp(stamp))

    def _index_texts(self, *, required: bool) -> bool:
        """Make the texts about videos searchable, and return whether there were any that were not.

        Unless that is *required*, they may stay as they are.
        """
        if not self._store.count_stale_texts():
            return False
        try:
            self._store.index_texts()
        except IndexUnusableError:
            if required:
                raise
        return True

    def trend(self, words: str, *, by: TrendGroup = "month", options: SearchOptions | None = None) -> Trend:
        """Return how often *words* were said by `month`, `year`, `channel` or `speaker`, per million indexed words.

        Every month or year between the first and the last one has a row, even if no words are indexed there.  Hits are
        those of `search`, with the filters of *options*; its *limit*, *offset* and *sort* have no effect.
        Raises `QuerySyntaxError`, `EngineError`, `OptionError`.
        """
        from .search.trend import Trend, check_group, count_trend

        check_group(by)
        options = _merge_search_options(options)
        engine = self._current_engine()
        if engine is None:
            return Trend(by)
        source = self._engine_handle.cache()
        return count_trend(engine, source, self._word_source(), words, by=by, options=options)

    def speakers(self) -> list[SpeakerWords]:
        """Return the speakers that the captions name, with the number of their words, most words first.

        The first call reads all transcripts, which takes about 0.25 s per million words; further calls of the same
        `Index` object read only what was added since.  Raises `EngineError`.
        """
        from .search.speakers import count_speakers

        self._check_is_open()
        return count_speakers(self._word_source())

    def _word_source(self) -> KnownSpeakerWords:
        """Return the store with the words of speakers that were counted since a transcript was last replaced."""
        from .search.speakers import KnownSpeakerWords

        version = self._store.get_setting("renewed")
        if self._speaker_words is None or self._speaker_words[0] != version:
            self._speaker_words = version, KnownSpeakerWords(self._store)
        return self._speaker_words[1]

    def _search_in_video(self, words: str, options: SearchOptions) -> list[Hit] | None:
        if not options.only_video or options.match == "gist":
            return None
        return self._search_single_video(words, options=options)

    def _search_single_video(self, words: str, *, options: SearchOptions) -> list[Hit] | None:
        from .search.single_video import search_tracks

        numbers = [number for number, _ in self._store.list_tracks(options.only_video)]
        contexts = ((self._store.track_context(number), number) for number in numbers)
        tracks = ((context, self._store.read_transcript(number)) for context, number in contexts if context is not None)
        return search_tracks(tracks, words, options=options)

    def _current_engine(self) -> Engine | None:
        self._check_is_open()
        return self._engine_handle.current()

    def quotes(self, article: str, *, render: bool = False) -> list[CheckedQuote]:
        """Check the quotations printed in *article*, a URL or a file, and return each with its verdict and hit.

        They are searched for in the videos that the article embeds, then in the whole index.  An article that is not in
        the index is read, but not added; *render* is as for `add`.

        Raises `FetchError`, `TargetError`, `DiscoveryError`, `EngineError`.
        """
        from .verify.check import check_quotes
        from .verify.quotations import extract_quotations

        indexed = self._find_article(article)
        articles = (indexed,) if indexed else self._read_articles(article, render=render)
        printed = [quotation for each in articles for quotation in extract_quotations(each.text)]
        return list(check_quotes(self._make_verifier(), printed, article=indexed.url if indexed else ""))

    def _make_verifier(self) -> ClaimVerifier:
        from .verify.verifier import ClaimVerifier

        engine = self._current_engine()
        find_similar = self._find_similar if self.gist_model and engine is not None else None
        return ClaimVerifier(self._store, engine, self._engine_handle.cache(), find_similar)

    def _find_similar(self, quote: str, videos: frozenset[str]) -> Hit | None:
        """Return the sentence in *videos*, or in any if there are none, that is likely to say *quote*."""
        from .model import probability_word
        from .search.options import SearchOptions

        if self._gist_handle.usable() is None:
            return None
        hits = self._find_gist(quote, SearchOptions(videos=videos), ())
        return hits[0] if hits and probability_word(hits[0].score) == "likely" else None

    def verify(self, claims: Iterable[Claim | Mapping[str, object] | str]) -> Iterator[Verdict]:
        """Yield a verdict for each of *claims*, in order: whether the quote was said, by whom, and with which changes.

        A claim may be a mapping with the fields of `Claim`, or the quote alone; *claims* may be one quote.  The video
        of a claim is searched first, or the videos of its article, then the whole index.  Nothing is read from the
        network.  Raises `OptionError` if one of *claims* is no claim, `EngineError`.
        """
        from .verify.claims import Claim

        verifier = self._make_verifier()
        given = [claims] if isinstance(claims, str) else claims
        return self._while_open(verifier.verify(Claim.read(claim)) for claim in given)

    def reviews(self, article: str) -> list[Review]:
        """Return what people noted about the quotations of *article*, in the order of their first notes.

        The reviews of quotations that the article does not print any more are kept, and so are those of an article that
        is read again.  Raises `NotIndexedError`.
        """
        return self._store.list_reviews(self.article(article).url)

    def save_review(self, article: str, quote: str, *, done: bool | None = None, note: str | None = None) -> Review:
        """Tick off a quotation of *article*, or note something about it, and return the review; None keeps a value.

        *quote* is the quotation as `quotes` returns it.  A review is stored until its article is removed.
        Raises `NotIndexedError`, `OptionError` if the note is too long, `IndexUnusableError`.
        """
        text = None if note is None else "\n".join(note.strip().splitlines())
        if text and len(text) > MAX_NOTE_CHARS:
            raise OptionError(f"a note must have at most {MAX_NOTE_CHARS:,} characters")
        now = time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime())

        def edit(before: Review) -> Review:
            return replace(
                before,
                done=before.done if done is None else done,
                note=before.note if text is None else text,
                changed=now,
            )

        return self._store.edit_review(self.article(article).url, quote, edit)

    def _find_article(self, name: str) -> Article | None:
        return self._store.find_article(name) or self._store.find_article(to_url(name))

    def _read_articles(self, name: str, *, render: bool) -> Iterator[Article]:
        from .ingest.page_reader import read_pages

        return (found.article for found in read_pages(name, render=render))

    def suggest(self, words: str, *, options: SearchOptions | None = None) -> str | None:
        """Return *words* with misspelled ones replaced by indexed words, or None if there is nothing to correct.

        It finds something with the filters of *options*.  Raises `QuerySyntaxError`, `EngineError`.
        """
        from .search.suggest import suggest_query

        engine = self._current_engine()
        if engine is None:
            return None
        return suggest_query(engine, self._engine_handle.cache(), words, options=_merge_search_options(options))

    def find_unknown_values(self, words: str, *, options: SearchOptions | None = None) -> list[UnknownValue]:
        """Return the filter values of *options*, and of fields such as `channel:` in *words*, that no video has.

        A search with one of them finds nothing.  Each has some similar values, except for speakers, titles and labels.
        Raises `EngineError`.
        """
        from .search.unknown_values import count_values, find_similar_values, find_unknown_values

        engine = self._current_engine()
        unknown = list(find_unknown_values(engine, words, _merge_search_options(options))) if engine else []
        names = {each.name for each in unknown}
        known = {name: count_values(self._known_values(name)) for name in names}
        return [replace(each, similar=find_similar_values(each.value, known[each.name])) for each in unknown]

    def _known_values(self, name: str) -> Iterator[str]:
        """Yield the value of each video or article for the filter *name*."""
        if name == "article":
            return (article.url for article in islice(self._store.list_articles(), _MAX_LISTED_VALUES))
        if name == "lang":
            return self._known_languages()
        if name not in ("site", "channel", "kind"):
            return iter(())
        return (str(getattr(video, name)) for video in islice(self._store.list_videos(), _MAX_LISTED_VALUES))

    def _known_languages(self) -> Iterator[str]:
        videos = list(islice(self._store.list_videos(), _MAX_LISTED_LANGUAGES))
        for video in videos:
            for _, track in self._store.list_tracks(video.id):
                yield track.language or video.language

    # Cutting

    def clip_moments(
        self, hits: Iterable[Hit | ClipMoment], *, pad_ms: int = 0, sentences: bool = False, joined: bool = False
    ) -> list[ClipMoment]:
        """Return the moments that `clips` cuts for *hits*, in their order, with the films that are on this machine.

        *pad_ms* is added before and after each moment; with *sentences*, it begins and ends with a whole sentence.
        *joined*: hits whose moments overlap have one moment, as in a supercut.
        A `ClipMoment` stays as it is.  Raises `OptionError` if a moment is longer than half an hour.
        """
        from .clips.moments import MomentMaker

        self._check_is_open()
        return MomentMaker(self, pad_ms=pad_ms, sentences=sentences, joined=joined).make_moments(hits)

    def clips(
        self,
        hits: Iterable[Hit | ClipMoment],
        out: str | os.PathLike[str],
        *,
        options: ClipOptions | None = None,
        resolve: ResolveOptions | None = None,
    ) -> Iterator[ClipResult]:
        """Cut the moment of each of *hits* into a file of its own in the folder *out*, and yield what came of each.

        A film that is not on this machine is fetched from its site, the section of the moment only; *resolve* are
        options for requests.  A failure never stops the rest, and clips that an earlier call has made are kept.
        Raises `OptionError`, `FfmpegNotInstalledError`, and `ClipError` if *out* cannot be written or is too full.
        """
        self._check_is_open()
        from .clips.options import ClipOptions

        options = options or ClipOptions()
        moments = self.clip_moments(hits, pad_ms=options.pad_ms, sentences=options.sentences)
        return self._while_open(self._cut_clips(moments, Path(out), options, resolve))

    def supercut(
        self,
        hits: Iterable[Hit | ClipMoment],
        file: str | os.PathLike[str],
        *,
        options: SupercutOptions | None = None,
        clips: ClipOptions | None = None,
        resolve: ResolveOptions | None = None,
        notify: Callable[[ClipResult], None] | None = None,
    ) -> SupercutResult:
        """Make one film of the moments of *hits*, all of one size and loudness, with a chapter for each.

        Hits whose moments overlap have one moment, so that nothing is played twice.
        *clips* tells how each is cut; its *copy* and *captions* have no effect, and *format* must not be `gif`.
        *notify* is called with what came of each moment.  A failure never stops the rest.
        Raises `OptionError`, `FfmpegNotInstalledError`, and `ClipError` if no moment can be cut, or *file* cannot be
        written.
        """
        self._check_is_open()
        from .clips.fetch import FilmFetcher
        from .clips.options import ClipOptions, SupercutOptions
        from .clips.supercut import SupercutMaker
        from .resolve import ResolveOptions

        clips = clips or ClipOptions()
        if clips.format == "gif":
            raise OptionError("a supercut cannot be a GIF: use mp4 or webm")
        moments = self.clip_moments(hits, pad_ms=clips.pad_ms, sentences=clips.sentences, joined=True)
        with FilmFetcher(self, clips, resolve or ResolveOptions()) as fetcher:
            maker = SupercutMaker(self, Path(file), options or SupercutOptions(), clips, fetcher)
            return maker.make(moments, notify or _ignore_clip)

    def _cut_clips(
        self, moments: list[ClipMoment], out: Path, options: ClipOptions, resolve: ResolveOptions | None
    ) -> Iterator[ClipResult]:
        from .clips.fetch import FilmFetcher
        from .clips.run import ClipRunner
        from .resolve import ResolveOptions

        with FilmFetcher(self, options, resolve or ResolveOptions()) as fetcher:
            yield from ClipRunner(self, out, options, fetcher).run(moments)

    # Reading

    def video(self, name: str) -> Video:
        """Return the video with an id or a URL; an id without the extractor, or the start of one, suffices if unique.

        Raises `NotIndexedError`.
        """
        found = self._store.find_video(name)
        if found is None:
            raise NotIndexedError(name)
        return found

    def videos(self, *, offset: int = 0) -> Iterator[Video]:
        """Yield all videos in the order in which they were added, without the first *offset*."""
        return self._while_open(self._store.list_videos(offset=offset))

    def article(self, url: str) -> Article:
        """Return the article with a URL, or the one that was read from a file or URL.  Raises `NotIndexedError`."""
        found = self._find_article(url)
        if found is None:
            raise NotIndexedError(url, "article")
        return found

    def articles(self, *, offset: int = 0) -> Iterator[Article]:
        """Yield all articles, without their text, in the order in which they were added, without the first *offset*."""
        return self._while_open(self._store.list_articles(offset=offset))

    def article_count(self) -> int:
        """Return the number of articles."""
        return self._store.count_articles()

    def video_count(self) -> int:
        """Return the number of videos."""
        return self._store.count_videos()

    def embeds(self, *, article: str = "", video: str = "", state: str = "", url: str = "") -> list[EmbedRecord]:
        """Return embeds in the order of the articles; filter by URL of the article, video id, state, or URL."""
        return self._store.list_embeds(article=article, video=video, state=state, url=url)

    def tracks(self, video: str) -> list[Track]:
        """Return the caption tracks of a video.  Raises `NotIndexedError`."""
        tracks = self._store.list_tracks(video) or self._store.list_tracks(self.video(video).id)
        return [track for _, track in tracks]

    def transcript(self, video: str, *, language: str = "", restore_case: bool = False) -> Transcript:
        """Return the transcript of a video: the one in *language*, else that of its best track (manual captions first).

        *restore_case*: return captions in capitals in sentence case, with names as the title of the video, the articles
        that embed it and its other tracks write them.

        Raises `NotIndexedError` if there is no such video, or if it has no captions (in *language*).
        """
        from .transcripts.casing import restore_case as restore_transcript_case
        from .transcripts.track_choice import choose_reading_track

        found = self.video(video)
        tracks = self._store.list_tracks(found.id)
        chosen = choose_reading_track([track for _, track in tracks], language)
        if chosen is None:
            raise NotIndexedError(f"{video} with captions" + (f" in {language}" if language else ""))
        number, track = tracks[chosen]
        transcript = self._store.read_transcript(number)
        if not restore_case:
            return transcript
        texts = self._texts_about(found, [other for other, _ in tracks if other != number])
        return restore_transcript_case(transcript, texts, language=track.language)

    def _texts_about(self, video: Video, tracks: Iterable[int]) -> Iterator[str]:
        """Yield the texts that may write the names in the captions of *video*: of articles and of other *tracks*."""
        from .transcripts.casing import is_all_caps
        from .transcripts.name_case import context_texts

        embeds = self.embeds(video=video.id)
        articles = filter(None, map(self._find_article, dict.fromkeys(record.article for record in embeds)))
        yield from context_texts(video, articles, [record.embed.label for record in embeds])
        for track in tracks:
            transcript = self._store.read_transcript(track)
            if not is_all_caps(transcript.words):
                yield transcript.text

    def stats(self) -> Stats:
        """Return counts of what the index holds, and its size on disk."""
        counts = self._store.collect_stats()
        model = self.gist_model
        return replace(
            counts,
            bytes=self._store.disk_size_bytes(),
            engine=self.engine,
            gist_model=model,
            vectors=self._count_vectors() if model else 0,
        )

    def _count_vectors(self) -> int:
        """Return the number of vectors; 0 if they are damaged, which `find_damage` tells."""
        try:
            vectors = self._gist_handle.vectors()
            return vectors.count_rows() if vectors is not None else 0
        except EngineError:
            return 0

    def find_damage(self) -> list[str]:
        """Return a line for each problem of the index, with the next step; an empty list if there is none."""
        self._check_is_open()
        return find_damage(self._store, self._location, self._engine_handle.current)

    def status(self) -> QueueStatus:
        """Return counts of the tasks in the work queue, by kind and state."""
        return self._store.queue.read_status()

    def tasks(self, *states: TaskState) -> Iterator[Task]:
        """Yield the links, embeds and videos of the work queue that are in one of *states*, or all of them."""
        return self._while_open(self._store.queue.list_tasks(*states))

    def report(self, *links: str | os.PathLike[str]) -> Iterator[LinkReport]:
        """Yield the result of each of *links* that was ever given to `batch`, or of all links, in order."""
        from .ingest.batch import make_link_task

        urls = [make_link_task(os.fspath(link)).url for link in links]
        return self._while_open(self._store.queue.report_links(urls if links else None))

    def pending_words(self) -> int:
        """Return the number of words that are stored but not searchable yet."""
        return self._store.count_pending_words()

    def _estimate_pending_words(self) -> int:
        return self._store.count_pending_words(is_estimate=True)


def _merge_search_options(options: SearchOptions | None, **shortcuts: Any) -> SearchOptions:
    """Return *options* with the fields replaced for which a shortcut is not None."""
    from .search.options import SearchOptions

    given = {name: value for name, value in shortcuts.items() if value is not None}
    options = options or SearchOptions()
    return replace(options, **given) if given else options


def _select_said(options: SearchOptions) -> SearchOptions:
    """Return the options of a search for the hits of the words, which are no hits in other words."""
    return replace(options, match=None, limit=_MAX_SAID_HITS, offset=0, sort="score", threshold=None, gist=False)


def _wants_gist(options: SearchOptions) -> bool:
    return options.gist or options.match == "gist"


def _ignore_progress(progress: Progress) -> None:
    """Do nothing."""


def _ignore_clip(result: ClipResult) -> None:
    """Do nothing."""


def _ignore_batch_event(event: BatchEvent) -> None:
    """Do nothing."""


def _is_embed_named(record: EmbedRecord, name: str) -> bool:
    return name in (record.embed.url, record.embed.id, f"{record.embed.provider}:{record.embed.id}")
