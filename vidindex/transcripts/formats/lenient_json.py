"""JSON from untrusted sources: lists of objects, one object at a time if the document is large."""

from __future__ import annotations

import json
import re
from collections import deque
from collections.abc import Iterator, Sequence
from typing import TypeVar

from ...net.bounded_json import estimate_json_memory, load_bounded_json
from ..limits import check_count, count_up_to

_T = TypeVar("_T")

MAX_TREE_BYTES = 100_000_000
"""Documents whose values may take more memory are read one element at a time."""

MAX_NESTED_TREE_BYTES = 160_000_000
"""Larger documents are read only if they have a list of texts at their top: 13 hours of words of Deepgram take this."""

_MAX_ELEMENTS = 600_000  # a day has 440,000 events of one word and a line break
_MAX_KEYS = 10_000
_MAX_NUMBER_TAIL = 3  # a number that is cut off before its exponent, `e+`, looks complete
_WINDOW_CHARS = 1 << 20
_SURROGATES = re.compile(r"[\ud800-\udfff]")
_DOCUMENT_START = re.compile(r'\}[ \t\r\n\ufeff]*+\{(?=\s*+"(?:wireMagic|events|pens)")')
_STRING = re.compile(r'"(?:[^"\\]++|\\.)*+"', re.DOTALL)
_SPACES = re.compile(r"[ \t\n\r]*+")
_NO_LIST = "its JSON is not an object or a list"
_raw_decode = json.JSONDecoder().raw_decode
_lenient_decode = json.JSONDecoder(strict=False).raw_decode  # with line breaks in strings


def iter_json_list(text: str, keys: Sequence[str]) -> Iterator[object]:
    """Yield the elements of the JSON list *text*, or of the first list of the JSON object *text* that is not empty.

    The lists of an object are tried in the order of *keys*.

    Raises `ValueError` if *text* is not a JSON list or object, is nested too deeply, or a large document has
    an element that is too long.
    """
    for document in _split_documents(text.lstrip("\ufeff")):
        yield from _iter_document(document, keys)


def _split_documents(text: str) -> Iterator[str]:
    """Yield the JSON documents of *text*: downloads in parts are put one after the other."""
    start = 0
    for match in _DOCUMENT_START.finditer(text):
        yield text[start : match.start() + 1]
        start = match.end() - 1
    yield text[start:] if start else text


def _iter_document(text: str, keys: Sequence[str]) -> Iterator[object]:
    try:
        if estimate_json_memory(text) <= MAX_TREE_BYTES:
            yield from drain_list(_choose_list(load_bounded_json(text, max_memory_bytes=MAX_TREE_BYTES), keys))
        else:
            yield from _LargeJson(text).iter_list(keys)
    except RecursionError as error:
        raise ValueError("its JSON is nested too deeply") from error
    except json.JSONDecodeError as error:
        raise ValueError(f"its JSON is broken: {error}") from error


def load_small_json(text: str) -> object | None:
    """Return the value of the JSON document *text*, or a list of the values of several.

    Return None if that might take more than `MAX_NESTED_TREE_BYTES`.

    Raises `ValueError` if it is not JSON, or is nested too deeply.
    """
    text = text.lstrip("\ufeff")
    if estimate_json_memory(text) > MAX_NESTED_TREE_BYTES:
        return None
    try:
        return _load_documents(text)
    except RecursionError as error:
        raise ValueError("its JSON is nested too deeply") from error
    except json.JSONDecodeError as error:
        raise ValueError(f"its JSON is broken: {error}") from error


def _load_documents(text: str) -> object:
    """Return the value of *text*, or a list of values if recognizers have written one after the other."""
    values: list[object] = []
    at = _skip_blanks(text, 0)
    while at < len(text):
        value, at = _lenient_decode(text, at)
        values.append(value)
        check_count(len(values), _MAX_ELEMENTS, "JSON documents")
        at = _skip_blanks(text, at)
    return values[0] if len(values) == 1 else values


def _skip_blanks(text: str, at: int) -> int:
    match = _SPACES.match(text, at)
    return match.end() if match else at


def _choose_list(value: object, keys: Sequence[str]) -> list[object]:
    if isinstance(value, dict):
        return next((found for key in keys if (found := list_or_empty(value.get(key)))), [])
    if not isinstance(value, list):
        raise ValueError(_NO_LIST)
    return value


def drain_list(elements: list[_T]) -> Iterator[_T]:
    """Yield *elements*, and free each as soon as the caller has read it."""
    elements.reverse()
    while elements:
        yield elements.pop()


