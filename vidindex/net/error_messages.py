"""Say what went wrong on the network, and what to do about it."""

from __future__ import annotations

import http.client
import socket
import ssl
import urllib.error

from ..errors import CanceledError, HostPausedError, PrivateAddressError, ProxyError, TooLargeError

_STATUS_MESSAGES = {
    400: "the server does not understand the address: check it",
    401: "it wants a login: save the page in a browser and add the file",
    402: "it is behind a paywall: save the page in a browser and add the file",
    403: "the server refuses: save the page in a browser and add the file, or try another --user-agent",
    404: "there is no such page: check the address",
    408: "the server gave up waiting: try again later",
    410: "the page is gone for good",
    425: "the server is not ready: try again later",
    429: "too many requests: try again later, with a longer pause",
    451: "the page is withheld for legal reasons",
}


def describe_error(exc: BaseException) -> str:
    """Put *exc*, raised by a request, into words that end with a next step."""
    if isinstance(exc, urllib.error.HTTPError):
        return _describe_status(exc)
    cause = exc.reason if isinstance(exc, urllib.error.URLError) else exc
    if isinstance(cause, str):
        return cause
    for kind, text in _ERROR_MESSAGES:
        if isinstance(cause, kind):
            return text.format(cause=_first_line(cause))
    return f"{_first_line(cause)}: try again later"


def classify_network_error(exc: BaseException) -> str:
    """Tell what *exc* means for a later try; empty where its HTTP status says that."""
    if isinstance(exc, urllib.error.HTTPError):
        return ""
    cause = exc.reason if isinstance(exc, urllib.error.URLError) else exc
    return next((verdict for kind, verdict in _ERROR_VERDICTS if isinstance(cause, kind)), "failed")


_ERROR_VERDICTS: tuple[tuple[type[BaseException], str], ...] = (
    (CanceledError, "stopped"),
    (PrivateAddressError, "failed"),
    (TooLargeError, "failed"),
    (ssl.SSLCertVerificationError, "failed"),
    (http.client.IncompleteRead, "later"),
    (OSError, "later"),
)


def _describe_status(exc: urllib.error.HTTPError) -> str:
    if 300 <= exc.code < 400:
        return "it redirects in a circle, too often or to where it must not: open it in a browser"
    step = _STATUS_MESSAGES.get(exc.code)
    if step is None:
        step = "the server failed: try again later" if exc.code >= 500 else "check the address"
    return f"HTTP {exc.code}, {step}"


def _first_line(exc: BaseException) -> str:
    text = getattr(exc, "strerror", None) or str(exc) or type(exc).__name__
    return str(text).splitlines()[0]


_ERROR_MESSAGES: tuple[tuple[type[BaseException], str], ...] = (
    (PrivateAddressError, "{cause}"),
    (HostPausedError, "{cause}"),
    (ProxyError, "{cause}"),
    (CanceledError, "{cause}"),
    (TooLargeError, "{cause}: it is not an article page"),
    (ssl.SSLCertVerificationError, "its certificate is not valid ({cause}): check the address and the clock"),
    (ssl.SSLError, "TLS failed ({cause}): try http://, or again later"),
    (TimeoutError, "timed out: try again later, or with a longer --timeout"),
    (socket.gaierror, "its host name is not known ({cause}): check the spelling and the connection"),
    (ConnectionRefusedError, "the connection was refused: check the address, or try again later"),
    (ConnectionError, "the connection broke ({cause}): try again later"),
    (http.client.IncompleteRead, "the connection ended early: try again later"),
    (http.client.HTTPException, "the answer is not HTTP ({cause}): check the address"),
    (ValueError, "the address makes no sense ({cause}): check it"),
)
