"""Options and callbacks for adding."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

from ..model import Progress
from ..resolve import ResolveOptions
from ..transcripts.asr import AsrOptions
from .wayback_urls import WaybackUrls

ProgressCallback = Callable[[Progress], None]


def _do_nothing(*_: object) -> None:
    """Do nothing."""


@dataclass(frozen=True, slots=True)
class AddCallbacks:
    """The functions that adding calls: *notify* for each step, *on_stored* after each video."""

    notify: ProgressCallback = _do_nothing
    on_stored: Callable[[], object] = _do_nothing


@dataclass(frozen=True, slots=True)
class AddOptions:
    """What to take from a target.

    With *links*, videos that an article merely links to are added, too.  *languages* are the caption languages to take
    (`all` for every language; an empty tuple for the language of the video and English).  *limit* is the maximum
    number of videos to take from a playlist.  *resolve* applies to requests for videos and for pages.  With *wayback*,
    the web archive at *archive* is searched for copies of unavailable videos.  With *asr*, the speech of videos
    without captions is transcribed.  With *render*, Chromium runs the scripts of pages that have no article without
    them.
    """

    links: bool = False
    languages: tuple[str, ...] = ("en",)
    limit: int | None = None
    resolve: ResolveOptions = field(default_factory=ResolveOptions)
    wayback: bool = False
    archive: WaybackUrls = field(default_factory=WaybackUrls)
    asr: AsrOptions | None = None
    render: bool = False
