"""Every error that vidindex raises on purpose, as one tree.

    VidindexError
    ├── TargetError                a target is not an article, a video, a saved page or captions
    ├── OptionError                an option has a value that cannot be used
    │   └── CookieFileError            a cookie file cannot be read
    ├── ListError                  a list of links cannot be read
    ├── FetchError                 a page could not be fetched
    │   ├── NotHtmlError               the response is not a page
    │   ├── PageWallError              the site shows a consent, login or bot check instead of the page
    │   └── ScriptPageError            the page is empty without JavaScript
    ├── RenderNotInstalledError    the extra for rendering or its browser is missing
    ├── DiscoveryError             the embeds of a page could not be found within the limits
    ├── ResolveError               yt-dlp found no video at a URL
    │   ├── PlaylistError              the URL leads to several videos
    │   └── CaptionFetchError          a caption track exists but could not be downloaded
    ├── CaptionError               captions could not be parsed
    │   └── EmptyCaptionsError     captions have no words
    ├── JobError                   a worker process did not do its work
    ├── AsrError                   speech recognition failed
    │   ├── AsrModelError              the model cannot be downloaded or loaded
    │   └── AsrNotInstalledError       an extra is missing
    ├── GistError                  search by meaning cannot be used
    │   ├── GistModelError             a model cannot be loaded, or is not the one of the index
    │   ├── NoVectorsError             the index has no vectors
    │   └── GistNotInstalledError      an extra is missing
    ├── EditListError              moments do not fit into an edit list
    ├── ClipError                  a moment cannot be cut out of a film
    │   └── FfmpegNotInstalledError    ffmpeg is missing
    ├── QuerySyntaxError           a query does not parse
    ├── NotIndexedError            the index has no such article, video or embed
    ├── NetworkError (OSError)     a request was refused or stopped before it was answered
    │   ├── PrivateAddressError        a public page leads to a private address
    │   ├── UnsupportedSchemeError     the URL has a scheme that is not supported
    │   ├── LocalFileError             a local file does not exist
    │   ├── OutsideFolderError         a page asks for a file outside its own folder
    │   ├── TooLargeError              the response exceeds the byte limit
    │   ├── ContentCodingError         a response is encoded in a way that is not supported
    │   ├── HostilePageError           a page is too large or too deeply nested to search for videos
    │   ├── ProxyError                 the proxy does not work
    │   ├── HostPausedError            a host asked for a pause longer than this process waits
    │   └── CanceledError              the request was canceled while it waited for its host
    ├── ServerError                the web server
    │   ├── ServerNotInstalledError    an extra is missing
    │   ├── McpNotInstalledError       an extra is missing
    │   ├── ListenError                it cannot listen on an address
    │   ├── WorkerError                a worker process failed at start-up
    │   ├── BadRequestError            a request has an invalid parameter
    │   └── TooBusyError               the server is overloaded, or a request took too long
    └── IndexUnusableError         the index itself
        ├── IndexClosedError           the index has been closed
        ├── IndexLocationError         the folder is missing, read-only, full or not an index
        │   └── NoIndexError               there is no index yet
        ├── IndexVersionError          a newer version of vidindex wrote it
        ├── BackupError                a backup cannot be written or read
        ├── IndexBusyError             another process is writing to it
        └── EngineError                the full-text engine failed
            └── EngineNotInstalledError    an extra is missing

Messages are lower-case, name what failed, and state the next step.  Each error keeps what failed as attributes, chains
its cause, and survives pickling.
"""

from __future__ import annotations

import errno
import os
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from .model import FailureClass


class VidindexError(Exception):
    """Base class of all errors that vidindex raises on purpose.

    *reason* is the message without the name of what failed; *verdict* is the failure class, which decides whether
    another attempt may succeed.
    """

    reason: str = ""
    verdict: FailureClass = "failed"

    def __reduce__(self) -> tuple[Any, ...]:
        # The default calls the class with the message alone, which is not what most constructors take.
        return _restore_error, (type(self), self.args, self.__dict__)


