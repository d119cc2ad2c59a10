"""Reject documents on which yt-dlp would run for minutes or take hundreds of megabytes.

yt-dlp reads pages, JSON, XML and playlists whole, whatever their content type, and searches them with regular
expressions that take quadratic time.  Its parsers take up to a hundred times the memory of the text.
"""

from __future__ import annotations

import codecs
import re
from itertools import islice

from ..errors import HostilePageError
from ..net.bounded_json import estimate_json_memory

# These expressions are for text in lower case.
_COSTLY_TAGS = rb"<(?:iframe|script|object|embed|video|audio|amp-video)"
_OPENED_TAG = re.compile(_COSTLY_TAGS)
_UNCLOSED_TAG = re.compile(_COSTLY_TAGS + rb"[^<>]*(?=<|\Z)")
_SOURCE = re.compile(rb"<(?:source|track)")
_PLAYER_SETUP = re.compile(rb"jwplayer|videojs|flashvars|kt_player")
_LINKED_DATA = re.compile(rb"ld\+json")
_ENTITY = re.compile(rb"&")
# Entities and default attributes make a document of a kilobyte take gigabytes; no manifest or feed defines them.
_XML_DEFINITION = re.compile(rb"<!(?:entity|attlist)\b")

# Far more than ordinary pages contain; at each limit, yt-dlp takes about a second.
_MATCH_LIMITS = (
    (_UNCLOSED_TAG, 120),
    (_OPENED_TAG, 1500),
    (_SOURCE, 2000),
    (_PLAYER_SETUP, 600),
    (_XML_DEFINITION, 0),
    (_ENTITY, 400_000),
)
# From each of these, yt-dlp may search to the end of the page.  A step takes 10 ns or, for JSON, 40 ns.
_STEP_LIMITS = ((_OPENED_TAG, 300_000_000), (_PLAYER_SETUP, 300_000_000), (_LINKED_DATA, 60_000_000))

_MAX_TAG_STEPS = 150_000_000
"""How many characters yt-dlp may try between tags.  Bundled scripts have up to 40 million such steps."""

_ORDINARY_TAG_LENGTH = 300
# Where an expression such as `<a [^>]+href=` or `div[^>]+data-` starts; it then reads on to the next `>`.  The number
# is how many of our steps one of its steps takes.
_TAG_STARTS = ((re.compile(rb"<[a-z]"), 10), (re.compile(rb"iframe|div"), 2))

_CASE_VARIANTS = (("\u017f", b"s"), ("\u0131", b"i"), ("\u0130", b"i"), ("\u212a", b"k"))
"""Letters that expressions without regard to case take for ASCII letters."""

_JWPLAYER = re.compile(rb"jwplayer\s*\(")
_MAX_SETUP_BYTES = 2_000_000
"""The search for the end of a `jwplayer(` call takes 60 bytes of memory for each character of its script."""

_MAX_PAGE_BYTES = 8_000_000
_MAX_PLAYLIST_BYTES = 16_000_000
"""Each line of a playlist may be a long signed URL."""

_MAX_PARSING_BYTES = 80_000_000
# What CPython allocates for an element, an attribute, a string and a line, beside what JSON takes.
_LINE_ENDS = ("\n", "\r", "\v", "\f", "\x1c", "\x1d", "\x1e", "\xc2\x85", "\xe2\x80\xa8", "\xe2\x80\xa9")
_BYTES_PER_TEXT = (("<", 200), ("=", 100), ("'", 30), *((line_end, 60) for line_end in _LINE_ENDS))

# Encodings in which ASCII characters are their own bytes, and which decode in linear time: unlike UTF-7 and Punycode.
_SAFE_CODECS = re.compile(
    r"ascii|utf-8(?:-sig)?|iso8859-\d+|cp(?:125\d|437|8[56]\d|874|932|949|950)|koi8-[rtu]|mac-\w+|tis-620"
    r"|gbk|gb2312|gb18030|big5(?:hkscs)?|shift_jis|euc_(?:jp|kr)"
)
_WIDE_CODECS = re.compile(r"utf-(?:16|32)(?:-[bl]e)?")


def is_safe_encoding(name: str) -> bool:
    """Return whether text in the encoding *name* can be checked before it is decoded.

    yt-dlp reads text in an unknown encoding as UTF-8.
    """
    codec = _codec_name(name)
    return not codec or bool(_SAFE_CODECS.fullmatch(codec) or _WIDE_CODECS.fullmatch(codec))


def check_document(content: bytes, encoding: str = "utf-8") -> int:
    """Check in linear time that yt-dlp can parse *content* within seconds; return an estimate of the memory, in bytes.

    Raises `HostilePageError` if it cannot, or would take too much memory.
    """
    is_playlist = content.startswith(b"#EXTM3U")
    if len(content) > (_MAX_PLAYLIST_BYTES if is_playlist else _MAX_PAGE_BYTES):
        raise HostilePageError
    if _codec_name(encoding) not in ("", "ascii", "utf-8"):
        content = content.decode(encoding, "replace").encode("utf-8", "replace")
    _check_matches(_fold_case(content))
    if _longest_setup(content) > _MAX_SETUP_BYTES:
        raise HostilePageError
    estimate = _estimate_memory(content)
    if estimate > _MAX_PARSING_BYTES:
        raise HostilePageError
    return estimate


def _fold_case(content: bytes) -> bytes:
    for variant, letter in _CASE_VARIANTS:
        content = content.replace(variant.encode(), letter)
    return content.lower()


def _check_matches(content: bytes) -> None:
    for pattern, limit in _MATCH_LIMITS:
        if _count(pattern, content, limit) > limit:
            raise HostilePageError
    for pattern, max_steps in _STEP_LIMITS:
        if content and _count(pattern, content, max_steps // len(content)) * len(content) > max_steps:
            raise HostilePageError
    if _count_tag_steps(content) > _MAX_TAG_STEPS:
        raise HostilePageError


def _count(pattern: re.Pattern[bytes], content: bytes, limit: int) -> int:
    return sum(1 for _ in islice(pattern.finditer(content), limit + 1))


def _longest_setup(content: bytes) -> int:
    """Return the greatest distance from a call of `jwplayer` to the end of its script."""
    setups = ((script, _JWPLAYER.search(script)) for script in content.split(b"</script>"))
    return max((len(script) - setup.start() for script, setup in setups if setup), default=0)


def _count_tag_steps(content: bytes) -> int:
    """Return how many steps the expressions take that read from the start of a tag to its end, which may be far."""
    steps = 0
    for part in content.split(b">"):
        if len(part) > _ORDINARY_TAG_LENGTH:
            limit = _MAX_TAG_STEPS // len(part)
            steps += len(part) * sum(cost * _count(pattern, part, limit) for pattern, cost in _TAG_STARTS)
    return steps


def _estimate_memory(content: bytes) -> int:
    text = content.decode("latin-1")  # as many characters as bytes
    copies_bytes = 2 * len(text)
    return estimate_json_memory(text) + copies_bytes + sum(text.count(mark) * size for mark, size in _BYTES_PER_TEXT)


def _codec_name(encoding: str) -> str:
    try:
        return codecs.lookup(encoding).name
    except (LookupError, ValueError):  # ValueError: a null character in the name
        return ""
