"""Walk the line for one target: article, embeds, videos, captions, transcripts, each stored before the next."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from functools import partial
from pathlib import Path

from .archive import Archive
from .captions import choose_tracks
from .embeds import Found
from .embeds.wayback import Places
from .errors import CaptionError, FetchError, IndexUnusableError, ResolveError, TargetError, VidindexError
from .indexing import transcript_of
from .kinds import OTHER, clip_kind
from .model import Article, CaptionLink, Embed, EmbedState, Failure, Progress, Report, Track, Video
from .pages import is_wrapper, look_into, read_bytes, unwrap, wanted
from .providers import recognise
from .resolve import PlaylistError, Resolved, ResolveOptions, Resolver
from .resolve.known import has_extractor
from .resolve.saved import MOST_BYTES, Saved, nameable, read_file, read_folder
from .store import Change, Store
from .targets import local_path, tell_target
from .web import ANY_HOST, FetchOptions, Gate, NotHtmlError

_MOST_WRAPPERS = 40
FROM_ARCHIVE = "it is the copy of the web archive"

Notify = Callable[[Progress], None]
Load = tuple[Track, Callable[[], bytes]]
"""A track, and how to get its bytes."""


@dataclass(frozen=True, slots=True)
class AddOptions:
    """What to take: *links* too, not only players; which *languages* beside the spoken one (`all` for all).

    *limit* is how many videos of a playlist; *resolve* how videos, and pages, are asked for.  With *wayback*, the
    web archive, which is at *archive*, is asked for copies of what plays no more.
    """

    links: bool = False
    languages: tuple[str, ...] = ("en",)
    limit: int | None = None
    resolve: ResolveOptions = field(default_factory=ResolveOptions)
    wayback: bool = False
    archive: Places = field(default_factory=Places)


@dataclass(slots=True)
class Tally:
    """The report while it grows."""

    articles: int = 0
    embeds: int = 0
    dead: int = 0
    videos: dict[str, None] = field(default_factory=dict)
    unchanged: dict[str, None] = field(default_factory=dict)
    without_captions: dict[str, None] = field(default_factory=dict)
    failures: list[Failure] = field(default_factory=list)

    def report(self) -> Report:
        """Give what was counted so far."""
        return Report(
            articles=self.articles,
            embeds=self.embeds,
            dead=self.dead,
            videos=tuple(self.videos),
            unchanged=tuple(name for name in self.unchanged if name not in self.videos),
            without_captions=tuple(self.without_captions),
            failures=tuple(self.failures),
        )


class Adder:
    """Adds targets to a store; one target, video or caption file that fails never stops the rest."""

    def __init__(
        self,
        store: Store,
        *,
        options: AddOptions,
        notify: Notify,
        stored: Callable[[], None],
        resolver: Resolver | None = None,
    ) -> None:
        self._store = store
        gate = Gate(delay_s=options.resolve.sleep_s)  # one for pages and videos: a host is a host
        self._resolver = resolver or Resolver(options.resolve, gate=gate)
        self._fetching = _fetching(options.resolve, gate)
        self._archive = Archive(self._fetching, places=options.archive)
        self._options = options
        self._notify = notify
        self._stored = stored
        """Called after each video: the engine takes what waits for it when that is worth while."""
        self.tally = Tally()

    def close(self) -> None:
        """Close all connections."""
        self._resolver.close()

    def add(self, given: str | Path) -> None:
        """Add one target; what fails is in the tally.

        Raises only `IndexUnusableError`: without an index there is no going on.
        """
        with self._tallied(str(given)):
            target = tell_target(given)
            match target.kind:
                case "page":
                    self._page(target.path)
                case "url":
                    self._address(target.url)
                case "media":
                    self._target_video(target.url)
                case "captions":
                    self._saved(read_file(target.path))
                case "folder":
                    self._folder(target.path)

    @contextmanager
    def _tallied(self, name: str) -> Iterator[None]:
        """Note what fails in the block, under *name*, and go on."""
        try:
            yield
        except IndexUnusableError:
            raise
        except VidindexError as exc:
            self._fail(name, exc)

    def _fail(self, name: str, exc: VidindexError, reason: str = "") -> None:
        reason = reason or exc.reason or str(exc)
        self.tally.failures.append(Failure(name, reason, exc.verdict))
        self._notify(Progress("failed", name, reason))

    # Articles

    def _address(self, url: str) -> None:
        """Add what an address leads to: a video where its form says so or no page is there, else a page."""
        if is_video(url):
            self._target_video(url)
            return
        self._notify(Progress("read", url))
        try:
            found = look_into(url, fetching=self._fetching)
        except NotHtmlError:  # a media file whose name does not say so
            self._target_video(url)
            return
        if not any(embed.kind == "embed" for embed in found.embeds) and has_extractor(url):
            self._target_video(url)
        else:
            self._article(found)

    def _page(self, path: Path) -> None:
        self._notify(Progress("read", str(path)))
        self._article(look_into(path))

    def _article(self, found: Found) -> None:
        article = found.article
        embeds, failed = self._unwrapped(article, wanted(found.embeds, links=self._options.links))
        self._store.put_article(article, embeds)
        self.tally.articles += 1
        self.tally.embeds += len(embeds)
        self._notify(Progress("found", article.title or article.url, str(len(embeds))))
        replaced = {state.embed.url for state in self._store.embeds(article=article.url) if _is_replaced(state)}
        for embed in embeds:
            if embed.url in failed:
                self._not_played(article, embed, failed[embed.url])
            elif embed.url not in replaced:
                self._embed(article, embed)
        self._stored()

    def _unwrapped(self, article: Article, embeds: Sequence[Embed]) -> tuple[list[Embed], dict[str, VidindexError]]:
        """Put what plays in frames that wrap others in their places; give those that failed, too."""
        taken: dict[str, Embed] = {}
        failed: dict[str, VidindexError] = {}
        room = _MOST_WRAPPERS
        for embed in embeds:
            inside = [embed]
            if room and is_wrapper(embed):
                room -= 1
                self._notify(Progress("read", embed.url))
                try:
                    inside = unwrap(embed, page=article.source, fetching=self._fetching)
                except VidindexError as exc:
                    failed[embed.url] = exc
            for one in inside:
                taken.setdefault(one.url, one)
        return list(taken.values()), failed

    def _embed(self, article: Article, embed: Embed) -> None:
        if embed.dead:
            self._dead(article, embed)
            return
        try:
            video = self._video(embed.url, referer=article.source, label=embed.label, captions=embed.captions)
        except IndexUnusableError:
            raise
        except VidindexError as exc:
            self._not_played(article, embed, exc)
        else:
            self._store.settle(article.url, embed.url, state="done", video=video.id)

    def _dead(self, article: Article, embed: Embed) -> None:
        reason = self._archived(article, embed)
        if reason is None:
            return
        if reason:
            self._store.settle(article.url, embed.url, state="dead", reason=reason)
        self.tally.dead += 1
        self._notify(Progress("dead", embed.label or embed.url, embed.provider))

    def _not_played(self, article: Article, embed: Embed, exc: VidindexError) -> None:
        reason = self._archived(article, embed) if exc.verdict == "gone" else ""
        if reason is None:
            return
        reason = "; ".join(filter(None, (exc.reason, reason)))
        self._store.settle(article.url, embed.url, state=exc.verdict, reason=reason)
        self._fail(embed.url, exc, reason)

    def _archived(self, article: Article, embed: Embed) -> str | None:
        """Take the archived copy of *embed*: None where there is one, else why not, empty where none was wanted."""
        if not self._options.wayback:
            return ""
        try:
            copies = self._archive.copies(embed, date=article.date)
            video = next(filter(None, (self._copy(url, article, embed) for url in copies)), None)
        except (FetchError, ResolveError) as exc:
            self._fail(embed.url, exc)
            return f"the web archive could not be asked: {exc.reason}"
        if video is None:
            return "the web archive was asked and has no copy that plays"
        self._store.settle(article.url, embed.url, state="done", reason=FROM_ARCHIVE, video=video.id)
        return None

    def _copy(self, url: str, article: Article, embed: Embed) -> Video | None:
        """Add the copy at *url*, if it plays.  Raises `ResolveError` where that cannot be told now."""
        self._notify(Progress("resolve", url))
        try:
            captions = self._archive.captions(embed, date=article.date)
            resolved = self._resolver.resolve(url, captions=captions, title=embed.label)
        except ResolveError as exc:
            if exc.verdict == "later":
                raise
            return None
        if resolved.missing and not resolved.tracks:  # a page about it was kept, it was not
            return None
        return self._take(resolved, label=embed.label)

    # Videos

    def _target_video(self, url: str, *, referer: str = "") -> None:
        """Add the video that a target itself names, or the videos where it is a playlist or a channel."""
        try:
            self._video(url, referer=referer)
        except PlaylistError:
            for entry in self._resolver.entries(url, limit=self._options.limit):
                with self._tallied(entry):
                    self._video(entry)

    def _video(self, url: str, *, referer: str = "", label: str = "", captions: tuple[CaptionLink, ...] = ()) -> Video:
        self._notify(Progress("resolve", url))
        return self._take(self._resolver.resolve(url, referer=referer, captions=captions), referer=referer, label=label)

    def _take(self, resolved: Resolved, *, referer: str = "", label: str = "") -> Video:
        """Store a resolved video with the tracks that are wanted."""
        spoken, languages = resolved.video.language, self._options.languages
        chosen = choose_tracks(resolved.tracks, spoken=spoken, languages=languages)
        loads = [(track, partial(self._resolver.fetch, track, referer=referer)) for track in chosen]
        return self._put(resolved.video, loads, label=label, missing=resolved.missing)

    def _folder(self, path: Path) -> None:
        empty = True
        for saved in read_folder(path):
            empty = False
            with self._tallied(saved.video.id):
                self._saved(saved)
        if empty:
            raise TargetError(str(path), "the folder holds no captions (.vtt, .srt, .ttml, .json3 …)")

    def _saved(self, saved: Saved) -> None:
        if saved.problem:
            self._fail(saved.video.id, TargetError(saved.video.id, saved.problem))
        saved = self._apart(saved)
        files = zip(saved.tracks, saved.paths, strict=True)
        is_new = self._store.video(saved.video.id) is None
        self._put(saved.video, [(track, partial(read_bytes, path, MOST_BYTES)) for track, path in files])
        if is_new and saved.video.id.startswith("file:") and not self._store.tracks(saved.video.id):
            # Its captions were all that there was to say about it.
            self._store.remove_video(saved.video.id)

    def _apart(self, saved: Saved) -> Saved:
        """Keep lone files of one name in two folders apart: the later is named by its folder, too."""
        name = saved.video.id
        if not (name.startswith("file:") and saved.paths):
            return saved
        folder = saved.paths[0].absolute().parent
        others = [local_path(track.url) for _, track in self._store.tracks(name)]
        if not any(path.parent != folder and path.is_file() for path in others):
            return saved
        return replace(
            saved, video=replace(saved.video, id=f"file:{nameable(folder.name)}/{name.removeprefix('file:')}")
        )

    def _put(self, video: Video, loads: Sequence[Load], *, label: str = "", missing: str = "") -> Video:
        """Store *video*, then each of its tracks; one that fails is noted, the others go on."""
        video = self._with_kind(video, label)
        changes = [self._store.put_video(video)]
        for track, load in loads:
            with self._tallied(f"{video.id} ({track.language or 'language unknown'}, {track.origin})"):
                changes.append(self._track(video, track, load()))
        if missing:
            self._fail(video.id, CaptionError(video.id, missing))
        captioned = bool(self._store.tracks(video.id))
        if captioned or not (loads and video.id.startswith("file:")):  # a file whose captions fail is nothing
            self._tell(video, changes, silent=not (loads or missing or captioned))
        self._stored()
        return video

    def _with_kind(self, video: Video, label: str) -> Video:
        before = self._store.video(video.id)
        labels = [state.embed.label for state in self._store.embeds(video=video.id)] if before else []
        kind = clip_kind(video, [text for text in (label, *labels) if text])
        # A kind that only the captions told stays: they are not at hand here.
        if kind == OTHER and before is not None:
            kind = before.kind
        return replace(video, kind=kind)

    def _track(self, video: Video, track: Track, raw: bytes) -> Change:
        if self._store.has_track(video.id, track, raw):
            return "unchanged"
        transcript = transcript_of(track, raw, lambda says: self._notify(Progress("mended", video.id, says)))
        if video.kind == OTHER and (kind := clip_kind(video, transcript=transcript)) != OTHER:
            self._store.put_video(replace(video, kind=kind))
        return self._store.put_track(video.id, track, raw, transcript)

    def _tell(self, video: Video, changes: Sequence[Change], *, silent: bool) -> None:
        name = video.title or video.id
        if silent:
            self.tally.without_captions[video.id] = None
            self._notify(Progress("no captions", name, video.id))
        if any(change != "unchanged" for change in changes):
            self.tally.videos[video.id] = None
            self._notify(Progress("indexed", name, video.id))
        else:
            self.tally.unchanged[video.id] = None
            self._notify(Progress("unchanged", name, video.id))


def _is_replaced(state: EmbedState) -> bool:
    """Tell whether the embed has another video than its own: by hand, or from the web archive."""
    return state.state == "attached" or (state.state == "done" and state.reason.startswith(FROM_ARCHIVE))


def _fetching(options: ResolveOptions, gate: Gate) -> FetchOptions:
    plain = FetchOptions(
        timeout_s=options.timeout_s,
        proxy=options.proxy,
        private=ANY_HOST if options.allow_private else None,
        gate=gate,
    )
    return replace(plain, user_agent=options.user_agent) if options.user_agent else plain


def is_video(url: str) -> bool:
    """Tell whether the address itself names a provider's video."""
    known = recognise(url)
    return known is not None and not known.dead
