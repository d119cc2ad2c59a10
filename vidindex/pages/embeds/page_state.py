"""Read the data in scripts: the state of a page (`__NEXT_DATA__`…), and streams that scripts push piece by piece."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from itertools import islice
from typing import cast

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
_MAX_LITERAL_START_CHARS = 20_000
_CONTENT_KEY = re.compile(
    r"(?i)body|content|article|story|post|block|element|lead|hero|entry|paragraph|markup|rich_?text"
)
_BOILERPLATE_KEY = re.compile(
    r"(?i)related|recommend|sidebar|rail|playlist|latest|popular|section|nav|menu|header|footer|\bads?\b|advert|promo|trend|more|next|prev|feed|collection|widget|config|cache|channel|upnext|live|customfields|teaser|suggest|list"
)
_OTHERS_KEY = re.compile(
    r"(?i)related|recommend|popular|latest|trending|up_?next|suggest|teaser|sidebar|most_?(?:read|viewed|watched)"
    r"|more_?(?:videos|stories|from|articles)"
)
"""What is certainly not in the article: videos under such a key are not even taken if the article has no other."""
_ANGULAR_QUOTE, _ANGULAR_MARK = "{&q;", re.compile("&([asqlg]);")
_ANGULAR_MARKS = {"a": "&", "s": "'", "q": '"', "l": "<", "g": ">"}
"""What Angular writes for characters in the state of a page."""
_LITERAL_START = re.compile(
    r"__NUXT__\s*=\s*(?:\(function\(([\w$,\s]*+)\)\s*\{)?|__sveltekit_\w+\s*=.{0,2000}?\bdata\s*[:=]\s*(?=\[)", re.S
)
_LITERAL_RETURN = re.compile(r"\breturn\s*(?=\{)")
_LITERAL_TOKEN = re.compile(
    r'("(?:[^"\\]++|\\.)*+")|([A-Za-z_$][\w$]*+)(\s*:)?|!([01])(?=[\s,}\]])|(?<![\w.])(\.\d)|(?<=[{,])(\d+)(?=:)'
)
_LITERAL_WORDS = {"true": "true", "false": "false", "null": "null"}
_STREAM_WORD = re.compile(r"__next_f|[sS]treamController")
_STREAM_PUSH = re.compile(
    r'(?:__next_f[^(\n]{0,60}\.push\(\s*\[\s*1\s*,|treamController\.enqueue\()\s*("(?:[^"\\]++|\\.)*+")', re.S
)
_MAX_STREAM_PIECES = 2000

JsonContainer = list[object] | dict[str, object]


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


def _unwrap(script: HtmlElement, value: JsonContainer) -> object:
    """Return what frameworks wrap: the values of Nuxt that refer to each other, the response that SvelteKit fetched."""
    if isinstance(value, list):
        is_flat = script.get("id") == "__NUXT_DATA__" or script.get("data-nuxt-data") is not None
        return _unflatten(value) if is_flat else value
    body = value.get("body")
    if isinstance(body, str) and script.get("data-sveltekit-fetched") is not None:
        with suppress(ValueError, RecursionError):
            return json.loads(body)
    return value


def _unflatten(values: list[object]) -> object:
    """Return the first of *values*, as the devalue library writes them: all others are in it, each by its index."""
    built = [
        dict[str, object]() if isinstance(value, dict) else [] if isinstance(value, list) else value for value in values
    ]

    def refer(index: object) -> object:
        return built[index] if isinstance(index, int) and 0 <= index < len(built) else None

    for value, made in zip(values, built, strict=True):
        if isinstance(value, dict) and isinstance(made, dict):
            made.update((key, refer(index)) for key, index in value.items())
        elif isinstance(value, list) and isinstance(made, list):
            made.extend(map(refer, value))  # the name of a type, such as `Reactive`, is no index
    return built[0] if built else None


@dataclass(frozen=True, slots=True)
class StateLeaf:
    """A string or object of the page state."""

    value: str | dict[str, object]
    kind: EmbedKind


def parse_state(script: HtmlElement, text: str) -> object | None:
    """Parse *text* if it is JSON, or assignments and calls with mostly JSON; return None if it is code."""
    if _ANGULAR_QUOTE in text[:1000]:
        text = _ANGULAR_MARK.sub(lambda mark: _ANGULAR_MARKS[mark[1]], text)
    if estimate_json_memory(text) > _MAX_STATE_MEMORY_BYTES:
        return None
    if (literal := _read_literal(text)) is not None:
        return literal
    if "json" not in (script.get("type") or "").lower() and len(text) < 300:
        return None
    values: list[object] = []
    position, json_chars = 0, 0
    decoder = json.JSONDecoder(strict=False)
    for _ in range(_MAX_ASSIGNMENTS):
        match = None if position else _STATE_START.match(text[:_MAX_ASSIGNMENT_GAP_CHARS])
        match = match or _STATE_ASSIGNMENT.search(text, position, position + _MAX_ASSIGNMENT_GAP_CHARS)
        if match is None:
            break
        try:
            value, end = decoder.raw_decode(text, match.end())
        except (ValueError, RecursionError):
            position = match.end()
            continue
        if isinstance(value, list | dict):
            values.append({match[1] or "": _unwrap(script, value)})
            json_chars += end - match.end()
        position = end
    return values if values and json_chars > len(text) // 2 else None


def _read_literal(text: str) -> object | None:
    """Return the data that Nuxt 2 and SvelteKit write as an object of JavaScript, or None if there is none.

    Nuxt calls a function with the values that occur more than once: its parameters stand for them in the object.
    """
    start = _LITERAL_START.search(text[:_MAX_LITERAL_START_CHARS])
    if start is None:
        return None
    end, words = start.end(), _LITERAL_WORDS
    if start[1] is not None:
        body = _LITERAL_RETURN.search(text, end)
        values = _decode_literal(f"[{text[text.rfind('}(') + 2 :].rstrip().rstrip(';)')}]", words)
        if body is None or not isinstance(values, list):
            return None
        names = start[1].replace(" ", "").split(",")
        end, words = body.end(), words | {n: json.dumps(v) for n, v in zip(names, values, strict=False)}
    value = _decode_literal(text[end:MAX_SCRIPT_CHARS], words)
    return value if isinstance(value, dict | list) else None


def _decode_literal(text: str, words: dict[str, str]) -> object | None:
    """Return the value that *text* starts with: names become strings, and *words* what they stand for."""

    def write(token: re.Match[str]) -> str:
        if token[1]:
            return token[1]
        if token[2]:
            return f'"{token[2]}":' if token[3] else words.get(token[2], "null")
        if token[4]:
            return "false" if token[4] == "1" else "true"
        return f"0{token[5]}" if token[5] else f'"{token[6]}"'

    with suppress(ValueError, RecursionError):
        written = _LITERAL_TOKEN.sub(write, text)
        return cast("object", json.JSONDecoder(strict=False).raw_decode(written)[0])
    return None


def walk_state(state: object, *, in_content: bool = False) -> Iterator[StateLeaf]:
    """Yield the strings and objects of *state*, in order, each with the kind of a video in it by the keys above it.

    All of a state that is *in_content* is content of the article, except what its keys mark as something else.
    """
    stack: list[tuple[object, EmbedKind, bool]] = [(state, "embed" if in_content else "meta", False)]
    visits: set[tuple[int, EmbedKind, bool]] = set()
    for _ in range(_MAX_STATE_NODES):
        if not stack:
            return
        value, kind, in_boilerplate = stack.pop()
        if isinstance(value, dict | list):
            visit = (id(value), kind, in_boilerplate)
            if visit in visits:  # the values of Nuxt may contain each other
                continue
            visits.add(visit)
        leaf_kind: EmbedKind = "meta" if in_boilerplate and kind == "embed" else kind
        if isinstance(value, dict):
            yield StateLeaf(value, leaf_kind)
            for key, inner in reversed(list(value.items())):
                name = str(key)[:200]
                stack.append(
                    (inner, _kind_below(name, kind), in_boilerplate or _BOILERPLATE_KEY.search(name) is not None)
                )
        elif isinstance(value, list):
            stack.extend((inner, kind, in_boilerplate) for inner in reversed(value[:500]))
        elif isinstance(value, str) and len(value) > 8:
            yield StateLeaf(value, leaf_kind)


def _kind_below(name: str, kind: EmbedKind) -> EmbedKind:
    if kind == "link" or _OTHERS_KEY.search(name):
        return "link"
    return "embed" if _CONTENT_KEY.search(name) else kind


def find_in_state(
    script: HtmlElement, state: object, page: PageDocument, *, in_content: bool = False
) -> Iterator[EmbedCandidate]:
    """Yield the videos of *state*, the data of *script*; see `walk_state`."""
    for leaf in walk_state(state, in_content=in_content):
        kind = leaf.kind
        if isinstance(leaf.value, dict):
            if url := url_from_mapping(leaf.value):
                kind = "meta" if classify_post(url) == "link" and kind == "embed" else kind
                title = leaf.value.get("title") or leaf.value.get("name")
                yield EmbedCandidate(script, url, kind=kind, label=title if isinstance(title, str) else "", weak=True)
        elif "//" in leaf.value and "<" not in leaf.value and len(leaf.value) < 1500:
            url = page.absolute_url(leaf.value)
            if url and recognize_url(url):
                kind = "meta" if classify_post(url) == "link" and kind == "embed" else kind
                yield EmbedCandidate(script, url, kind=kind, weak=True)
