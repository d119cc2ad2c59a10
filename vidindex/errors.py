"""What can go wrong, as one tree.

    VidindexError
    ├── TargetError            a target is not an article, a video, a page or captions
    ├── ListError              a list of links cannot be read
    ├── FetchError             a page could not be fetched
    ├── DiscoveryError         the embeds of a page could not be found in time
    ├── ResolveError           an embed's URL led to no video
    │   └── CaptionFetchError      a caption track is there but could not be fetched
    ├── CaptionError           captions could not be read
    ├── AsrError               speech could not be recognised
    │   ├── AsrModelError          the model that was to do it cannot be had or read
    │   └── AsrNotInstalledError   it needs an extra
    ├── QuerySyntaxError       a query does not parse
    ├── NotIndexedError        the index holds no such article or video
    └── IndexUnusableError            the index itself
        ├── IndexLocationError     the folder is missing, read-only, full or not an index
        ├── IndexVersionError      a newer vidindex wrote it
        ├── IndexBusyError         another process is writing to it
        └── EngineError            the full-text engine failed
            └── EngineNotInstalledError    it needs an extra

Messages are lower-case, name the thing that failed and say the next step.  Each error keeps what failed
as an attribute and chains its cause.
"""

from __future__ import annotations


class VidindexError(Exception):
    """The root: catch this to catch all that vidindex raises on purpose.

    *reason* is the message without the name of what failed; *verdict* says what that means for a later try.
    """

    reason: str = ""
    verdict: str = "failed"


class TargetError(VidindexError):
    """A target is none of the things that can be added."""

    def __init__(self, target: str, reason: str) -> None:
        super().__init__(f"cannot add {target}: {reason}")
        self.target = target
        self.reason = reason


class ListError(VidindexError):
    """A list of links cannot be read."""

    def __init__(self, source: str, reason: str) -> None:
        super().__init__(f"cannot read the list {source}: {reason}")
        self.source = source
        self.reason = reason


class FetchError(VidindexError):
    """A page could not be fetched; *status* is the HTTP status where there was an answer.

    *verdict* says what that means for a later try: `gone`, `later`, `blocked`, `needs-login`, `robots` or `failed`.
    """

    def __init__(self, url: str, reason: str, *, status: int | None = None, verdict: str = "") -> None:
        super().__init__(f"cannot fetch {url}: {reason}")
        self.url = url
        self.reason = reason
        self.status = status
        self.verdict = verdict or _classify_status(status)


_STATUS_VERDICTS = {401: "needs-login", 402: "needs-login", 403: "blocked", 404: "gone", 408: "later", 410: "gone"}
_STATUS_VERDICTS |= {425: "later", 429: "later"}


def _classify_status(status: int | None) -> str:
    if status is None:
        return "failed"
    return "later" if status >= 500 else _STATUS_VERDICTS.get(status, "failed")


class DiscoveryError(VidindexError):
    """The embeds of a page could not be found within the limits of time and size."""

    def __init__(self, url: str, reason: str) -> None:
        super().__init__(f"cannot look for embeds in {url}: {reason}")
        self.url = url
        self.reason = reason


class ResolveError(VidindexError):
    """An embed's URL led to no video.

    *verdict* says what that means for a later try: `gone`, `later`, `blocked`, `needs-login`, `geo`,
    `drm`, `live`, `unsupported` or `broken-extractor`.
    """

    def __init__(self, url: str, reason: str, *, verdict: str = "later") -> None:
        super().__init__(f"cannot resolve {url}: {reason}")
        self.url = url
        self.reason = reason
        self.verdict = verdict


class CaptionFetchError(ResolveError):
    """A caption track is there but could not be fetched: not the same as having none."""

    def __init__(self, url: str, reason: str, *, verdict: str = "later") -> None:
        VidindexError.__init__(self, f"cannot fetch the captions {url}: {reason}")
        self.url = url
        self.reason = reason
        self.verdict = verdict