def _restore_error(kind: type[VidindexError], args: tuple[Any, ...], attributes: dict[str, Any]) -> VidindexError:
    error = kind.__new__(kind)
    error.args = args
    error.__dict__.update(attributes)
    return error


class TargetError(VidindexError):
    """A target is not an article, a video, a saved page or captions."""

    def __init__(self, target: str, reason: str) -> None:
        super().__init__(f"cannot read {target}: {reason}")
        self.target = target
        self.reason = reason


class OptionError(VidindexError):
    """An option has a value that cannot be used."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


class CookieFileError(OptionError, OSError):
    """A cookie file cannot be read."""


class ListError(VidindexError):
    """A list of links cannot be read."""

    def __init__(self, source: str, reason: str) -> None:
        super().__init__(f"cannot read the list {source}: {reason}")
        self.source = source
        self.reason = reason


class FetchError(VidindexError):
    """A page could not be fetched; *status* is the HTTP status if there was a response."""

    def __init__(
        self, url: str, reason: str, *, status: int | None = None, verdict: FailureClass | None = None
    ) -> None:
        super().__init__(f"cannot fetch {url}: {reason}")
        self.url = url
        self.reason = reason
        self.status = status
        self.verdict = verdict or _classify_status(status)


class NotHtmlError(FetchError):
    """The response is not a page; *content_type* names what it is."""

    def __init__(self, url: str, reason: str, *, content_type: str) -> None:
        super().__init__(url, reason, status=200)
        self.content_type = content_type


class PageWallError(FetchError):
    """The site shows a request for consent, a login or a bot check instead of the page; *address* is where it is."""

    def __init__(self, url: str, address: str, kind: str, title: str) -> None:
        named = f" (“{title[:100]}”)" if title else ""
        if kind == "bot check":
            reason = f"the site shows a bot check{named} instead of the page: wait, or save the page in a browser"
        else:
            shown = "asks for consent" if kind == "consent" else "asks for a login"
            step = "save the page in a browser and add the file, or use --cookies with the cookies of a browser"
            reason = f"the site {shown}{named} instead of showing the page: {step}"
        super().__init__(url, reason, status=200, verdict="blocked" if kind == "bot check" else "wall")
        self.address = address
        self.kind = kind
        self.title = title


class ScriptPageError(FetchError):
    """The page has no text until its scripts have run; *rendered* says whether they ran."""

    def __init__(self, url: str, *, rendered: bool = False) -> None:
        reason = (
            "the page is empty, even after its scripts ran: save the page in a browser and add the file"
            if rendered
            else "this page is empty without JavaScript: try --render"
        )
        super().__init__(url, reason, status=200, verdict="wall")
        self.rendered = rendered


class RenderNotInstalledError(VidindexError):
    """The extra `render`, or the browser that it needs, is not installed."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


_STATUS_VERDICTS: dict[int, FailureClass] = {
    401: "needs-login",
    402: "needs-login",
    403: "blocked",
    404: "gone",
    408: "later",
    410: "gone",
    425: "later",
    429: "later",
}


def _classify_status(status: int | None) -> FailureClass:
    if status is None:
        return "failed"
    return "later" if status >= 500 else _STATUS_VERDICTS.get(status, "failed")


class DiscoveryError(VidindexError):
    """The embeds of a page could not be found within the limits of time and size."""

    def __init__(self, url: str, reason: str) -> None:
        super().__init__(f"cannot find the embeds of {url}: {reason}")
        self.url = url
        self.reason = reason


class ResolveError(VidindexError):
    """yt-dlp found no video at a URL."""

    def __init__(self, url: str, reason: str, *, verdict: FailureClass = "later") -> None:
        super().__init__(f"cannot resolve {url}: {reason}")
        self.url = url
        self.reason = reason
        self.verdict = verdict


