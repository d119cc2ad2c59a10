"""Reasons of failures, as visitors of the web pages see them."""

from __future__ import annotations

_UNREACHABLE = "the site could not be reached"


def format_public_reason(reason: str) -> str:
    """Return *reason* without advice on command-line options, and without the address of a proxy."""
    if "the proxy" in reason:
        return _UNREACHABLE
    fact, separator, _ = reason.partition("--")
    return fact.rpartition(": ")[0] if separator else reason
