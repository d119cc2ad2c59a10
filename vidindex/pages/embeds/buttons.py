"""Detect the buttons that share, like or copy the address of a video: they name it, but play nothing."""

from __future__ import annotations

import re
from itertools import islice

from lxml.html import HtmlElement

_BUTTON_NAME = re.compile(
    r"(?i)(?:^|[\s_-])(?:shar(?:e|es|er|ing)|share-?(?:this|bar|links?|buttons?|btn|icons?)|sharethis\w*|sharedaddy|shariff|ssba|st_\w+|"
    r"social-?(?:share|sharing|links?|buttons?|bar|icons?|media)|fb-(?:like|share|save|send|follow|comments)\w*|like-?(?:button|btn|box)|"
    r"twitter-(?:share|follow)\w*|tweet-?(?:button|btn)|addthis\w*|a2a\w*|addtoany\w*|g-?plus(?:one)?|plusone|g-ytsubscribe|subscribe\w*|"
    r"follow|pin-?it\w*|copy-?(?:link|url|button|btn)|clipboard|whatsapp|bookmark\w*|line-it\w*|pocket-btn|hatena\w*)"
    r"(?=$|[\s_-])"
)
_MAX_NAME_CHARS = 400


def is_button(element: HtmlElement) -> bool:
    """Return whether *element* is such a button, or stands in a row of them."""
    if element.tag in ("amp-social-share", "amp-addthis"):
        return True
    nodes = (element, *islice(element.iterancestors(), 2))
    return any(_BUTTON_NAME.search(_name_of(node)) is not None for node in nodes)


def _name_of(element: HtmlElement) -> str:
    return f"{element.get('class') or ''} {element.get('id') or ''}"[:_MAX_NAME_CHARS]