class _LargeJson:
    """A JSON document of which only one element is decoded at a time."""

    def __init__(self, text: str) -> None:
        self._text = text
        self._window, self._window_start = "", 0
        self._last_list = -1, -1  # the start and the end of the list that was read last

    def iter_list(self, keys: Sequence[str]) -> Iterator[object]:
        """Yield the elements of the list that `_choose_list` would choose."""
        at = self._skip_spaces(0)
        if self._text.startswith("{", at):
            yield from self._iter_best_list(at, keys)
        elif self._text.startswith("[", at):
            yield from self._iter_elements(at)
            self._check_end(self._skip_value(at))
        else:
            raise ValueError(_NO_LIST)

    def _iter_best_list(self, at: int, keys: Sequence[str]) -> Iterator[object]:
        starts: dict[str, int] = {}
        for key, value_at in count_up_to(_MAX_KEYS, "keys of a JSON object", self._iter_members(at)):
            if key in keys and self._text.startswith("[", value_at) and not self._is_empty(value_at):
                if key == keys[0]:
                    yield from self._iter_elements(value_at)
                starts[key] = value_at
        if keys[0] not in starts:
            start = next((starts[key] for key in keys if key in starts), None)
            if start is not None:
                yield from self._iter_elements(start)

    def _iter_members(self, at: int) -> Iterator[tuple[str, int]]:
        """Yield each key of the object at *at*, which ends the document, with the position of its value."""
        at = self._skip_spaces(at + 1)
        while not self._text.startswith("}", at):
            key, at = self._decode(at)
            at = self._skip_mark(at, ":")
            yield str(key), at
            at = self._skip_spaces(self._skip_value(at))
            if not self._text.startswith("}", at):
                at = self._skip_mark(at, ",")
        self._check_end(at + 1)

    def _check_end(self, at: int) -> None:
        if self._skip_spaces(at) < len(self._text):
            raise json.JSONDecodeError("Extra data", self._text, at)

    def _skip_value(self, at: int) -> int:
        """Return the end of the value at *at*; a list or a string may be long."""
        if self._text.startswith("[", at):
            if self._last_list[0] != at:
                deque(self._iter_elements(at), maxlen=0)
            return self._last_list[1]
        string = _STRING.match(self._text, at)
        return string.end() if string else self._decode(at)[1]

    def _is_empty(self, at: int) -> bool:
        return self._text.startswith("]", self._skip_spaces(at + 1))

    def _iter_elements(self, at: int) -> Iterator[object]:
        """Yield the elements of the list at *at*."""
        start, at = at, self._skip_spaces(at + 1)
        is_last, count = self._text.startswith("]", at), 0
        while not is_last:
            count += 1
            check_count(count, _MAX_ELEMENTS, "values in a JSON list")
            element, at = self._decode(at)
            yield element
            at = self._skip_spaces(at)
            is_last = self._text.startswith("]", at)
            if not is_last:
                at = self._skip_mark(at, ",")
        self._last_list = start, at + 1

    def _skip_spaces(self, at: int) -> int:
        match = _SPACES.match(self._text, at)
        return match.end() if match else at

    def _skip_mark(self, at: int, mark: str) -> int:
        """Return where the text goes on after *mark*, which must be the next character."""
        at = self._skip_spaces(at)
        if not self._text.startswith(mark, at):
            raise json.JSONDecodeError(f"Expecting {mark!r} delimiter", self._text, at)
        return self._skip_spaces(at + 1)

    def _decode(self, at: int) -> tuple[object, int]:
        """Return the value at *at* and its end."""
        offset = at - self._window_start
        if 0 <= offset < len(self._window):
            try:
                return self._decode_in_window(offset)
            except json.JSONDecodeError:
                pass  # it may go on after the window
        self._window, self._window_start = self._text[at : at + _WINDOW_CHARS], at
        try:
            return self._decode_in_window(0)
        except json.JSONDecodeError:
            if at + _WINDOW_CHARS < len(self._text):
                reason = f"its JSON is broken, or has a value of more than {_WINDOW_CHARS:,} characters"
                raise ValueError(reason) from None
            raise

    def _decode_in_window(self, offset: int) -> tuple[object, int]:
        value, end = _raw_decode(self._window, offset)
        end += self._window_start
        window_end = self._window_start + len(self._window)
        if end > window_end - _MAX_NUMBER_TAIL and window_end < len(self._text):
            raise json.JSONDecodeError("cut off", self._window, offset)
        return value, end


def list_or_empty(value: object) -> list[object]:
    """Return *value* if it is a list, otherwise an empty list."""
    return value if isinstance(value, list) else []


def text_or_none(value: object) -> str | None:
    """Return *value* if it is a string; lone surrogates, which escapes can state, are replaced."""
    if not isinstance(value, str):
        return None
    return value if value.isascii() else _SURROGATES.sub("\ufffd", value)
