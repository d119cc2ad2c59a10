"""Find the moment in which a quote was spoken, in the videos that articles embed.

    >>> import vidindex
    >>> with vidindex.open("index") as index:
    ...     report = index.add("https://example.org/2009/09/late-night.html")
    ...     for hit in index.search("I never took the time off"):
    ...         print(hit.video.title, hit.start_ms, hit.text, hit.url)

`open` gives an `Index`; `find_embeds`, `read_captions` and `make_transcript` are its stages, for use alone.
Everything that goes wrong is a `VidindexError`.
"""

import logging

from .captions import read_captions
from .embeds import find_embeds
from .errors import (
    CaptionError,
    DiscoveryError,
    EngineError,
    EngineNotInstalledError,
    FetchError,
    IndexBusyError,
    IndexLocationError,
    IndexUnusableError,
    IndexVersionError,
    NotIndexedError,
    QuerySyntaxError,
    ResolveError,
    TargetError,
    VidindexError,
)
from .library import Index, open  # noqa: A004 - `vidindex.open` reads as it should
from .model import (
    Article,
    CaptionLink,
    Chapter,
    Cue,
    Embed,
    EmbedState,
    Failure,
    Hit,
    Progress,
    Report,
    Stats,
    TimedWord,
    Track,
    Transcript,
    Video,
)
from .transcript import make_transcript

__all__ = [
    "Article",
    "CaptionError",
    "CaptionLink",
    "Chapter",
    "Cue",
    "DiscoveryError",
    "Embed",
    "EmbedState",
    "EngineError",
    "EngineNotInstalledError",
    "Failure",
    "FetchError",
    "Hit",
    "Index",
    "IndexBusyError",
    "IndexLocationError",
    "IndexUnusableError",
    "IndexVersionError",
    "NotIndexedError",
    "Progress",
    "QuerySyntaxError",
    "Report",
    "ResolveError",
    "Stats",
    "TargetError",
    "TimedWord",
    "Track",
    "Transcript",
    "VidindexError",
    "Video",
    "find_embeds",
    "make_transcript",
    "open",
    "read_captions",
]

logging.getLogger(__name__).addHandler(logging.NullHandler())
