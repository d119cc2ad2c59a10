"""Reasons of failures on the web pages."""

from __future__ import annotations

import pytest

from vidindex.server.views.reasons import format_public_reason


@pytest.mark.parametrize(
    ("reason", "shown"),
    [
        ("the player of mtv no longer works", "the player of mtv no longer works"),
        ("access denied: wait, use --proxy, or log in", "access denied"),
        (
            "given up after 5 tries: too many requests: wait, and use --sleep",
            "given up after 5 tries: too many requests",
        ),
        ("use --proxy with a server in another country", ""),
        (
            "the proxy 10.0.0.1:3128 failed (refused): check --proxy, or try again later",
            "the site could not be reached",
        ),
        ("", ""),
    ],
)
def test_advice_for_the_command_line_is_left_out(reason: str, shown: str) -> None:
    assert format_public_reason(reason) == shown
