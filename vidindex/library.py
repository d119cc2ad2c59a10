"""The facade: open an index, add to it, search it.  It wires the stages together and holds no logic."""

from __future__ import annotations

import os
import threading
import time
from collections.abc import Callable, Iterable, Iterator
from dataclasses import replace
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING, Literal, Self

from . import config
from .engines.sync import (
    delete_retired,
    find_damage,
    index_pending,
    open_index_engine,
    rebuild_from_store,
    resolve_index_engine,
    write_lock,
)
from .errors import EngineError, NotIndexedError
from .model import (
    AddReport,
    Article,
    EmbedRecord,
    Hit,
    MatchKind,
    Progress,
    Stats,
    Track,
    Transcript,
    Video,
)
from .store import open_store
from .store.location import parse_location

if TYPE_CHECKING:  # the stages that only adding needs are heavy
    from .engines.base import Engine
    from .ingest.batch import BatchEvent, BatchOptions, BatchReport
    from .resolve import ResolveOptions
    from .search.facets import FacetedHits
    from .search.options import SearchOptions
    from .search.passage_cache import PassageCache
    from .store.base import RetryGroup
    from .store.copy import Migration
    from .store.tasks import LinkReport, QueueStatus, Task, TaskState
    from .transcripts.asr import AsrOptions
    from .verify.check import CheckedQuote


def open(  # noqa: A001 - `vidindex.open` reads as it should
    path: str | os.PathLike[str] | None = None, *, engine: str = "auto", create: bool = True
) -> Index:
    """Open the index in the folder, or at the address of a cluster, *path* (default: `VIDINDEX_INDEX`, else `./index`).

    *engine* is `auto`, `whoosh` or `tantivy` and matters when the index is made; an index remembers its own.
    Raises `IndexLocationError` where there is none and *create* is false, `IndexVersionError`,
    `EngineNotInstalledError`.
    """
    return Index(config.resolve_index_path(path), engine=engine, create=create)


def rebuild_index(
    path: str | os.PathLike[str] | None = None,
    *,
    engine: str = "auto",
    notify: Callable[[Progress], None] | None = None,
) -> list[str]:
    """Do what `Index.rebuild` does, also where the index's engine is damaged or not installed here."""
    place = parse_location(config.resolve_index_path(path))
    store = open_store(place, create=False)
    try:
        kept = store.get_setting("engine")
        return rebuild_from_store(
            store, place, kept if engine == "auto" and kept else engine, notify or _ignore_progress
        )
    finally:
        store.close()


def migrate(
    source: str | os.PathLike[str],
    target: str | os.PathLike[str],
    *,
    engine: str = "auto",
    notify: Callable[[Progress], None] | None = None,
) -> Migration:
    """Copy the index *source* to *target*, a folder or the address of a cluster each, and compare the two.

    What was stopped is completed by doing it again.  *engine* matters where *target* is a new folder.  The source
    should rest meanwhile: what changes there is told by the comparison (`Migration.verified`).
    Raises `IndexUnusableError`.
    """
    from .store.copy import compare_indexes, copy_index

    tell = notify or _ignore_progress
    with open(source, create=False) as old, open(target, engine=engine) as new:
        copy_index(old._store, new._store, tell)
        tell(Progress("engine", new.engine))
        new.flush()
        return compare_indexes(old._store, new._store, tell)


