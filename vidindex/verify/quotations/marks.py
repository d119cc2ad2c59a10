"""Find the text between quotation marks, in the styles of many languages and keyboards."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field

_CLOSERS = {
    "“": "”“\"", "„": "“”\"", "«": "»", "»": "«»", "「": "」", "『": "』", "‹": "›", "›": "‹", "‘": "’'", "‚": "‘’",
    '"': '"”', "'": "'’", "”": "”",
}  # fmt: skip
_LETTER = re.compile(r"[^\W_]")
_SINGLE = frozenset("‘'‚’")
_MARK = re.compile("[“”„«»「」『』‹›‘’‚\"']")
_OPENING_BEFORE = frozenset("([{—–-―/:;,.!?…¡¿>“„«「『‘‚\"'*|。，：、")
_WIDE = re.compile(r"[぀-ヿ㐀-鿿가-힯]")
_REPLACEMENTS = (
    ("❝", "“"),
    ("❞", "”"),
    ("〝", "“"),
    ("〞", "”"),
    ("〟", "”"),
    ("＂", '"'),
    ("´", "’"),
    ("‟", "“"),
    ("‛", "‘"),
)
_ELIDED = re.compile(r"(?:\d\ds?|tis|twas|em|cause|til|till|bout|round|n|un|twill|cos|im|er)\b", re.IGNORECASE)
_CODE_SPAN = re.compile(r"`[^`\n]{1,500}`")
_SENTENCE_ENDS = '.,!?…;:—–-”"»)。！？，'
_SENTENCE_MARKS = frozenset(".,!?;…*")
_QUOTED_STARTS = frozenset('¿¡…“"[$')
_MAX_MARKS = 3_000
_MAX_DEPTH = 40
_LOOK_AHEAD_CHARS = 400


@dataclass(frozen=True, slots=True)
class MarkedText:
    """The text between the marks that stand at *start* and before *end*; *closed* is false if the second is missing."""

    text: str
    start: int
    end: int
    mark: str
    closed: bool = True


@dataclass(slots=True)
class _OpenMark:
    mark: str
    at: int
    spaced: bool
    closers: str = field(default="")


def unify_marks(paragraph: str) -> str:
    """Return *paragraph* with rare marks, and marks of two characters, written as usual ones."""
    for old, new in _REPLACEMENTS:
        paragraph = paragraph.replace(old, new)
    if "``" in paragraph:
        paragraph = paragraph.replace("``", "“").replace("''", "”")
    if "''" in paragraph:
        paragraph = paragraph.replace("''", '"')
    if "‘‘" in paragraph:
        paragraph = paragraph.replace("‘‘", "“").replace("’’", "”")
    if ",," in paragraph:
        paragraph = re.sub(r"(?<!\S),,(?=\w)", "„", paragraph)
    if "<<" in paragraph and ">>" in paragraph:
        paragraph = paragraph.replace("<<", "«").replace(">>", "»")
    if "`" in paragraph:
        paragraph = _CODE_SPAN.sub(lambda match: " " * len(match[0]), paragraph)
        paragraph = re.sub(r"(?<!\w)`(?=\w)", "‘", paragraph)
    return paragraph


def find_marked(paragraph: str) -> list[MarkedText]:
    """Return the marked texts of *paragraph* in order; of nested ones, the outermost."""
    closed: list[tuple[int, int, str]] = []
    stack: list[_OpenMark] = []
    same_both = "“" not in paragraph and "„" not in paragraph
    for count, match in enumerate(_MARK.finditer(paragraph)):
        if count > _MAX_MARKS:
            break
        at, mark = match.start(), match[0]
        opener = _find_opener(paragraph, at, mark, stack)
        if opener >= 0:
            opened = stack[opener]
            del stack[opener:]
            closed.append((opened.at, at, opened.mark))
        elif len(stack) < _MAX_DEPTH and _opens(paragraph, at, mark, same_both=same_both):
            spaced = paragraph[at + 1 : at + 2].isspace()
            stack.append(_OpenMark(mark, at, spaced, _closers_of(mark, paragraph)))
    return list(_outermost(paragraph, closed, [each for each in stack if each.mark not in _SINGLE]))


def _closers_of(mark: str, paragraph: str) -> str:
    closers = _CLOSERS[mark]
    if mark == "“" and "”" in paragraph:
        return closers.replace("“", "")
    return closers.replace("»", "") if mark == "»" and "«" in paragraph else closers


def _find_opener(paragraph: str, at: int, mark: str, stack: list[_OpenMark]) -> int:
    """Return the index in *stack* of the mark that the one at *at* closes, or -1."""
    for index in range(len(stack) - 1, -1, -1):
        opened = stack[index]
        if mark in opened.closers and _closes(paragraph, at, mark, opened):
            return index
    return -1


def _closes(paragraph: str, at: int, mark: str, opened: _OpenMark) -> bool:
    before, after = paragraph[at - 1 : at], paragraph[at + 1 : at + 2]
    if at - opened.at < 2:
        return False
    if mark in "」』»›«‹":
        return True
    if mark in _SINGLE:
        return _closes_single(paragraph, at, before, after)
    if mark == "”":
        return not (opened.mark == "”" and before.isspace() and after.strip())
    if before.isspace():
        return opened.spaced and (not after.strip() or not after.isalnum())
    return not after.isalnum() or _WIDE.match(after) is not None or opened.mark == "„"


def _closes_single(paragraph: str, at: int, before: str, after: str) -> bool:
    if before.isspace() or (after.isalnum() and not _WIDE.match(after)):
        return False
    if before in _SENTENCE_ENDS or before.lower() != "s" or not after.isspace():
        return True
    # `the workers’ union`: a possessive, if a better closing mark follows before the next opening one.
    ahead = paragraph[at + 1 : at + _LOOK_AHEAD_CHARS]
    better = re.search(rf"[{re.escape(_SENTENCE_ENDS)}][’'](?!\w)", ahead)
    opening = re.search(r"(?<!\S)[‘'](?=\w)", ahead)
    return better is None or (opening is not None and opening.start() < better.start())


def _opens(paragraph: str, at: int, mark: str, *, same_both: bool) -> bool:
    before, after = paragraph[at - 1 : at] if at else "", paragraph[at + 1 : at + 2]
    if mark in "「『":
        return True
    if mark in "’」』" or (mark == "”" and not same_both):
        return False
    if mark == "„":
        return bool(after.strip())
    if not _may_precede(before, mark):
        return False
    if mark in "«‹»›":
        return bool(after)
    if mark in _SINGLE:
        is_start = after.isalnum() or after in _QUOTED_STARTS
        return is_start and before not in _SENTENCE_MARKS and not _ELIDED.match(paragraph, at + 1)
    return _opens_double(before, after, mark)


def _may_precede(before: str, mark: str) -> bool:
    """Return whether the character *before* may stand before an opening mark."""
    if not before or before.isspace() or before in _OPENING_BEFORE:
        return True
    return _WIDE.match(before) is not None and (mark in "“«" or not before.isalnum())


def _opens_double(before: str, after: str, mark: str) -> bool:
    if not after.strip():
        return bool(after) and (not before or before.isspace())
    if before in _SENTENCE_MARKS:
        return mark == "“"
    return after not in ",;)" and not (mark == '"' and before in ("'", "’"))


def _outermost(paragraph: str, closed: list[tuple[int, int, str]], unclosed: list[_OpenMark]) -> Iterator[MarkedText]:
    starts = sorted(
        [(start, end, mark) for start, end, mark in closed] + [(each.at, -1, each.mark) for each in unclosed]
    )
    next_same: dict[str, int] = {}
    stops = [0] * len(starts)
    for index in range(len(starts) - 1, -1, -1):
        start, _, mark = starts[index]
        stops[index] = next_same.get(mark, len(paragraph))
        next_same[mark] = start
    until = -1
    for (start, end, mark), stop in zip(starts, stops, strict=True):
        if start < until:
            continue
        is_closed = end >= 0
        until = end + 1 if is_closed else stop
        text = paragraph[start + 1 : end if is_closed else stop].strip()
        if _LETTER.search(text):
            yield MarkedText(text, start, until, mark, is_closed)
