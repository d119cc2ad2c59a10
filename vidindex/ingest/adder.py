"""Targets, articles and their embeds; one that fails never stops the rest."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Protocol

from ..errors import FetchError, IndexUnusableError, ResolveError, TargetError, VidindexError
from ..model import FROM_ARCHIVE, Article, Embed, Progress
from ..net import NotHtmlError
from ..pages.embeds import Found
from ..pages.providers import recognise
from ..resolve import PlaylistError, Resolver
from ..resolve.extractors import has_extractor
from ..resolve.local_files import read_file, read_folder
from ..store.base import Store
from ..store.tasks import Outcome
from .network import Asking
from .options import AddOptions, Notify
from .page_reader import is_wrapper, look_into, unwrap, wanted
from .progress import Journal, outcome_of, state_of
from .targets import Target, tell_target
from .videos import Videos

_MOST_WRAPPERS = 40


class Follow(Protocol):
    """Takes what a link leads to, to be done at another time."""

    def embeds(self, article: Article, embeds: Sequence[Embed]) -> None:
        """Take embeds of *article* that are to be resolved."""

    def entry(self, playlist: str, url: str) -> None:
        """Take the video at *url*, found in *playlist*."""


class Adder:
    """Adds targets to a store.

    *stored* is called after each video: the engine takes what waits for it when that is worth while.  *asking* are
    the doors to the web, where they are shared; *resolver* stands in place of the one of one's own.  What a link
    leads to is done at once, or given to *follow*.
    """

    def __init__(
        self,
        store: Store,
        *,
        options: AddOptions,
        notify: Notify,
        stored: Callable[[], object],
        resolver: Resolver | None = None,
        asking: Asking | None = None,
        follow: Follow | None = None,
    ) -> None:
        self._store = store
        self._options = options
        self._asking = asking or Asking.of(options.resolve, archive=options.archive, resolver=resolver)
        self._journal = Journal(notify)
        self._stored = stored
        self._videos = Videos(store, self._asking, options=options, journal=self._journal, stored=stored)
        self._follow = follow
        self.tally = self._journal.tally

    def close(self) -> None:
        """Close all connections."""
        self._asking.resolver.close()

    def add(self, given: str | Path) -> Outcome:
        """Add one target; what fails is in the tally, too.

        Raises only `IndexUnusableError`: without an index there is no going on.
        """
        name = str(given)
        outcome = self._tried(name, lambda: self._target(tell_target(given)))
        if self._follow is None and "://" in name:
            self._store.queue.note(name, "link", outcome)
        return outcome

    def _tried(self, name: str, work: Callable[[], Outcome]) -> Outcome:
        """Do *work* for what is called *name*; what fails is in the tally, and what is gone upstream is marked."""
        before = len(self.tally.failures)
        with self._journal.tallied(name):
            return work()
        outcome = outcome_of(self.tally.failures[before:])
        if outcome.state == "gone":
            self._store.mark_gone(name)
        return outcome

    def _target(self, target: Target) -> Outcome:
        match target.kind:
            case "page":
                return self._page(target.path)
            case "url":
                return self._address(target.url)
            case "media":
                return self._target_video(target.url)
            case "captions":
                return self._videos.take_saved(read_file(target.path)).outcome
            case "folder":
                return self._folder(target.path)

    def _folder(self, path: Path) -> Outcome:
        empty = True
        for saved in read_folder(path):
            empty = False
            with self._journal.tallied(saved.video.id):
                self._videos.take_saved(saved)
        if empty:
            raise TargetError(str(path), "the folder holds no captions (.vtt, .srt, .ttml, .json3 …)")
        return Outcome()

    # Articles

    def _address(self, url: str) -> Outcome:
        """Add what an address leads to: a video where its form says so or no page is there, else a page."""
        if is_video(url):
            return self._target_video(url)
        self._journal.tell(Progress("read", url))
        self._asking.check_robots(url)
        try:
            found = look_into(url, fetching=self._asking.articles)
        except NotHtmlError:  # a media file whose name does not say so
            return self._target_video(url)
        if not any(embed.kind == "embed" for embed in found.embeds) and has_extractor(url):
            return self._target_video(url)
        return self._article(found)

    def _page(self, path: Path) -> Outcome:
        self._journal.tell(Progress("read", str(path)))
        return self._article(look_into(path))

    def _article(self, found: Found) -> Outcome:
        article = found.article
        embeds, failed = self._unwrapped(article, wanted(found.embeds, links=self._options.links))
        self._store.put_article(article, embeds)
        self.tally.articles += 1
        self.tally.embeds += len(embeds)
        self._journal.tell(Progress("found", article.title or article.url, str(len(embeds))))
        for embed in embeds:
            if embed.url in failed:
                self._settle(article, embed, self._not_played(article, embed, failed[embed.url]))
        replaced = {state.embed.url for state in self._store.embeds(article=article.url) if state.is_replaced}
        self._play(article, [embed for embed in embeds if embed.url not in failed and embed.url not in replaced])
        self._stored()
        # Frames that could not be looked into are looked into again with their article.
        again = outcome_of(self.tally.failures) if failed and self._follow else Outcome()
        if again.state != "later":
            again = Outcome()
        return replace(again, article=article.url)

    def _play(self, article: Article, embeds: Sequence[Embed]) -> None:
        """Resolve *embeds*, or have it done."""
        if self._follow is not None:
            self._follow.embeds(article, [embed for embed in embeds if self._needs_asking(embed)])
        for embed in embeds:
            if self._follow is None or not self._needs_asking(embed):
                self._settle(article, embed, self._embed(article, embed))

    def _needs_asking(self, embed: Embed) -> bool:
        return not embed.dead or self._options.wayback

    def _unwrapped(self, article: Article, embeds: Sequence[Embed]) -> tuple[list[Embed], dict[str, VidindexError]]:
        """Put what plays in frames that wrap others in their places; give those that failed, too."""
        taken: dict[str, Embed] = {}
        failed: dict[str, VidindexError] = {}
        room = _MOST_WRAPPERS
        for embed in embeds:
            inside = [embed]
            if room and is_wrapper(embed):
                room -= 1
                self._journal.tell(Progress("read", embed.url))
                try:
                    inside = unwrap(embed, page=article.source, fetching=self._asking.fetching)
                except VidindexError as exc:
                    failed[embed.url] = exc
            for one in inside:
                taken.setdefault(one.url, one)
        return list(taken.values()), failed

    # Embeds

    def embed(self, url: str) -> Outcome:
        """Resolve the embed at *url*, which some article in the store has.

        It is asked for as the first of them would; to record how it went is the caller's.
        """
        places = [state for state in self._store.embeds(url=url) if not state.is_replaced]
        if not places:  # its article has changed since
            return Outcome(reason="no article embeds it any more")
        article = self._store.article(places[0].article)
        if article is None:
            return Outcome(reason="its article was removed")
        embed, asked_before = places[0].embed, bool(places[0].video)
        if asked_before and embed.provider == "html5":
            embed = self._as_today(article, embed)
        return self._embed(article, embed)

    def _as_today(self, article: Article, embed: Embed) -> Embed:
        """Give *embed*, a file that its page plays by itself, with the captions that the page states now."""
        self._journal.tell(Progress("read", article.source))
        try:
            self._asking.check_robots(article.source)
            found = look_into(article.source, fetching=self._asking.articles)
        except VidindexError:  # what it stated then may still hold
            return embed
        return next((replace(embed, captions=each.captions) for each in found.embeds if each.url == embed.url), embed)

    def _embed(self, article: Article, embed: Embed) -> Outcome:
        if embed.dead:
            return self._dead(article, embed)
        try:
            taken = self._videos.ask(embed.url, referer=article.source, label=embed.label, captions=embed.captions)
        except IndexUnusableError:
            raise
        except VidindexError as exc:
            return self._not_played(article, embed, exc)
        return taken.outcome

    def _settle(self, article: Article, embed: Embed, outcome: Outcome) -> None:
        state, video = outcome.embed_state, outcome.video
        self._store.settle(article.url, embed.url, state=state, reason=outcome.reason, video=video)
        if self._follow is None:
            self._store.queue.note(embed.url, "embed", outcome)

    def _dead(self, article: Article, embed: Embed) -> Outcome:
        copy = self._archived(article, embed)
        if copy.video:
            return copy
        if copy.state == "later":
            self._journal.fail(embed.url, FetchError(embed.url, copy.reason))
        self.tally.dead += 1
        self._journal.tell(Progress("dead", embed.label or embed.url, embed.provider))
        return Outcome("later" if copy.state == "later" else "gone", "dead", copy.reason)

    def _not_played(self, article: Article, embed: Embed, exc: VidindexError) -> Outcome:
        copy = Outcome()
        if exc.verdict == "gone":
            self._store.mark_gone(embed.url)
            copy = self._archived(article, embed)
        if copy.video:
            return copy
        reason = "; ".join(filter(None, (exc.reason or str(exc), copy.reason)))
        self._journal.fail(embed.url, exc, reason)
        return Outcome("later" if copy.state == "later" else state_of(exc.verdict), exc.verdict, reason)

    def _archived(self, article: Article, embed: Embed) -> Outcome:
        """Take the archived copy of *embed*; without one, say why, with no reason where none was wanted."""
        if not self._options.wayback:
            return Outcome()
        try:
            copies = self._asking.archive.copies(embed, date=article.date)
            video = next(filter(None, (self._copy(url, article, embed) for url in copies)), "")
        except (FetchError, ResolveError) as exc:
            return Outcome("later", exc.verdict, f"the web archive could not be asked: {exc.reason}")
        if not video:
            return Outcome("gone", "gone", "the web archive was asked and has no copy that plays")
        return Outcome(reason=FROM_ARCHIVE, video=video)

    def _copy(self, url: str, article: Article, embed: Embed) -> str:
        """Add the copy at *url*, if it plays: gives its id.  Raises `ResolveError` where that cannot be told now."""
        self._journal.tell(Progress("resolve", url))
        try:
            captions = self._asking.archive.captions(embed, date=article.date)
            resolved = self._asking.resolver.resolve(url, captions=captions, title=embed.label)
        except ResolveError as exc:
            if exc.verdict == "later":
                raise
            return ""
        if resolved.missing and not resolved.tracks:  # a page about it was kept, it was not
            return ""
        return self._videos.take(resolved, label=embed.label).video.id

    # Videos

    def video(self, url: str, *, referer: str = "") -> Outcome:
        """Resolve the video at *url*; one that is known and gone upstream is marked, and stays."""
        return self._tried(url, lambda: self._videos.ask(url, referer=referer).outcome)

    def _target_video(self, url: str) -> Outcome:
        """Add the video that a target itself names, or the videos where it is a playlist or a channel."""
        try:
            return self._videos.ask(url).outcome
        except PlaylistError:
            for entry in self._asking.resolver.entries(url, limit=self._options.limit):
                self._entry(url, entry)
            return Outcome()

    def _entry(self, playlist: str, url: str) -> None:
        if self._follow is not None:
            self._follow.entry(playlist, url)
        else:
            self._store.queue.note(url, "video", self.video(url))


def is_video(url: str) -> bool:
    """Tell whether the address itself names a provider's video."""
    known = recognise(url)
    return known is not None and not known.dead
