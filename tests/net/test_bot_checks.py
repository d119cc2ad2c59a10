"""Responses with an error status that ask for proof that you are not a bot."""

from __future__ import annotations

from email.message import Message

import pytest

from tests.clocks import check_linear_time
from vidindex.net.bot_checks import is_bot_check


def headers(**values: str) -> Message:
    message = Message()
    for name, value in values.items():
        message[name.replace("_", "-")] = value
    return message


@pytest.mark.parametrize(
    ("status", "fields", "body"),
    [
        (403, {"Cf_Mitigated": "challenge"}, b""),
        (405, {"x_amzn_waf_action": "captcha"}, b""),
        (403, {"X_DataDome": "protected"}, b""),
        (503, {}, b"<html><title>Just a moment...</title>"),
        (429, {}, b"<h1>Are you a robot?</h1>"),
        (403, {}, b"<p>Please verify\n you are <b>human</b>"),
        (403, {}, b"<script src='https://challenges.cloudflare.com/turnstile/v0/api.js'></script>"),
        (403, {}, "<p>Bestätigen Sie, dass Sie ein Mensch sind".encode()),
    ],
)
def test_a_bot_check_is_recognized_by_its_headers_or_its_text(status: int, fields: dict[str, str], body: bytes) -> None:
    assert is_bot_check(status, headers(**fields), body)


@pytest.mark.parametrize(
    ("status", "fields", "body"),
    [
        (404, {}, b"<title>Just a moment...</title>"),
        (500, {"cf_mitigated": "challenge"}, b""),
        (403, {"cf_mitigated": "block"}, b"<h1>403 Forbidden</h1>"),
        (503, {}, b"<h1>Service unavailable</h1> We are back in a moment."),
        (401, {}, b"Log in to read this article"),
        (429, {}, b""),
    ],
)
def test_other_errors_are_no_bot_checks(status: int, fields: dict[str, str], body: bytes) -> None:
    assert not is_bot_check(status, headers(**fields), body)


@pytest.mark.parametrize("piece", ["<", "<a", "just a ", "are you ", "&amp;"])
def test_hostile_bodies_take_linear_time(piece: str) -> None:
    text = piece * (65_536 // len(piece))

    check_linear_time(lambda part: is_bot_check(403, Message(), part.encode()), text)
