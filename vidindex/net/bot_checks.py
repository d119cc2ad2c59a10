"""Recognize responses that ask for proof that you are not a bot."""

from __future__ import annotations

import re
from email.message import Message

BOT_CHECK_TEXT = re.compile(
    r"(?i)just a moment\b|checking (?:your browser|if the site connection)"
    r"|verify(?:ing)? (?:that )?you are (?:a )?human"
    r"|confirm (?:that )?you are (?:a )?human|enable javascript and cookies to continue|attention required!"
    r"|review the security of your connection|are you (?:a )?(?:human|robot)\b|robot or human|press (?:&|and) hold"
    r"|unusual (?:traffic|activity) from|complete the (?:captcha|security check)|solve (?:this|the) captcha"
    r"|request unsuccessful\. incapsula|enable js and disable any ad ?blocker|pardon our interruption"
    r"|ddos protection by|access to this page has been denied|performing security verification"
    r"|bestätigen sie,? dass sie (?:ein mensch|kein roboter)|vérifi\w+ que vous êtes (?:un )?humain"
    r"|no (?:soy|eres) un robot|je ne suis pas un robot|проверка браузера|я не робот"
)
"""What such a page says."""

BOT_CHECK_WIDGETS = re.compile(
    rb"(?i)challenges\.cloudflare\.com|cdn-cgi/challenge-platform|_cf_chl_opt|captcha-delivery\.com|px-captcha"
    rb"|_incapsula_resource|awswafcookiedomainlist|ddos-guard"
)
"""What such a page loads."""

MAX_BOT_CHECK_BYTES = 1 << 16
"""So much of a response is enough to recognize it."""

_CHECKING_STATUSES = frozenset({401, 403, 405, 406, 429, 503})
_CHALLENGE_HEADERS = (
    ("cf-mitigated", "challenge"),
    ("x-amzn-waf-action", ""),
    ("x-datadome", ""),
    ("x-px-blocked", ""),
)
"""Headers, with their value if it matters: Cloudflare, AWS, DataDome, HUMAN."""

_TAG = re.compile(rb"<[^<>]*+>")


def is_bot_check(status: int, headers: Message, body: bytes) -> bool:
    """Return whether a response with an error *status* is a bot check; the start of its *body* is enough."""
    if status not in _CHECKING_STATUSES:
        return False
    if any(name in headers and headers[name].lower().startswith(value) for name, value in _CHALLENGE_HEADERS):
        return True
    start = body[:MAX_BOT_CHECK_BYTES]
    text = _TAG.sub(b" ", start).decode("utf-8", "replace")
    return bool(BOT_CHECK_TEXT.search(" ".join(text.split())) or BOT_CHECK_WIDGETS.search(start))
