"""What to take of a target, and the report while it grows."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

from ..model import Progress
from ..resolve import ResolveOptions
from ..transcripts.asr import AsrOptions
from .wayback_urls import WaybackUrls

ProgressCallback = Callable[[Progress], None]


@dataclass(frozen=True, slots=True)
class AddOptions:
    """What to take: *links* too, not only players; which *languages* beside the spoken one (`all` for all).

    *limit* is how many videos of a playlist; *resolve* how videos, and pages, are asked for.  With *wayback*, the
    web archive, which is at *archive*, is asked for copies of what plays no more.  With *asr*, videos without captions
    are listened to.
    """

    links: bool = False
    languages: tuple[str, ...] = ("en",)
    limit: int | None = None
    resolve: ResolveOptions = field(default_factory=ResolveOptions)
    wayback: bool = False
    archive: WaybackUrls = field(default_factory=WaybackUrls)
    asr: AsrOptions | None = None
