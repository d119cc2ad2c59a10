"""Find the moment in which a quote was spoken, in the videos that articles embed.

    >>> import vidindex
    >>> with vidindex.open("index") as index:
    ...     report = index.add("https://example.org/2009/09/late-night.html")
    ...     for hit in index.search("I never took the time off"):
    ...         print(hit.video.title, hit.start_ms, hit.text, hit.url)

`open` gives an `Index`; `find_embeds`, `read_captions` and `make_transcript` are its stages, for use alone.
Everything that goes wrong is a `VidindexError`.
"""

from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from .errors import (
        AsrError,
        AsrModelError,
        AsrNotInstalledError,
        CaptionError,
        DiscoveryError,
        EngineError,
        EngineNotInstalledError,
        FetchError,
        IndexBusyError,
        IndexLocationError,
        IndexUnusableError,
        IndexVersionError,
        ListError,
        NotIndexedError,
        QuerySyntaxError,
        ResolveError,
        TargetError,
        VidindexError,
    )
    from .ingest import AddOptions
    from .ingest.batch import BatchEvent, BatchOptions, BatchReport
    from .ingest.lists import ListEntry, read_list
    from .library import Index, migrate, open  # noqa: A004 - `vidindex.open` reads as it should
    from .model import (
        AddReport,
        Article,
        CaptionLink,
        Chapter,
        Cue,
        Embed,
        EmbedRecord,
        Failure,
        Hit,
        Progress,
        Stats,
        TimedWord,
        Track,
        Transcript,
        Video,
    )
    from .pages.embeds import find_embeds
    from .resolve import ResolveOptions
    from .store.copy import CopiedTable, Migration
    from .store.tasks import LinkReport, Outcome, QueueStatus, StateCount, Task
    from .transcripts.asr import AsrOptions
    from .transcripts.build import make_transcript
    from .transcripts.formats import read_captions
    from .verify.check import CheckedQuote

__all__ = [
    "AddOptions",
    "AddReport",
    "Article",
    "AsrError",
    "AsrModelError",
    "AsrNotInstalledError",
    "AsrOptions",
    "BatchEvent",
    "BatchOptions",
    "BatchReport",
    "CaptionError",
    "CaptionLink",
    "Chapter",
    "CheckedQuote",
    "CopiedTable",
    "Cue",
    "DiscoveryError",
    "Embed",
    "EmbedRecord",
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
    "LinkReport",
    "ListEntry",
    "ListError",
    "Migration",
    "NotIndexedError",
    "Outcome",
    "Progress",
    "QuerySyntaxError",
    "QueueStatus",
    "ResolveError",
    "ResolveOptions",
    "StateCount",
    "Stats",
    "TargetError",
    "Task",
    "TimedWord",
    "Track",
    "Transcript",
    "Video",
    "VidindexError",
    "find_embeds",
    "make_transcript",
    "migrate",
    "open",
    "read_captions",
    "read_list",
]

_MODULES = {
    "LinkReport": "store.tasks",
    "Outcome": "store.tasks",
    "StateCount": "store.tasks",
    "QueueStatus": "store.tasks",
    "Task": "store.tasks",
    "AddOptions": "ingest",
    "AsrOptions": "transcripts.asr",
    "BatchOptions": "ingest.batch",
    "BatchReport": "ingest.batch",
    "BatchEvent": "ingest.batch",
    "CheckedQuote": "verify.check",
    "Index": "library",
    "CopiedTable": "store.copy",
    "ListEntry": "ingest.lists",
    "Migration": "store.copy",
    "ResolveOptions": "resolve",
    "find_embeds": "pages.embeds",
    "make_transcript": "transcripts.build",
    "migrate": "library",
    "open": "library",
    "read_captions": "transcripts.formats",
    "read_list": "ingest.lists",
}
"""Where a public name lives that is neither an error nor a value of the model."""


def __getattr__(name: str) -> object:
    """Import a public name when it is first used: start-up counts, and no caller needs all of them."""
    if name not in __all__:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    place = _MODULES.get(name) or ("errors" if name.endswith("Error") else "model")
    found: object = getattr(import_module(f".{place}", __name__), name)
    globals()[name] = found
    return found


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})