class CaptionError(VidindexError):
    """Captions could not be read."""

    def __init__(self, source: str, reason: str) -> None:
        super().__init__(f"cannot read captions from {source}: {reason}")
        self.source = source
        self.reason = reason


class AsrError(VidindexError):
    """The speech of a video could not be recognised."""

    def __init__(self, name: str, reason: str) -> None:
        super().__init__(f"cannot recognise the speech in {name}: {reason}")
        self.name = name
        self.reason = reason


class AsrModelError(AsrError):
    """The model that recognises speech cannot be had or read."""

    def __init__(self, model: str, reason: str) -> None:
        VidindexError.__init__(self, f"cannot use the model {model}: {reason}")
        self.name = model
        self.reason = f"cannot use the model {model}: {reason}"


class AsrNotInstalledError(AsrError):
    """What recognises speech is not installed here."""

    def __init__(self) -> None:
        self.name = "faster-whisper"
        self.reason = "speech recognition is not installed: `pip install 'vidindex[asr]'`"
        VidindexError.__init__(self, self.reason)


class QuerySyntaxError(VidindexError):
    """A query does not parse; *at* is the index of the character where it goes wrong."""

    def __init__(self, query: str, at: int, reason: str) -> None:
        super().__init__(f"cannot parse the query at character {at + 1}: {reason}\n  {query}\n  {' ' * at}^")
        self.query = query
        self.at = at
        self.reason = reason


_LIST_COMMANDS = {"embed": "dead"}
"""What `vidindex list` calls the things of a kind, where it is not their plural."""


class NotIndexedError(VidindexError):
    """The index holds no such article or video."""

    def __init__(self, name: str, kind: str = "video") -> None:
        super().__init__(
            f"no {kind} {name} in this index: `vidindex list {_LIST_COMMANDS.get(kind, kind + 's')}` shows what it holds"
        )
        self.name = name


class IndexUnusableError(VidindexError):
    """The index itself failed."""


class IndexLocationError(IndexUnusableError):
    """The index folder is missing, cannot be read or written, or holds something else."""

    def __init__(self, path: str, reason: str) -> None:
        super().__init__(f"cannot use {path} as an index: {reason}")
        self.path = path
        self.reason = reason


class NoIndexError(IndexLocationError):
    """There is no index at that place yet."""

    def __init__(self, path: str) -> None:
        super().__init__(path, "there is no index here; `vidindex add TARGET` makes one")


class IndexVersionError(IndexUnusableError):
    """A newer vidindex wrote this index."""

    def __init__(self, path: str, version: int, newest_supported: int) -> None:
        super().__init__(
            f"the index {path} has format {version}, this vidindex reads up to {newest_supported}: "
            "upgrade with `pip install -U vidindex`"
        )
        self.path = path
        self.version = version


class IndexBusyError(IndexUnusableError):
    """Another process is writing to this index and did not finish in time."""

    def __init__(self, path: str, seconds: float) -> None:
        super().__init__(
            f"another vidindex is writing to {path} and did not finish within {seconds:.0f} s: "
            "try again when it is done"
        )
        self.path = path


class EngineError(IndexUnusableError):
    """The full-text engine failed; `vidindex rebuild` makes it again from the store.

    *hint* says what to do where that would be no help.
    """

    def __init__(self, engine: str, reason: str, *, hint: str = "") -> None:
        says_what_next = "vidindex rebuild" in reason or "no such engine" in reason
        tail = "" if says_what_next else f"; {hint or '`vidindex rebuild` makes it again'}"
        super().__init__(f"the {engine} engine failed: {reason}{tail}")
        self.engine = engine
        self.reason = reason


class EngineNotInstalledError(EngineError):
    """The engine is not installed here."""

    def __init__(self, engine: str, extra: str) -> None:
        IndexUnusableError.__init__(
            self,
            f"the {engine} engine is not installed: `pip install 'vidindex[{extra}]'`, "
            "or `vidindex rebuild --engine whoosh` to use the one that always is",
        )
        self.engine = engine
        self.extra = extra