class Index:
    """An index of what is said in videos.  Close it, or use it in a `with` statement.

    One index may be used by several threads; several processes may open the same folder.
    """

    def __init__(self, path: Path | str, *, engine: str = "auto", create: bool = True) -> None:
        self._location = parse_location(path)
        self.path = path
        self._store = open_store(self._location, create=create)
        self._engine: Engine | None = None
        self._engine_folder = self._transcripts_version = ""
        self._retired_engines: list[tuple[float, Engine]] = []
        self._passage_cache: tuple[tuple[str, str], PassageCache] | None = None
        self._engine_lock = threading.Lock()
        try:
            self.engine = resolve_index_engine(self._store, self._location, engine)
        except BaseException:
            self._store.close()
            raise

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, exc: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        """Let go of all files."""
        if self._engine is not None:
            self._engine.close()
        for _, engine in self._retired_engines:
            engine.close()
        self._engine, self._retired_engines = None, []
        self._store.close()

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
        notify: Callable[[Progress], None] | None = None,
    ) -> AddReport:
        """Add articles, videos, saved pages, caption files or folders of them; give a report of what was done.

        *links*: also take videos that an article merely links to.  *languages*: of which caption tracks are
        taken beside the spoken language (`all` for all).  *limit*: how many videos of a playlist.  *wayback*:
        ask the web archive for copies of what plays no more.  *asr*: recognise the speech of videos without captions.
        *notify* is told of each step.  What fails is in the report's `failures` and stops nothing else; only an index
        that cannot be written raises, and `AsrNotInstalledError`, `AsrModelError`.
        """
        from .ingest import AddOptions, TargetAdder
        from .resolve import ResolveOptions

        options = AddOptions(links, tuple(languages), limit, resolve or ResolveOptions(), wayback, asr=asr)
        adder = TargetAdder(
            self._store, options=options, notify=notify or _ignore_progress, on_stored=_FlushPolicy(self).flush_if_due
        )
        try:
            for target in targets:
                adder.add(os.fspath(target))
        finally:
            adder.close()
            self.flush()
        return adder.report_builder.build_report()

    def transcribe(
        self,
        *videos: str | os.PathLike[str],
        asr: AsrOptions | None = None,
        force: bool = False,
        resolve: ResolveOptions | None = None,
        notify: Callable[[Progress], None] | None = None,
    ) -> AddReport:
        """Recognise the speech of *videos*: their ids or URLs, or targets as `add` takes them, which are added first.

        A video with captions that people wrote is left alone, and so is one that the same model has transcribed, unless
        *force*.  What fails is in the report's `failures` and stops nothing else.  Raises `AsrNotInstalledError`,
        `AsrModelError`.
        """
        from .ingest import AddOptions, VideoTranscriber
        from .resolve import ResolveOptions

        options = AddOptions(resolve=resolve or ResolveOptions(), asr=asr)
        stored = _FlushPolicy(self).flush_if_due
        transcriber = VideoTranscriber(
            self._store, options=options, notify=notify or _ignore_progress, on_stored=stored, force=force
        )
        try:
            for video in videos:
                transcriber.transcribe(os.fspath(video))
        finally:
            transcriber.close()
            self.flush()
        return transcriber.report_builder.build_report()

    def batch(
        self,
        *links: str | os.PathLike[str],
        options: BatchOptions | None = None,
        retry: Iterable[RetryGroup] = (),
        notify: Callable[[BatchEvent], None] | None = None,
    ) -> BatchReport:
        """Put *links* to articles and videos into the work queue, and work through all of it that is due.

        Links that were done before are left alone.  *retry* has those done again that failed for good (`failed`),
        are `dead`, or led to a video without captions (`no-captions`): of *links*, or of all where none are given.
        *notify* is told of each step, one at a time, by any thread.  What fails is in the queue (`tasks`, `report`).
        Raises `IndexUnusableError`.
        """
        from .ingest.batch import BatchOptions, BatchRunner, make_link_task

        tasks = [make_link_task(os.fspath(link)) for link in links]
        self._store.queue.add_tasks(tasks)
        for such in retry:
            self._store.queue.retry_tasks(such, links=[task.url for task in tasks] if tasks else None)
        pace = _FlushPolicy(self)
        runner = BatchRunner(
            self._store,
            options=options or BatchOptions(),
            on_event=notify or _ignore_batch_event,
            flush=pace.flush_if_due,
        )
        try:
            return runner.run()
        finally:
            self.flush()

    def refresh(
        self,
        *,
        older_than_s: float = 0.0,
        options: BatchOptions | None = None,
        notify: Callable[[BatchEvent], None] | None = None,
    ) -> BatchReport:
        """Ask for all videos again that were asked for last more than *older_than_s* ago, as `batch` does.

        Metadata and captions that changed are replaced, captions that appeared since are taken.  A video that is gone
        is marked (`Video.gone`) and stays searchable.
        """
        queue = self._store.queue
        queue.requeue(list(queue.list_stale_tasks(time.time() - older_than_s)))
        return self.batch(options=options, notify=notify)

    def attach(self, embed: str, target: str | os.PathLike[str], *, article: str = "") -> AddReport:
        """Give an embed, named by its URL, the video at an address or in a caption file in place of its own.

        *article* tells which, where several embed the same.  Raises `NotIndexedError` where there is no such
        embed; what fails besides is in the report, and leaves the embed as it was.
        """
        places = [
            state
            for state in self.embeds(article=article and self.article(article).url)
            if _is_embed_named(state, embed)
        ]
        if not places:
            raise NotIndexedError(embed, "embed")
        report = self.add(target)
        for video in (*report.videos, *report.unchanged)[:1]:
            for state in places:
                self._store.set_embed_state(state.article, state.embed.url, state="attached", video=video)
        self.flush()
        return report

    def flush(self) -> int:
        """Give the engine what waits for it, and make it searchable; `add` does so by itself.

        Counts the caption tracks.  Raises `IndexBusyError` where another process does not finish in time.
        """
        if not self._store.has_pending():
            return 0
        with write_lock(self._location):
            engine = self._current_engine(create=True)
            fed = index_pending(self._store, engine) if engine is not None else 0
        delete_retired(self._store, self._location)
        return fed

    def remove(self, target: str) -> list[str]:
        """Forget a video (its id or URL), or an article (its URL or file) and the videos only it embeds.

        Gives the ids of the videos that went.  Raises `NotIndexedError`.
        """
        article = self._find_article(target)
        gone = self._store.remove_article(article.url) if article else [self._find_exact_video(target).id]
        for name in gone:
            self._store.remove_video(name)
        self.flush()
        return gone

    def _find_exact_video(self, target: str) -> Video:
        """Find a video by its whole name: the start of one is enough to show it, not to remove it."""
        video = self.video(target)
        if target not in (video.id, video.url, video.id.partition(":")[2]):
            raise NotIndexedError(target)
        return video

    def rebuild(self, *, engine: str = "auto", notify: Callable[[Progress], None] | None = None) -> list[str]:
        """Read all captions again from the bytes in the store and make the engine anew; no network.

        *engine* `auto` keeps the one in use.  Gives what could not be read again, which stays as it was.
        """
        name = self.engine if engine == "auto" else engine
        if self._engine is not None:
            self._engine.close()
            self._engine = None
        failed = rebuild_from_store(self._store, self._location, name, notify or _ignore_progress)
        self.engine = name
        return failed

    # Searching

    def search(
        self,
        words: str,
        *,
        limit: int = 10,
        offset: int = 0,
        context: int = 12,
        context_ms: int = 0,
        match: MatchKind | None = None,
        sort: Literal["score", "date", "length"] = "score",
        site: str = "",
        channel: str = "",
        kind: str = "",
        lang: str = "",
        article: str = "",
        after: str = "",
        before: str = "",
        threshold: float | None = None,
        raw_case: bool = False,
    ) -> list[Hit]:
        """Find the moments in which *words* were said, best first.

        Plain words are a quote; operators make them a query (docs/search.md).  *context*: words of `before` and
        `after`, or *context_ms* milliseconds of them.  *match*: only `exact` or only `near` hits.  *site* to
        *before* narrow the search, as the fields of the query language do.  *threshold*: the score under which
        a near hit is left out.  Raises `QuerySyntaxError`, `EngineError`.
        """
        from .search.hits import find_hits
        from .search.options import SearchOptions

        engine = self._current_engine()
        if engine is None:
            return []
        options = SearchOptions(
            limit=limit,
            offset=offset,
            match=match,
            sort=sort,
            site=site,
            channel=channel,
            kind=kind,
            lang=lang,
            article=article,
            after=after,
            before=before,
            context=context,
            context_ms=context_ms,
            threshold=threshold,
            raw_case=raw_case,
        )
        return find_hits(engine, self._current_passage_cache(), words, options=options)

    def search_page(self, words: str, *, options: SearchOptions) -> FacetedHits:
        """Do what `search` does, and count what the search as a whole can be narrowed to.

        Raises `QuerySyntaxError`, `EngineError`.
        """
        from .search.facets import FacetedHits, facet_search

        within = self._search_single_video(options.only_video, words, options=options) if options.only_video else None
        if within is not None:
            return within
        engine = self._current_engine()
        return (
            facet_search(engine, self._current_passage_cache(), words, options=options)
            if engine is not None
            else FacetedHits()
        )

    def _search_single_video(self, video: str, words: str, *, options: SearchOptions) -> FacetedHits | None:
        from .search.single_video import facet_search_tracks

        told = ((self._store.track_context(number), number) for number, _ in self._store.list_tracks(video))
        said = ((subject, self._store.read_transcript(number)) for subject, number in told if subject is not None)
        return facet_search_tracks(said, words, options=options)

    def quotes(self, article: str, *, threshold: float | None = None) -> list[CheckedQuote]:
        """Check the quotations printed in *article*, an address or a file: each with its verdict and hit.

        They are looked for in the clips that the article embeds, then in the whole index.  An article that is
        not in the index is read, but not added.  Raises `FetchError`, `TargetError`, `DiscoveryError`,
        `EngineError`.
        """
        from .search.options import SearchOptions
        from .verify.check import CheckedQuote, check_quotes
        from .verify.quotations import extract_quotations

        known = self._find_article(article)
        printed = extract_quotations((known or self._read_article(article)).text)
        engine = self._current_engine()
        if engine is None:
            return [CheckedQuote(quotation, "not found") for quotation in printed]
        embedded = self.embeds(article=known.url) if known else []
        videos = frozenset(state.video for state in embedded if state.video)
        options = SearchOptions(threshold=threshold)
        narrowed = known.url if known and videos else ""
        checked = check_quotes(
            engine, self._current_passage_cache(), printed, article=narrowed, videos=videos, options=options
        )
        if known and not videos:  # no clip of its own to be found in
            return [replace(each, elsewhere=each.hit is not None) for each in checked]
        return checked

    def _find_article(self, name: str) -> Article | None:
        return self._store.find_article(name) or self._store.find_article(_to_uri(name))

    def _read_article(self, name: str) -> Article:
        from .ingest.page_reader import read_page

        return read_page(name).article

    def suggest(self, words: str) -> str | None:
        """Tell what may have been meant by *words*, from the words that were said; None where nothing is likelier."""
        from .search.hits import suggest_spelling

        engine = self._current_engine()
        return suggest_spelling(engine, words) if engine is not None else None

    # Reading

    def video(self, name: str) -> Video:
        """Find a video by its id, its URL, or its id without the extractor where that is unique.

        Raises `NotIndexedError`.
        """
        found = self._store.find_video(name)
        if found is None:
            raise NotIndexedError(name)
        return found

    def videos(self, *, offset: int = 0) -> Iterator[Video]:
        """Give all videos, in the order in which they were added; without the first *offset*."""
        return self._store.list_videos(offset=offset)

    def article(self, url: str) -> Article:
        """Find an article by its URL, or by the file or address where it was read.  Raises `NotIndexedError`."""
        found = self._find_article(url)
        if found is None:
            raise NotIndexedError(url, "article")
        return found

    def articles(self, *, offset: int = 0) -> Iterator[Article]:
        """Give all articles, without their text, in the order in which they were added; without the first *offset*."""
        return self._store.list_articles(offset=offset)

    def article_count(self) -> int:
        """Count the articles."""
        return self._store.count_articles()

    def video_count(self) -> int:
        """Count the videos."""
        return self._store.count_videos()

    def embeds(self, *, article: str = "", video: str = "", state: str = "", url: str = "") -> list[EmbedRecord]:
        """Give embeds in article order: of the article with that URL, of that video's id, in a state, with a URL."""
        return self._store.list_embeds(article=article, video=video, state=state, url=url)

    def tracks(self, video: str) -> list[Track]:
        """Give the caption tracks of a video.  Raises `NotIndexedError`."""
        return [track for _, track in self._store.list_tracks(self.video(video).id)]

    def transcript(self, video: str, *, language: str = "") -> Transcript:
        """Give the transcript of a video: in *language*, else of its best track (manual before automatic).

        Raises `NotIndexedError` where there is no such video or it has no captions (in that language).
        """
        tracks = self._store.list_tracks(self.video(video).id)
        fitting = [pair for pair in tracks if not language or _is_same_language(pair[1].language, language)]
        if not fitting:
            raise NotIndexedError(f"{video} with captions" + (f" in {language}" if language else ""))
        number, _ = min(fitting, key=lambda pair: (_ORIGIN_PREFERENCE.index(pair[1].origin), pair[0]))
        return self._store.read_transcript(number)

    def stats(self) -> Stats:
        """Count what the index holds, and the bytes that it takes on disk."""
        return replace(self._store.collect_stats(), bytes=self._store.disk_size_bytes(), engine=self.engine)

    def find_damage(self) -> list[str]:
        """Look for damage: gives what is wrong, and what to do about it; empty where all is well."""
        return find_damage(self._store, self._current_engine())

    def status(self) -> QueueStatus:
        """Count what is in the work queue, by kind and state."""
        return self._store.queue.read_status()

    def tasks(self, *states: TaskState) -> Iterator[Task]:
        """Give the links, embeds and videos of the work queue that are in one of *states*, or all of them."""
        return self._store.queue.list_tasks(*states)

    def report(self, *links: str | os.PathLike[str]) -> Iterator[LinkReport]:
        """Tell what became of each of *links* that was ever listed for `batch`, or of all, in order."""
        from .ingest.batch import make_link_task

        urls = [make_link_task(os.fspath(link)).url for link in links]
        return self._store.queue.report_links(urls if links else None)

    def pending_words(self) -> int:
        """Count the words that are stored but not searchable yet."""
        return self._store.count_pending_words()

    def _current_engine(self, *, create: bool = False) -> Engine | None:
        """The engine, opened at first use and anew after another process has rebuilt it."""
        with self._engine_lock:
            place, self._transcripts_version = self._store.get_settings("engine_folder", "renewed")
            if self._engine is None or place != self._engine_folder:
                self.engine = self._store.get_setting("engine") or self.engine  # made anew, it may be another
                fresh = self._open_engine(place, create=create)
                self._retire_engine(self._engine)
                self._engine = fresh
                self._engine_folder = self._store.get_setting("engine_folder")
            return self._engine

    def _current_passage_cache(self) -> PassageCache:
        """What searches read, remembered for as long as the transcripts stay as they are."""
        state = self._engine_folder, self._transcripts_version
        remembered = self._passage_cache
        if remembered is None or remembered[0] != state:
            from .search.passage_cache import PassageCache

            self._passage_cache = remembered = state, PassageCache(self._store)
        return remembered[1]

    def _retire_engine(self, engine: Engine | None) -> None:
        """Close engines that were left long ago: another thread may be in the midst of a search in a later one."""
        now = time.monotonic()
        for left, old in self._retired_engines:
            if now - left > _RETIRED_CLOSE_AFTER_S:
                old.close()
        self._retired_engines = [
            (left, old) for left, old in self._retired_engines if now - left <= _RETIRED_CLOSE_AFTER_S
        ]
        if engine is not None:
            self._retired_engines.append((now, engine))

    def _open_engine(self, place: str, *, create: bool) -> Engine | None:
        while True:
            try:
                return open_index_engine(self._store, self._location, self.engine, create=create)
            except EngineError:
                now = self._store.get_setting("engine_folder")
                if now == place:
                    raise
                place = now  # it was made anew at this very moment
                self.engine = self._store.get_setting("engine")