class PlaylistError(ResolveError):
    """The URL leads to several videos, which `VideoResolver.list_entries` lists."""

    def __init__(self, url: str, title: str) -> None:
        named = f" {title!r}" if title else ""
        super().__init__(
            url, f"it is a playlist{named}; add it with --max N to index its first N videos", verdict="unsupported"
        )
        self.title = title


class CaptionFetchError(ResolveError):
    """A caption track exists but could not be downloaded, which is not the same as having no captions."""

    def __init__(self, url: str, reason: str, *, verdict: FailureClass = "later") -> None:
        VidindexError.__init__(self, f"cannot fetch the captions {url}: {reason}")
        self.url = url
        self.reason = reason
        self.verdict = verdict


class CaptionError(VidindexError):
    """Captions could not be parsed."""

    def __init__(self, source: str, reason: str) -> None:
        super().__init__(f"cannot read captions from {source}: {reason}")
        self.source = source
        self.reason = reason


class EmptyCaptionsError(CaptionError):
    """A caption file is whole but has no words, or no times for them, which is the same as having no captions."""


class JobError(VidindexError):
    """A worker process did not do its work; *is_defect* says that this is a fault of this program, not of the input."""

    def __init__(self, reason: str, *, is_defect: bool = False) -> None:
        super().__init__(reason)
        self.reason = reason
        self.is_defect = is_defect


class AsrError(VidindexError):
    """Speech recognition failed for a video."""

    def __init__(self, name: str, reason: str) -> None:
        super().__init__(f"cannot recognize the speech in {name}: {reason}")
        self.name = name
        self.reason = reason


class AsrModelError(AsrError):
    """The speech recognition model cannot be downloaded or loaded."""

    def __init__(self, model: str, reason: str) -> None:
        VidindexError.__init__(self, f"cannot use the model {model}: {reason}")
        self.name = model
        self.reason = f"cannot use the model {model}: {reason}"


class AsrNotInstalledError(AsrError):
    """Speech recognition is not installed."""

    def __init__(self) -> None:
        self.name = "faster-whisper"
        self.reason = "speech recognition is not installed: `pip install 'vidindex[asr]'`"
        VidindexError.__init__(self, self.reason)


class GistError(VidindexError):
    """Search by meaning cannot be used."""


class GistModelError(GistError):
    """A model for searches by meaning cannot be loaded, or is not the one of the index."""

    def __init__(self, model: str, reason: str) -> None:
        super().__init__(f"cannot use the model {model}: {reason}")
        self.model = model
        self.reason = reason


class NoVectorsError(GistError):
    """The index has no vectors, which searches by meaning need."""

    def __init__(self, index: str) -> None:
        super().__init__(f"{index} has no vectors for searches by meaning: add them with `vidindex rebuild --gist`")
        self.index = index


class GistNotInstalledError(GistError):
    """What searches by meaning need is not installed."""

    def __init__(self, library: str, extra: str = "gist") -> None:
        super().__init__(f"search by meaning needs {library}: `pip install 'vidindex[{extra}]'`")
        self.library = library
        self.extra = extra


class EditListError(VidindexError):
    """Moments do not fit into the format of an edit list."""


class ClipError(VidindexError):
    """A moment cannot be cut out of a film."""

    def __init__(self, name: str, reason: str) -> None:
        super().__init__(f"cannot cut {name}: {reason}")
        self.name = name
        self.reason = reason


class FfmpegNotInstalledError(ClipError):
    """ffmpeg, or the program of it that *program* names, is not installed."""

    def __init__(self, program: str = "ffmpeg") -> None:
        self.name = program
        install = "`sudo apt install ffmpeg` on Debian and Ubuntu, `brew install ffmpeg` on macOS"
        self.reason = f"{program} is not installed: {install}"
        VidindexError.__init__(self, self.reason)


