"""Read the data in scripts: the state of a page (`__NEXT_DATA__`…), and streams that scripts push piece by piece."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import islice

from lxml.html import HtmlElement

from ...model import EmbedKind
from ...net.bounded_json import estimate_json_memory
from ..providers import recognize_url
from .document import EmbedCandidate, PageDocument
from .provider_attributes import url_from_mapping
from .social_kind import classify_post

MAX_SCRIPT_CHARS = 1_500_000
_MAX_STATE_NODES = 60_000
_MAX_STATE_MEMORY_BYTES = 100_000_000
_STATE_START = re.compile(r"^\s*(?:(?:\w{3,10}\s)?([\w.$\[\]\"']{1,80})\s*=\s*|([\w.$]{1,80})\()?(?=[\[{\"tfn\d])")
_STATE_ASSIGNMENT = re.compile(r"(?:^|[;\s,])([\w.$\[\]\"']{1,80})\s*=\s*(?=[\[{\"tfn\d])")
_MAX_ASSIGNMENTS, _MAX_ASSIGNMENT_GAP_CHARS = 60, 2000
_CONTENT_KEY = re.compile(
    r"(?i)body|content|article|story|post|block|element|lead|hero|entry|paragraph|markup|rich_?text"
)
_BOILERPLATE_KEY = re.compile(
    r"(?i)related|recommend|sidebar|rail|playlist|latest|popular|section|nav|menu|header|footer|\bads?\b|advert|promo|trend|more|next|prev|feed|collection|widget|config|cache|channel|upnext|live|customfields|teaser|suggest|list"
)
_STREAM_WORD = re.compile(r"__next_f|[sS]treamController")
_STREAM_PUSH = re.compile(
    r'(?:__next_f[^(\n]{0,60}\.push\(\s*\[\s*1\s*,|treamController\.enqueue\()\s*("(?:[^"\\]++|\\.)*+")', re.S
)
_MAX_STREAM_PIECES = 2000


def read_stream_piece(text: str) -> str:
    """Return the text that *text* pushes to a stream of Next.js or React Router, or "" if it is another script."""
    if not _STREAM_WORD.search(text[:300]):
        return ""
    pieces = []
    for match in islice(_STREAM_PUSH.finditer(text[:MAX_SCRIPT_CHARS]), _MAX_STREAM_PIECES):
        try:
            pieces.append(json.loads(match[1], strict=False))
        except ValueError:
            continue
    return "".join(pieces)


@dataclass(frozen=True, slots=True)
class StateLeaf:
    """A string or object of the page state."""

    value: str | dict[str, object]
    in_content: bool


def parse_state(script: HtmlElement, text: str) -> object | None:
    """Parse *text* if it is JSON, or assignments and calls with mostly JSON; return None if it is code."""
    if "json" not in (script.get("type") or "").lower() and len(text) < 300:
        return None
    if estimate_json_memory(text) > _MAX_STATE_MEMORY_BYTES:
        return None
    values: list[object] = []
    position, json_chars = 0, 0
    decoder = json.JSONDecoder(strict=False)
    for _ in range(_MAX_ASSIGNMENTS):
        match = (
            _STATE_ASSIGNMENT.search(text, position, position + _MAX_ASSIGNMENT_GAP_CHARS)
            if position
            else _STATE_START.match(text[:_MAX_ASSIGNMENT_GAP_CHARS])
        )
        if match is None:
            break
        try:
            value, end = decoder.raw_decode(text, match.end())
        except (ValueError, RecursionError):
            position = match.end()
            continue
        if isinstance(value, list | dict):
            values.append({match[1] or "": value})
            json_chars += end - match.end()
        position = end
    return values if values and json_chars > len(text) // 2 else None


def walk_state(state: object, *, in_content: bool = False) -> Iterator[StateLeaf]:
    """Yield the strings and objects of *state*, in order, each with whether its keys mark it as article content.

    All of a state that is *in_content* is, except what its keys mark as something else.
    """
    stack: list[tuple[object, bool, bool]] = [(state, in_content, False)]
    for _ in range(_MAX_STATE_NODES):
        if not stack:
            return
        value, in_content, in_boilerplate = stack.pop()
        if isinstance(value, dict):
            yield StateLeaf(value, in_content and not in_boilerplate)
            for key, inner in reversed(list(value.items())):
                name = str(key)[:200]
                stack.append(
                    (
                        inner,
                        in_content or bool(_CONTENT_KEY.search(name)),
                        in_boilerplate or bool(_BOILERPLATE_KEY.search(name)),
                    )
                )
        elif isinstance(value, list):
            stack.extend((inner, in_content, in_boilerplate) for inner in reversed(value[:500]))
        elif isinstance(value, str) and len(value) > 8:
            yield StateLeaf(value, in_content and not in_boilerplate)


def find_in_state(
    script: HtmlElement, state: object, page: PageDocument, *, in_content: bool = False
) -> Iterator[EmbedCandidate]:
    """Yield the videos of *state*, the data of *script*; see `walk_state`."""
    for leaf in walk_state(state, in_content=in_content):
        kind: EmbedKind = "embed" if leaf.in_content else "meta"
        if isinstance(leaf.value, dict):
            if url := url_from_mapping(leaf.value):
                kind = "meta" if classify_post(url) == "link" else kind
                title = leaf.value.get("title") or leaf.value.get("name")
                yield EmbedCandidate(script, url, kind=kind, label=title if isinstance(title, str) else "", weak=True)
        elif "//" in leaf.value and "<" not in leaf.value and len(leaf.value) < 1500:
            url = page.absolute_url(leaf.value)
            if url and recognize_url(url):
                kind = "meta" if classify_post(url) == "link" else kind
                yield EmbedCandidate(script, url, kind=kind, weak=True)
