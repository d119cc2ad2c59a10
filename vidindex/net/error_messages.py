"""Describe network errors: what went wrong, what to do next, and whether another attempt may succeed."""

from __future__ import annotations

import errno
import http.client
import socket
import ssl
import urllib.error
from typing import TYPE_CHECKING

from ..errors import (
    CanceledError,
    ContentCodingError,
    NetworkError,
    PrivateAddressError,
    TooLargeError,
    explain_too_many_files,
)

if TYPE_CHECKING:
    from ..model import FailureClass

_STATUS_MESSAGES = {
    400: "the server rejects the address: check it",
    401: "login required: save the page in a browser and add the file",
    402: "payment required: save the page in a browser and add the file",
    403: "access denied: save the page in a browser and add the file, or try another --user-agent",
    404: "page not found: check the address",
    408: "the server timed out: try again later",
    410: "the page was removed permanently",
    425: "the server is not ready: try again later",
    429: "too many requests: try again later, with a longer pause",
    451: "the page is withheld for legal reasons",
}


def describe_error(exc: BaseException) -> str:
    """Return a message for *exc*, which a request raised, that ends with the next step."""
    if isinstance(exc, urllib.error.HTTPError):
        return _describe_status(exc)
    cause = exc.reason if isinstance(exc, urllib.error.URLError) else exc
    if isinstance(cause, str):
        return cause
    if isinstance(cause, OSError) and cause.errno in (errno.EMFILE, errno.ENFILE):
        return explain_too_many_files(str(cause))
    for kind, text in _ERROR_MESSAGES:
        if isinstance(cause, kind):
            return text.format(cause=_first_line(cause))
    return f"{_first_line(cause)}: try again later"


def classify_network_error(exc: BaseException) -> FailureClass:
    """Return the failure class of *exc*, which a request raised and which is not an HTTP status."""
    cause = exc.reason if isinstance(exc, urllib.error.URLError) else exc
    return next((verdict for kind, verdict in _ERROR_VERDICTS if isinstance(cause, kind)), "failed")


_ERROR_VERDICTS: tuple[tuple[type[BaseException], FailureClass], ...] = (
    (CanceledError, "stopped"),
    (PrivateAddressError, "failed"),
    (TooLargeError, "failed"),
    (ContentCodingError, "failed"),
    (ssl.SSLCertVerificationError, "failed"),
    (http.client.IncompleteRead, "later"),
    (OSError, "later"),
)
"""The first row that matches decides."""


def _describe_status(exc: urllib.error.HTTPError) -> str:
    if 300 <= exc.code < 400:
        return "too many redirects, or a redirect to an address that is not allowed: open the page in a browser"
    step = _STATUS_MESSAGES.get(exc.code)
    if step is None:
        step = "the server failed: try again later" if exc.code >= 500 else "check the address"
    return f"HTTP {exc.code}, {step}"


def _first_line(exc: BaseException) -> str:
    text = getattr(exc, "strerror", None) or str(exc) or type(exc).__name__
    return str(text).splitlines()[0]


_ERROR_MESSAGES: tuple[tuple[type[BaseException], str], ...] = (
    (TooLargeError, "{cause}: it is not an article page"),
    (NetworkError, "{cause}"),
    (
        ssl.SSLCertVerificationError,
        "the TLS certificate is not valid ({cause}): check the address and the system clock",
    ),
    (ssl.SSLError, "the TLS connection failed ({cause}): try http://, or try again later"),
    (TimeoutError, "timed out: try again later, or with a longer --timeout"),
    (socket.gaierror, "the host name cannot be resolved ({cause}): check the spelling and the network connection"),
    (ConnectionRefusedError, "the connection was refused: check the address, or try again later"),
    (ConnectionError, "the connection was lost ({cause}): try again later"),
    (http.client.IncompleteRead, "the connection closed before the response was complete: try again later"),
    (http.client.HTTPException, "the response is not valid HTTP ({cause}): check the address"),
    (ValueError, "the address is not valid ({cause}): check it"),
)
"""The first row that matches decides."""
