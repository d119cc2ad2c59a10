"""Network errors: their place in the error tree, their messages and their failure classes."""

from __future__ import annotations

import errno
import http.client
import os
import pickle
import socket
import ssl
import urllib.error

import pytest

from vidindex.errors import (
    CanceledError,
    ContentCodingError,
    HostilePageError,
    HostPausedError,
    LocalFileError,
    NetworkError,
    OutsideFolderError,
    PrivateAddressError,
    ProxyError,
    TooLargeError,
    UnsupportedSchemeError,
    VidindexError,
)
from vidindex.model import FailureClass
from vidindex.net.error_messages import classify_network_error, describe_error

OWN_ERRORS: list[tuple[NetworkError, FailureClass]] = [
    (PrivateAddressError("wiki", "10.0.0.1"), "failed"),
    (UnsupportedSchemeError("ftp: addresses are not supported"), "later"),
    (LocalFileError("the file /a does not exist"), "later"),
    (OutsideFolderError("/a is outside the folder of the page"), "later"),
    (TooLargeError("the response is larger than the limit"), "failed"),
    (ContentCodingError("content coding 'br'"), "failed"),
    (HostilePageError(), "later"),
    (ProxyError("127.0.0.1", 1, ConnectionRefusedError(111, "Connection refused")), "later"),
    (HostPausedError("kettle.example", 300.0), "later"),
    (CanceledError("kettle.example"), "stopped"),
]
FOREIGN_ERRORS: list[tuple[Exception, FailureClass, str]] = [
    (ssl.SSLCertVerificationError("expired"), "failed", "certificate is not valid"),
    (ssl.SSLError("wrong version"), "later", "TLS connection failed"),
    (TimeoutError("timed out"), "later", "--timeout"),
    (socket.gaierror(-2, "Name or service not known"), "later", "cannot be resolved"),
    (ConnectionRefusedError(), "later", "refused"),
    (ConnectionResetError(104, "Connection reset by peer"), "later", "lost (Connection reset by peer)"),
    (http.client.IncompleteRead(b""), "later", "before the response was complete"),
    (http.client.BadStatusLine("x"), "failed", "not valid HTTP"),
    (ValueError("no host"), "failed", "not valid (no host)"),
    (OSError("out of sockets"), "later", "out of sockets: try again later"),
]


def name_of(value: object) -> str:
    return type(value).__name__ if isinstance(value, Exception) else ""


@pytest.mark.parametrize(("error", "verdict"), OWN_ERRORS, ids=name_of)
def test_own_errors_are_caught_as_oserror_and_as_vidindexerror(error: NetworkError, verdict: FailureClass) -> None:
    """urllib and yt-dlp pass on an `OSError`; callers of the library catch `VidindexError`."""
    for root in (OSError, VidindexError):
        with pytest.raises(root):
            raise error


@pytest.mark.parametrize(("error", "verdict"), OWN_ERRORS, ids=name_of)
def test_own_errors_keep_their_message_and_verdict(error: NetworkError, verdict: FailureClass) -> None:
    for exc in (error, urllib.error.URLError(error), pickle.loads(pickle.dumps(error))):
        assert describe_error(exc).startswith(error.reason)
        assert classify_network_error(exc) == verdict


def test_every_network_error_has_a_row_here() -> None:
    assert {type(error) for error, _ in OWN_ERRORS} == set(NetworkError.__subclasses__())


@pytest.mark.parametrize(("error", "verdict", "text"), FOREIGN_ERRORS, ids=name_of)
def test_foreign_errors_get_a_message_and_a_verdict(error: Exception, verdict: FailureClass, text: str) -> None:
    for exc in (error, urllib.error.URLError(error)) if isinstance(error, OSError) else (error,):
        assert text in describe_error(exc)
        assert classify_network_error(exc) == verdict


def test_running_out_of_files_is_not_blamed_on_the_site() -> None:
    assert describe_error(OSError(errno.EMFILE, os.strerror(errno.EMFILE))).startswith("too many open files: raise")