class QuerySyntaxError(VidindexError):
    """A query does not parse; *at* is the index of the character where it goes wrong."""

    def __init__(self, query: str, at: int, reason: str) -> None:
        super().__init__(f"cannot parse the query at character {at + 1}: {reason}\n  {query}\n  {' ' * at}^")
        self.query = query
        self.at = at
        self.reason = reason


_LIST_COMMANDS = {"embed": "dead"}
"""The argument of `vidindex list` for a kind of record, if it is not the plural of the kind."""


class NotIndexedError(VidindexError):
    """The index has no such article, video or embed."""

    def __init__(self, name: str, kind: str = "video") -> None:
        listing = _LIST_COMMANDS.get(kind, f"{kind}s")
        super().__init__(f"no {kind} {name} in this index; see `vidindex list {listing}`")
        self.name = name


class NetworkError(VidindexError, OSError):
    """A request was refused or stopped before it was answered.

    Also an `OSError`, because urllib and yt-dlp pass only those on.
    """

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


class PrivateAddressError(NetworkError):
    """A public page leads to a private address."""

    def __init__(self, host: str, address: str) -> None:
        where = "" if host == address else f" ({address})"
        super().__init__(
            f"{host}{where} is a private address, which public pages may not reach: "
            f"if you trust it, add it as a target itself, or allow it with --allow-host HOST:PORT"
        )
        self.host = host
        self.address = address


class UnsupportedSchemeError(NetworkError):
    """The URL has a scheme that is not supported."""

    verdict = "unsupported"


class LocalFileError(NetworkError):
    """A local page, or the user, names a file that does not exist."""

    verdict = "gone"


class OutsideFolderError(NetworkError):
    """A page asks for a file outside its own folder."""


class TooLargeError(NetworkError):
    """The response exceeds the byte limit of the operation."""


class ContentCodingError(NetworkError):
    """A response is encoded in a way that is not supported; *coding* names the way."""

    def __init__(self, coding: str) -> None:
        super().__init__(
            f"the server used the {coding}, which vidindex does not support: "
            "save the page in a browser and add the file"
        )
        self.coding = coding


class HostilePageError(NetworkError):
    """A page is too large or too deeply nested to search for videos."""

    def __init__(
        self, reason: str = "the page is too large or too broken to search for videos: add the URL of the video instead"
    ) -> None:
        super().__init__(reason)


class ProxyError(NetworkError):
    """The proxy does not respond, or refuses the connection."""

    def __init__(self, host: str, port: int, cause: OSError) -> None:
        super().__init__(
            f"the proxy {host}:{port} failed ({cause.strerror or cause}): check --proxy, or try again later"
        )
        self.host = host
        self.port = port


class HostPausedError(NetworkError):
    """A host asked for a pause longer than this process waits; *remaining_s* seconds of it are left.

    *cause* is why the host is paused if it did not ask for that itself.
    """

    verdict = "later"

    def __init__(self, host: str, remaining_s: float, cause: str = "") -> None:
        left = f"another {remaining_s:.0f} s"
        reason = f"{host} is paused for {left} ({cause})" if cause else f"{host} asked for a pause of {left}"
        super().__init__(f"{reason}: try again after that")
        self.host = host
        self.remaining_s = remaining_s


class CanceledError(NetworkError):
    """The request was canceled while it waited for its host."""

    verdict = "stopped"

    def __init__(self, host: str) -> None:
        super().__init__(f"canceled while waiting for {host}: run the same command again to continue")
        self.host = host


class ServerError(VidindexError):
    """The web server failed."""


class ServerNotInstalledError(ServerError):
    """The web server is not installed."""

    def __init__(self) -> None:
        self.reason = "the web server is not installed: `pip install 'vidindex[web]'`"
        super().__init__(self.reason)


class McpNotInstalledError(ServerError):
    """The MCP server is not installed."""

    def __init__(self) -> None:
        self.reason = "the MCP server is not installed: `pip install 'vidindex[mcp]'`"
        super().__init__(self.reason)