_RETIRED_CLOSE_AFTER_S = 60.0

_ORIGIN_PREFERENCE = ("manual", "supplied", "asr", "automatic")


class _FlushPolicy:
    """Decides when the engine takes what waits in the store: seldom, but so often that a long run is searchable."""

    def __init__(self, index: Index) -> None:
        self._index = index
        self._last_flush_s = time.monotonic()

    def flush_if_due(self) -> bool:
        """Note that something may have been stored; tell whether the engine took it."""
        if (
            time.monotonic() - self._last_flush_s <= config.FLUSH_AFTER_S
            and self._index.pending_words() <= config.FLUSH_AFTER_WORDS
        ):
            return False
        fed = self._index.flush()
        self._last_flush_s = time.monotonic()
        return bool(fed)


def _ignore_progress(progress: Progress) -> None:
    """Tell nobody."""


def _ignore_batch_event(step: BatchEvent) -> None:
    """Tell nobody."""


def _to_uri(target: str) -> str:
    return target if "://" in target else Path(target).absolute().as_uri()


def _is_embed_named(state: EmbedRecord, name: str) -> bool:
    return name in (state.embed.url, state.embed.id, f"{state.embed.provider}:{state.embed.id}")


def _is_same_language(one: str, other: str) -> bool:
    return one.lower().split("-")[0] == other.lower().split("-")[0]
