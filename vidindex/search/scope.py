"""The operator `in:`, which searches texts about videos instead of speech: `in:title nitrogen`."""

from __future__ import annotations

import re
from functools import cache

from ..errors import QuerySyntaxError
from ..model import TEXT_KINDS, TextKind
from .operators import MAX_QUERY_CHARS

_KINDS: dict[str, tuple[TextKind, ...]] = {
    **{kind: (kind,) for kind in TEXT_KINDS},
    **{f"{kind}s": (kind,) for kind in TEXT_KINDS},
    "any": TEXT_KINDS,
    "speech": (),
}
"""What each word after `in:` selects."""


@cache  # compiled at the first text that has the operator
def _scope_pattern() -> re.Pattern[str]:
    names = "|".join(sorted(_KINDS, key=len, reverse=True))
    return re.compile(rf"(?<![^\s(])in:((?:{names})(?:,(?:{names}))*)(?=[\s()]|$)")


def split_scope(text: str) -> tuple[tuple[TextKind, ...], str]:
    """Return the kinds of texts that the `in:` of a query select, and the rest of the query.

    There are no kinds if it has none: it searches speech.  Inside quotation marks, and in a text that is too long for
    operators, it is a word.

    Raises `QuerySyntaxError` if an `in:` applies to a part of the query.
    """
    if "in:" not in text or len(text) > MAX_QUERY_CHARS:
        return (), text
    selected: dict[TextKind, None] = {}
    names: set[str] = set()
    rest, done = [], 0
    for match in _scope_pattern().finditer(text):
        before = text[: match.start()]
        if before.count('"') % 2:
            continue
        _check_place(text, match)
        names.update(match[1].split(","))
        selected |= dict.fromkeys(kind for name in match[1].split(",") for kind in _KINDS[name])
        rest.append(text[done : match.start()])
        done = match.end()
    _check_spelling(text)
    if "speech" in names and selected:
        raise QuerySyntaxError(
            text, text.index("in:"), "in:speech finds moments, the others find texts: use one of them"
        )
    words = _join_rest([*rest, text[done:]]) if names else text
    return tuple(kind for kind in TEXT_KINDS if kind in selected), words


def _check_place(text: str, match: re.Match[str]) -> None:
    before, after = text[: match.start()].rstrip(), text[match.end() :].lstrip()
    in_parentheses = text[: match.start()].count("(") > text[: match.start()].count(")")
    joined = re.search(r"(?<!\S)(?:OR|NOT)$", before) or re.match(r"OR(?!\S)", after)
    if in_parentheses or joined:
        raise QuerySyntaxError(text, match.start(), "in: applies to the whole query: put it first")


def _check_spelling(text: str) -> None:
    from difflib import get_close_matches

    for match in re.finditer(r"(?<![^\s(])in:(\w+)(?=[\s(),]|$)", text):
        if match[1] in _KINDS or text[: match.start()].count('"') % 2:
            continue
        if similar := get_close_matches(match[1].lower(), _KINDS, n=1, cutoff=0.75):
            raise QuerySyntaxError(text, match.start(1), f"there is no in:{match[1]}: use in:{similar[0]}")


def _join_rest(parts: list[str]) -> str:
    """Join what is beside the operators, without an AND that joined it with them."""
    rest = " ".join(filter(None, (part.strip() for part in parts)))
    return re.sub(r"^AND\s+|\s+AND$", "", rest)
