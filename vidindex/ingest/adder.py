"""Add targets, articles and their embeds; a failure never stops the rest."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Protocol

from ..errors import (
    FetchError,
    IndexUnusableError,
    ListError,
    NotHtmlError,
    PageWallError,
    PlaylistError,
    ResolveError,
    ScriptPageError,
    TargetError,
    VidindexError,
)
from ..model import ARCHIVED_COPY_REASON, Article, CaptionLink, Embed, Progress
from ..net.sites import is_same_site
from ..pages.embeds import DiscoveredPage
from ..pages.formats.archive import ArchivedPage, SavedArchive
from ..pages.providers import recognize_url
from ..pages.saved_page import loaded_from_archive
from ..resolve.extractors import has_extractor
from ..resolve.local_files import SavedVideo, count_saved_videos, read_caption_file, read_caption_folder
from ..resolve.metadata import escape_name
from ..store.base import Store
from ..store.known_videos import link_known_videos
from ..store.tasks import Outcome
from ..transcripts.workers import JobPool
from .archived_videos import find_archived_video
from .archives import page_of
from .captures import is_missing_file, place_capture, set_capture_aside
from .folders import FolderItem, find_folder_items
from .lists.episodes import Episode
from .network import Network
from .options import AddCallbacks, AddOptions
from .page_reader import discover_loaded, expand_wrapper, is_wrapper_embed, read_page, select_embeds
from .progress import ProgressLog, summarize_failures, verdict_state
from .targets import Target, classify_target, file_url_to_path
from .videos import VideoStorer

_MAX_WRAPPERS = 40
_MIN_ARTICLE_WORDS = 50
"""A page with fewer words is the page of a video, not an article that embeds it."""

_FEED_TYPE = re.compile(r"xml|rss|atom|json|text/plain", re.IGNORECASE)
_FEED_SUFFIX = re.compile(r"\.(?:xml|rss|atom|rdf|json)(?:$|[?#])", re.IGNORECASE)
_VIDEOLESS_VERDICTS = ("gone", "dead", "unsupported")


class FollowUp(Protocol):
    """Queues what a link leads to, for a later run."""

    def queue_embeds(self, article: Article, embeds: Sequence[Embed]) -> None:
        """Queue embeds of *article* that need to be resolved."""

    def queue_entry(self, playlist: str, url: str) -> None:
        """Queue the video at *url*, an entry of *playlist*."""


class TargetAdder:
    """Adds targets to a store.

    *network* is used instead of a new one.  With *follow_up*, embeds and playlist entries are queued and not resolved
    at once.  The workers of *pool* parse captions.
    """

    def __init__(
        self,
        store: Store,
        *,
        options: AddOptions,
        callbacks: AddCallbacks,
        network: Network | None = None,
        follow_up: FollowUp | None = None,
        pool: JobPool | None = None,
    ) -> None:
        self._store = store
        self._pool = pool or JobPool(1)
        self._options = options
        self._network = network or Network.from_options(options.resolve, archive=options.archive)
        self._progress_log = ProgressLog(callbacks.notify)
        self._on_stored = callbacks.on_stored
        self._video_storer = VideoStorer(
            store,
            self._network,
            options=options,
            progress_log=self._progress_log,
            on_stored=self._on_stored,
            pool=self._pool,
        )
        self._follow_up = follow_up
        self.report_builder = self._progress_log.report_builder

    def close(self) -> None:
        """Close all connections."""
        self._network.resolver.close()

    def add_all(self, targets: Sequence[str | Path]) -> None:
        """Add *targets*, and report the progress of all together.

        Raises `IndexUnusableError`.
        """
        for target in self._progress_log.split_work(targets, len(targets)):
            self.add(target)

    def add(self, given: str | Path, *, feed: str = "") -> Outcome:
        """Add one target and return how it went; failures are in the report, too.

        *feed* is the podcast feed of which the target is an episode.
        Raises `IndexUnusableError`.
        """
        self.report_builder.target = name = str(given)
        outcome = self._attempt(name, lambda: self._add_given(given, feed))
        if self._follow_up is None and "://" in name:
            self._store.queue.record_attempt(name, "link", outcome)
        return outcome

    def _attempt(self, name: str, work: Callable[[], Outcome]) -> Outcome:
        """Do *work* for *name*; record failures, and mark a video that its site no longer has as unavailable."""
        before = len(self.report_builder.failures)
        with self._progress_log.record_failures(name):
            return work()
        outcome = summarize_failures(self.report_builder.failures[before:])
        if outcome.state == "gone":
            self._store.mark_unavailable(name)
        return outcome

    def _add_given(self, given: str | Path, feed: str) -> Outcome:
        if episode := self._find_episode(str(given), feed):
            return self._video_storer.resolve_and_store(episode.url, episode=episode).outcome
        return self._add_target(classify_target(given))

    def _find_episode(self, url: str, feed: str) -> Episode | None:
        return self._network.episodes.find_episode(feed, url) if feed and "://" in url else None

    def _add_target(self, target: Target) -> Outcome:
        match target.kind:
            case "page":
                return self._add_saved_page(target)
            case "archive":
                return self._add_archive(target.path)
            case "url":
                return self._add_url(target)
            case "video" | "media":
                return self._add_video(target.url)
            case "captions":
                return self._video_storer.store_saved(read_caption_file(target.path)).outcome
            case "feed":
                return self._add_feed_file(target.path)
            case "folder":
                return self._add_folder(target.path)

    def _add_folder(self, path: Path) -> Outcome:
        """Add the pages and archives in a folder, then the captions that no page names."""
        items = list(find_folder_items(path, on_skipped=self._report_skipped))
        known = self._add_saved_videos(path, lambda saved: not items or not saved.video.id.startswith("file:"))
        for item in self._progress_log.split_work(items, len(items)):
            with self._progress_log.record_failures(str(item.path)):
                self._add_item(item)
        if items:
            named = {link for page in items for link in self._caption_files(page)}
            known += self._add_saved_videos(
                path, lambda saved: saved.video.id.startswith("file:") and not named.issuperset(saved.paths)
            )
        if not items and not known:
            raise TargetError(str(path), "the folder contains no captions (.vtt, .srt, .ttml, .json3 …) or saved pages")
        return Outcome()

    def _add_saved_videos(self, folder: Path, is_wanted: Callable[[SavedVideo], bool]) -> int:
        """Add the saved videos in *folder* that *is_wanted*, and return how many there are."""
        count = 0
        found = read_caption_folder(folder, on_skipped=self._report_skipped)
        read = self._video_storer.read_ahead(found, is_wanted)
        for saved, loaders in self._progress_log.split_work(read, count_saved_videos(folder)):
            if loaders is not None:
                count += 1
                with self._progress_log.record_failures(saved.video.id):
                    self._video_storer.store_saved(saved, loaders)
        return count

    def _add_item(self, item: FolderItem) -> None:
        if item.is_archive:
            self._add_archive(item.path)
        else:
            self._add_saved_page(Target("page", path=item.path), url=item.url, captured=item.captured)

    def _caption_files(self, item: FolderItem) -> set[Path]:
        """Return the caption files that the page *item* and its players name."""
        article = None if item.is_archive else self._store.find_article(item.path.absolute().as_uri())
        embeds = self._store.list_embeds(article=article.url) if article is not None else []
        urls = [link.url for record in embeds for link in record.embed.captions]
        videos = [record.video for record in embeds if record.video]
        urls += [track.url for video in videos for _, track in self._store.list_tracks(video)]
        return {file_url_to_path(url) for url in urls if url.startswith("file:")}

    def _report_skipped(self, path: Path, reason: str) -> None:
        name = escape_name(str(path))
        self._progress_log.add_failure(name, TargetError(name, reason))

    # Articles

    def _add_url(self, target: Target) -> Outcome:
        """Add the page at a URL, or the video if there is no page, or only yt-dlp finds a video in it."""
        url = target.url
        self._progress_log.emit_progress(Progress("read", url))
        self._network.check_robots(url)
        try:
            found = read_page(target, fetching=self._network.article_fetching, render=self._options.render)
        except NotHtmlError as exc:  # a feed, or a media file with a name that does not show it
            is_feed = _FEED_TYPE.search(exc.content_type) or _FEED_SUFFIX.search(url)
            return self._add_feed(url) if is_feed else self._add_video(url)
        except PageWallError as exc:
            return self._add_video(url) if has_extractor(url) else self._report_wall(url, exc)
        except ScriptPageError:
            if has_extractor(url):
                return self._add_video(url)
            raise
        if any(embed.kind == "embed" for embed in found.embeds) or not has_extractor(url):
            return self._add_article(found)
        try:
            return self._add_video(url)
        except ResolveError as exc:
            if exc.verdict not in _VIDEOLESS_VERDICTS or len(found.article.text.split()) < _MIN_ARTICLE_WORDS:
                raise
            return self._add_videoless_article(url, found, exc)

    def _report_wall(self, url: str, exc: PageWallError) -> Outcome:
        self._progress_log.add_failure(url, exc)
        return Outcome(verdict_state(exc.verdict), exc.verdict, exc.reason, article=exc.address)

    def _add_videoless_article(self, url: str, found: DiscoveredPage, exc: ResolveError) -> Outcome:
        """Add an article on a site whose videos yt-dlp knows: the page is there, although it has no video, or not now.

        The link must not be called unavailable because its video is.
        """
        outcome = self._add_article(found)
        if exc.verdict == "unsupported":
            return outcome
        self._store.mark_unavailable(url)
        self._progress_log.add_failure(url, exc, f"the article was added, but its video is unavailable: {exc.reason}")
        return outcome if outcome.state == "later" else replace(outcome, verdict=exc.verdict, reason=exc.reason)

    def _add_saved_page(self, target: Target, *, url: str = "", captured: str = "") -> Outcome:
        """Add a page in a file; *url* and *captured* are what its folder says about it, if the page does not."""
        self._progress_log.emit_progress(Progress("read", str(target.path)))
        found = read_page(target)
        article = found.article
        if url and article.url == article.fetched_from:
            found = replace(found, article=replace(article, url=url, captured=article.captured or captured))
        return self._add_article(found if found.article.captured else self._keep_other_record(found))

    def _add_archive(self, path: Path) -> Outcome:
        """Add each page of an archive; those that cannot be read are reported, and do not stop the others."""
        self._progress_log.emit_progress(Progress("read", str(path)))
        archive = self._network.archives.open(path)
        outcome, count, unread = Outcome(), 0, 0
        for page in archive.pages():
            count, unread = count + 1, unread + 1
            with self._progress_log.record_failures(page.url):
                outcome = self._add_archived_page(page, archive)
                unread -= 1
        for problem in archive.problems():
            self._progress_log.add_failure(str(path), TargetError(str(path), problem))
        if not count:
            raise TargetError(str(path), "it contains no page (no HTML that a server sent with status 200)")
        reasons = [f"{unread:,} of {count:,} pages were not added"] * bool(unread) + archive.problems()[:1]
        return replace(outcome, reason="; ".join(reasons)) if reasons else outcome

    def _add_archived_page(self, page: ArchivedPage, archive: SavedArchive) -> Outcome:
        if page.problem:
            raise TargetError(page.url, page.problem)
        self._progress_log.emit_progress(Progress("read", page.url))
        archive = archive.at(page.captured)
        recognized = recognize_url(page.url)
        if recognized is not None and not recognized.dead:
            return self._video_storer.resolve_and_store(page.url, archive=archive).outcome
        return self._add_article(discover_loaded(loaded_from_archive(page, archive)), archive)

    def _keep_other_record(self, found: DiscoveredPage) -> DiscoveredPage:
        """Give the article of a saved page its `file:` URL if the URL that it states has the record of another source.

        A page in a file can state any URL.  It replaces the record of a file only if that file no longer exists.
        """
        article = found.article
        known = self._store.find_article(article.url)
        if known is None or known.fetched_from == article.fetched_from or is_missing_file(known.fetched_from):
            return found
        return replace(found, article=replace(article, url=article.fetched_from))

    def _add_article(self, found: DiscoveredPage, archive: SavedArchive | None = None) -> Outcome:
        article = found.article
        selected = select_embeds(found.embeds, links=self._options.links)
        embeds, failed = self._expand_wrappers(article, selected, archive)
        if archive is not None or article.captured:
            article = place_capture(self._store, article, embeds)
        else:
            set_capture_aside(self._store, article.url, article.text)
        self._store.put_article(article, embeds)
        link_known_videos(self._store, article.url)
        self.report_builder.articles += 1
        self.report_builder.embeds += len(embeds)
        self._progress_log.emit_progress(Progress("found", article.title or article.url, str(len(embeds))))
        for embed in embeds:
            if embed.url in failed:
                self._record_outcome(article, embed, self._handle_failed_embed(article, embed, failed[embed.url]))
        replaced = [record for record in self._store.list_embeds(article=article.url) if record.is_replaced]
        for record in replaced:
            self.report_builder.add_result(record.video, "unchanged")
        skipped = failed.keys() | {record.embed.url for record in replaced}
        self._resolve_embeds(article, [embed for embed in embeds if embed.url not in skipped], archive)
        self._on_stored()
        # Wrapper frames that could not be read are read again when their article is.
        outcome = summarize_failures(self.report_builder.failures) if failed and self._follow_up else Outcome()
        if outcome.state != "later":
            outcome = Outcome()
        return replace(outcome, article=article.url)

    def _resolve_embeds(self, article: Article, embeds: Sequence[Embed], archive: SavedArchive | None) -> None:
        """Resolve *embeds*, or queue them; a dead one needs no request, but the queue counts it."""
        if self._follow_up is not None:
            self._follow_up.queue_embeds(article, embeds)
            return
        for embed in self._progress_log.split_work(embeds, len(embeds)):
            self._record_outcome(article, embed, self._try_embed(article, embed, archive))

    def _expand_wrappers(
        self, article: Article, embeds: Sequence[Embed], archive: SavedArchive | None
    ) -> tuple[list[Embed], dict[str, VidindexError]]:
        """Replace wrapper frames by the embeds in them; also return the errors, by the URL of the frame."""
        expanded: dict[str, Embed] = {}
        failed: dict[str, VidindexError] = {}
        wrappers_left = _MAX_WRAPPERS
        for embed in embeds:
            inside = [embed]
            if wrappers_left and is_wrapper_embed(embed):
                wrappers_left -= 1
                self._progress_log.emit_progress(Progress("read", embed.url))
                try:
                    inside = expand_wrapper(
                        embed, page=page_of(article, archive), fetching=self._network.fetching, archive=archive
                    )
                except VidindexError as exc:
                    failed[embed.url] = exc
            for each in inside:
                expanded.setdefault(each.url, each)
        return list(expanded.values()), failed

    # Embeds

    def resolve_embed(self, url: str) -> Outcome:
        """Resolve the embed at *url* as the first article in the store that has it; the caller records the outcome."""
        records = [record for record in self._store.list_embeds(url=url) if not record.is_replaced]
        if not records:  # the article has changed since
            return Outcome(reason="no article embeds it any more")
        article = self._store.find_article(records[0].article)
        if article is None:
            return Outcome(reason="its article was removed")
        embed, was_resolved = records[0].embed, bool(records[0].video)
        archive = self._network.archives.find_for(article)
        if was_resolved and embed.provider == "html5" and archive is None:
            embed = self._refresh_captions(article, embed)
        return self._try_embed(article, embed, archive)

    def _refresh_captions(self, article: Article, embed: Embed) -> Embed:
        """Return *embed*, a media file, with the captions that its page states now."""
        self._progress_log.emit_progress(Progress("read", article.fetched_from))
        try:
            self._network.check_robots(article.fetched_from)
            found = read_page(
                article.fetched_from, fetching=self._network.article_fetching, render=self._options.render
            )
        except VidindexError:  # the captions that it stated before may still be valid
            return embed
        return next((replace(embed, captions=each.captions) for each in found.embeds if each.url == embed.url), embed)

    def _try_embed(self, article: Article, embed: Embed, archive: SavedArchive | None) -> Outcome:
        if embed.dead:
            return self._store_from_archive(article, embed, archive) or self._handle_dead_embed(article, embed)
        try:
            stored = self._video_storer.resolve_and_store(
                embed.url,
                referer=page_of(article, archive),
                label=embed.label,
                captions=self._accept_captions(article, embed),
                archive=archive,
            )
        except IndexUnusableError:
            raise
        except VidindexError as exc:
            saved = self._store_from_archive(article, embed, archive)
            return saved or self._handle_failed_embed(article, embed, exc)
        return stored.outcome

    def _store_from_archive(self, article: Article, embed: Embed, archive: SavedArchive | None) -> Outcome | None:
        """Store what *archive* has of a video that cannot be resolved; return None if it has no captions of it."""
        if archive is None:
            return None
        captions = self._accept_captions(article, embed)
        resolver = self._network.resolver
        found = find_archived_video(embed, archive, resolver, captions=captions, page=page_of(article, archive))
        return self._video_storer.store(found, label=embed.label).outcome if found is not None else None

    def _accept_captions(self, article: Article, embed: Embed) -> tuple[CaptionLink, ...]:
        """Return the captions of *embed* that *article* may state.

        A page must not replace the captions of a media file that articles of other sites embed.  The site of the file
        may state its captions, and so may the site of the first article that states any.
        """
        if not embed.captions or is_same_site(article.url, embed.url):
            return embed.captions
        records = self._store.list_embeds(url=embed.url)
        first = next((record.article for record in records if record.embed.captions), article.url)
        return embed.captions if first == article.url or is_same_site(first, article.url) else ()

    def _record_outcome(self, article: Article, embed: Embed, outcome: Outcome) -> None:
        state, video = outcome.embed_state, outcome.video
        self._store.set_embed_state(article.url, embed.url, state=state, reason=outcome.reason, video=video)
        # In a queue, an embed that is tried here and fails for now is tried again with its link.
        if self._follow_up is None or outcome.state != "later":
            self._store.queue.record_attempt(embed.url, "embed", outcome)

    def _handle_dead_embed(self, article: Article, embed: Embed) -> Outcome:
        copy = self._store_archived_copy(article, embed)
        if copy.video:
            return copy
        if copy.state == "later":
            self._progress_log.add_failure(embed.url, FetchError(embed.url, copy.reason))
        self.report_builder.dead += 1
        self._progress_log.emit_progress(Progress("dead", embed.label or embed.url, embed.provider))
        return Outcome("later" if copy.state == "later" else "gone", "dead", copy.reason)

    def _handle_failed_embed(self, article: Article, embed: Embed, exc: VidindexError) -> Outcome:
        copy = Outcome()
        if exc.verdict == "gone":
            self._store.mark_unavailable(embed.url)
            copy = self._store_archived_copy(article, embed)
        if copy.video:
            return copy
        reason = "; ".join(filter(None, (exc.reason or str(exc), copy.reason)))
        self._progress_log.add_failure(embed.url, exc, reason)
        return Outcome("later" if copy.state == "later" else verdict_state(exc.verdict), exc.verdict, reason)

    def _store_archived_copy(self, article: Article, embed: Embed) -> Outcome:
        """Store the archived copy of *embed*, or return why there is none; no reason if the archive was not asked."""
        if not self._options.wayback:
            return Outcome()
        try:
            copies = self._network.archive.find_copies(embed, date=article.date)
            video = next(filter(None, (self._store_copy(url, article, embed) for url in copies)), "")
        except (FetchError, ResolveError) as exc:
            return Outcome("later", exc.verdict, f"the web archive could not be asked: {exc.reason}")
        if not video:
            return Outcome("gone", "gone", "the web archive was asked and has no copy that plays")
        return Outcome(reason=ARCHIVED_COPY_REASON, video=video)

    def _store_copy(self, url: str, article: Article, embed: Embed) -> str:
        """Store the copy at *url* and return the id of the video, or "" if it cannot be played.

        Raises `ResolveError` if that cannot be decided now.
        """
        self._progress_log.emit_progress(Progress("resolve", url))
        try:
            captions = self._network.archive.copy_captions(embed, date=article.date)
            resolved = self._network.resolver.resolve(url, captions=captions, title=embed.label)
        except ResolveError as exc:
            if exc.verdict == "later":
                raise
            return ""
        if resolved.missing_reason and not resolved.tracks:  # the page was archived, the video was not
            return ""
        return self._video_storer.store(resolved, label=embed.label).video.id

    # Videos

    def resolve_video(self, url: str, *, referer: str = "", playlist: str = "") -> Outcome:
        """Resolve the video at *url*; a stored video that its site no longer has is marked as unavailable and kept.

        *playlist* is the one that led to it, which may be the feed of a podcast.
        """
        episode = self._find_episode(url, playlist)
        return self._attempt(
            url, lambda: self._video_storer.resolve_and_store(url, referer=referer, episode=episode).outcome
        )

    def _add_feed(self, url: str) -> Outcome:
        """Add the episodes of the podcast feed at *url*; other feeds are playlists for yt-dlp."""
        try:
            episodes = self._network.episodes.list_episodes(url)
        except ListError:
            episodes = []
        return self._add_episodes(url, episodes) if episodes else self._add_video(url)

    def _add_feed_file(self, path: Path) -> Outcome:
        """Add the episodes of a podcast feed in a file.  Raises `ListError`, and `TargetError` if there are none."""
        feed = path.absolute().as_uri()
        episodes = self._network.episodes.list_episodes(feed)
        if not episodes:
            step = f"run `vidindex batch {path}` to add the pages to which it links"
            raise TargetError(str(path), f"it is a feed without episodes that may be added; {step}")
        return self._add_episodes(feed, episodes)

    def _add_episodes(self, feed: str, episodes: Sequence[Episode]) -> Outcome:
        chosen = episodes[: self._options.limit]
        for episode in self._progress_log.split_work(chosen, len(chosen)):
            self._add_entry(feed, episode.url)
        return Outcome()

    def _add_video(self, url: str) -> Outcome:
        """Add the video at *url*, or the videos in it if it is a playlist or a channel."""
        try:
            return self._video_storer.resolve_and_store(url).outcome
        except PlaylistError:
            entries = self._network.resolver.list_entries(url, limit=self._options.limit)
            for entry in self._progress_log.split_work(entries, None):
                self._add_entry(url, entry)
            return Outcome()

    def _add_entry(self, playlist: str, url: str) -> None:
        if self._follow_up is not None:
            self._follow_up.queue_entry(playlist, url)
        else:
            self._store.queue.record_attempt(url, "video", self.resolve_video(url, playlist=playlist))