class ListenError(ServerError):
    """The server cannot listen on an address."""

    def __init__(self, host: str, port: int, reason: str) -> None:
        super().__init__(f"cannot listen on {host} port {port}: {reason}")
        self.host = host
        self.port = port
        self.reason = reason


class WorkerError(ServerError):
    """A worker process of the server failed at start-up."""

    def __init__(self, code: int) -> None:
        super().__init__(f"a worker process of the server failed at start-up (exit code {code})")
        self.code = code


class BadRequestError(ServerError):
    """A request has an invalid parameter."""

    def __init__(self, parameter: str, reason: str) -> None:
        super().__init__(f"{parameter}: {reason}")
        self.parameter = parameter
        self.reason = reason


class TooBusyError(ServerError):
    """The server is overloaded, or a request took too long."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


class IndexUnusableError(VidindexError):
    """The index itself failed."""


class IndexClosedError(IndexUnusableError):
    """The index has been closed."""

    def __init__(self, path: str) -> None:
        super().__init__(f"the index {path} is closed: open it again with `vidindex.open`")
        self.path = path


_TOO_MANY_FILES = os.strerror(errno.EMFILE).lower()


def explain_too_many_files(reason: str) -> str:
    """Return *reason*, or what to do instead if it says that this process cannot open more files."""
    if _TOO_MANY_FILES not in reason.lower():
        return reason
    return f"{_TOO_MANY_FILES}: raise the limit with `ulimit -n`, or use fewer threads at once"


class IndexLocationError(IndexUnusableError):
    """The index folder is missing, cannot be read or written, or is not an index."""

    def __init__(self, path: str, reason: str) -> None:
        reason = explain_too_many_files(reason)
        super().__init__(f"cannot use {path} as an index: {reason}")
        self.path = path
        self.reason = reason


class NoIndexError(IndexLocationError):
    """There is no index at the location yet."""

    def __init__(self, path: str) -> None:
        IndexUnusableError.__init__(self, f"no index at “{path}”: create one with `vidindex add TARGET`")
        self.path = path
        self.reason = "there is no index here"


class IndexVersionError(IndexUnusableError):
    """A newer version of vidindex wrote the index."""

    def __init__(self, path: str, version: int, newest_supported: int) -> None:
        super().__init__(
            f"the index {path} has format {version}, but this version of vidindex reads formats up to "
            f"{newest_supported}: upgrade with `pip install -U vidindex`"
        )
        self.path = path
        self.version = version


class BackupError(IndexUnusableError):
    """A backup cannot be written or read."""

    def __init__(self, path: str, reason: str) -> None:
        super().__init__(f"cannot use the backup {path}: {reason}")
        self.path = path
        self.reason = reason


class IndexBusyError(IndexUnusableError):
    """Another process is writing to the index and did not finish in time."""

    def __init__(self, path: str, seconds: float) -> None:
        super().__init__(
            f"another process is writing to {path} and did not finish within {seconds:.0f} s: try again when it is done"
        )
        self.path = path


class EngineError(IndexUnusableError):
    """The full-text engine failed; `vidindex rebuild` creates it again from the store.

    *hint* is the next step if a rebuild would not help.
    """

    def __init__(self, engine: str, reason: str, *, hint: str = "") -> None:
        reason = explain_too_many_files(reason)
        has_hint = any(part in reason for part in ("vidindex rebuild", "no such engine", "ulimit"))
        tail = "" if has_hint else f"; {hint or '`vidindex rebuild` creates it again'}"
        super().__init__(f"the {engine} engine failed: {reason}{tail}")
        self.engine = engine
        self.reason = reason


class EngineNotInstalledError(EngineError):
    """The engine is not installed."""

    def __init__(self, engine: str, extra: str) -> None:
        IndexUnusableError.__init__(
            self,
            f"the {engine} engine is not installed: `pip install 'vidindex[{extra}]'`, "
            "or use the built-in one with `vidindex rebuild --engine whoosh`",
        )
        self.engine = engine
        self.extra = extra
