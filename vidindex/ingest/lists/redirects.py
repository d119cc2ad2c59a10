"""Replace links through redirecting services, as mail programs and social networks write, by those behind them."""

from __future__ import annotations

import re
from urllib.parse import parse_qsl, unquote, urlsplit

_PARAMETERS: tuple[tuple[re.Pattern[str], tuple[str, ...]], ...] = tuple(
    (re.compile(pattern), names)
    for pattern, names in (
        (r"(?:www\.)?google\.(?:[a-z]{2,3}|com?\.[a-z]{2})/url$", ("url", "q")),
        (r"lm?\.(?:facebook|instagram|threads)\.(?:com|net)/(?:l\.php)?$", ("u",)),
        (r"(?:www\.|m\.)?youtube\.com/redirect$", ("q",)),
        (r"[\w-]+\.safelinks\.protection\.outlook\.com/", ("url",)),
        (r"out\.reddit\.com/|slack-redir\.net/link$|(?:www\.)?getpocket\.com/redirect$|exit\.sc/$", ("url",)),
        (r"(?:www\.)?linkedin\.com/(?:redir/redirect|safety/go)/?$", ("url",)),
        (r"steamcommunity\.com/linkfilter/?$", ("url", "u")),
        (r"(?:m\.)?vk\.com/away\.php$", ("to",)),
        (r"t\.umblr\.com/redirect$", ("z",)),
        (r"(?:www\.)?duckduckgo\.com/l/$", ("uddg",)),
    )
)
_IN_PATH = re.compile(r"(?i)(?:www\.)?google\.[a-z.]{2,6}/amp/(s/)?(?=[\w-]+\.)")
_MAIL_FILTER = re.compile(r"(?i)https?://urldefense(?:\.proofpoint)?\.com/v3/__(https?:/{1,2}.+?)__;")
_OLD_MAIL_FILTER = re.compile(r"(?i)https?://urldefense\.proofpoint\.com/v2/url\?u=([^&]+)")
_MAX_REDIRECTS = 3


def strip_redirects(url: str) -> str:
    """Return the link behind *url*, or *url* itself if it leads through no known service."""
    for _ in range(_MAX_REDIRECTS):
        try:
            target = _target_of(url)
            if not (target.lower().startswith(("http://", "https://")) and urlsplit(target).hostname):
                break
        except ValueError:
            break
        url = target
    return url


def _target_of(url: str) -> str:
    if match := _MAIL_FILTER.match(url):
        return re.sub(r"(?i)^(https?:)/(?!/)", r"\1//", match[1])
    if match := _OLD_MAIL_FILTER.match(url):
        return unquote(match[1].replace("-", "%").replace("_", "/"))
    parts = urlsplit(url)
    address = f"{(parts.hostname or '')}{parts.path}"
    if match := _IN_PATH.match(address):
        return f"{'https' if match[1] else 'http'}://{address[match.end() :]}" + (
            f"?{parts.query}" if parts.query else ""
        )
    names = next((names for pattern, names in _PARAMETERS if pattern.match(address)), ())
    values = dict(parse_qsl(parts.query)) if names else {}
    return next((values[name] for name in names if name in values), "")
