"""Tell speech between quotation marks from names of works, single words and programs."""

from __future__ import annotations

import re
from collections.abc import Sequence

from . import words
from .attribution_cjk import is_term, is_wide

_END = re.compile(r"[.!?,…。，！？][\"'’”»)]?$|[—–-]$")
_WORD = re.compile(r"[^\W_]+(?:['’.-][^\W_]+)*|[&+]")
_LAST_WORD = re.compile(r"([^\W_][\w’'-]*)[\s(]*$")
_CODE_BEFORE = re.compile(r"[=({\[<]$|\w=\s?$|[\"']\s?:\s?$|^\s*\S+\($")
_CODE = re.compile(r"^[\s\w./:#-]*(?:[{};<>=]|\\n|\$\w)|[{};]\s*$|</?\w|=>|&&")
_MAX_TITLE_WORDS = 10
_MIN_UNATTRIBUTED_WORDS = 4
_MIN_WIDE_CHARS = 6


def is_speech(
    parts: Sequence[str], mark: str, before: str, behind: str, *, is_attributed: bool, is_beside: bool
) -> bool:
    """Return whether the marked *parts* are what somebody said.

    *before* and *behind* are the words of the article beside them.  *is_attributed* tells that they name a speaker, and
    *is_beside* that they do so next to the marks, rather than somewhere in the sentence.
    """
    text = " ".join(parts).strip()
    ends = bool(_END.search(parts[-1].strip()))
    if is_wide(text):
        return not is_term(text, mark, behind) and (is_attributed or ends or len(text) >= _MIN_WIDE_CHARS)
    tokens = _WORD.findall(text)
    if not tokens or _is_code(text, before):
        return False
    is_said = is_attributed and is_beside
    if _is_named_work(before, is_attributed=is_said and ends) or (_is_title(tokens) and not (is_said and ends)):
        return False
    if len(tokens) >= _MIN_UNATTRIBUTED_WORDS:
        return True
    if len(tokens) == 1:
        return ends and is_said
    return is_said or (ends and text[0].isupper())


def _is_code(text: str, before: str) -> bool:
    tail = before.rstrip(" ")[-20:]
    if _CODE_BEFORE.search(tail) and not tail.endswith((" (", "[")) and tail != "(":
        return True
    last = _LAST_WORD.search(before[-40:])
    command = before.rstrip().rsplit(" ", 1)[-1].lower() if before.strip() else ""
    if command in words.CODE_COMMANDS or (last and last[1].lower() in words.CODE_COMMANDS):
        return not _END.search(text)
    return bool(_CODE.search(text))


def _is_named_work(before: str, *, is_attributed: bool) -> bool:
    """Return whether a noun such as `song`, or a word such as `titled`, stands right before the mark."""
    if is_attributed or before.rstrip().endswith((",", ":", "–", "—", ".")):
        return False
    last = _LAST_WORD.search(before[-40:])
    return last is not None and last[1].lower() in words.TITLE_NOUNS


def _is_title(tokens: Sequence[str]) -> bool:
    """Return whether all words except small ones start with a capital or a digit."""
    if not 1 < len(tokens) <= _MAX_TITLE_WORDS:
        return False
    first = tokens[0][0]
    return (first.isupper() or first.isdigit()) and all(
        not each[0].islower() or each in words.SMALL_TITLE_WORDS for each in tokens
    )
