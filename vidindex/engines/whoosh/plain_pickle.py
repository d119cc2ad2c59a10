"""Decode pickles of plain data: nothing is imported, called or created that the pickle asks for.

The standard unpickler calls whatever a pickle names.  Even if its names are restricted, it takes gigabytes for some
small pickles, and crashes on others.
"""

from __future__ import annotations

import re
import struct
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, NamedTuple

_MAX_OPERATIONS = 50_000
"""Maximum opcodes other than integers; each takes up to 300 bytes."""

_BYTES_RUN = re.compile(rb"(?:K.)+", re.DOTALL)
_SHORTS_RUN = re.compile(rb"(?:M..)+", re.DOTALL)
_INTS_RUN = re.compile(rb"(?:J....)+", re.DOTALL)


class ClassName(NamedTuple):
    """The name of a class or function in a pickle."""

    module: str
    name: str


@dataclass(slots=True, eq=False)
class PickledInstance:
    """An instance in a pickle: the name of its class, and its attributes."""

    kind: ClassName
    attributes: dict[str, Any] = field(default_factory=dict)


_EMPTY_DEFAULTDICT = ClassName("collections", "defaultdict")


def decode_pickle(data: bytes) -> Any:
    """Return the value of the pickle *data*; instances are `PickledInstance`, a `defaultdict` is a `dict`.

    Raises `ValueError` if the pickle is damaged, or contains anything but containers, strings, integers and instances.
    """
    try:
        return _PickleDecoder(data).decode()
    except (IndexError, KeyError, TypeError, AttributeError, struct.error) as exc:
        raise ValueError("a pickle is damaged") from exc


class _PickleDecoder:
    """The stack machine of a pickle, restricted to the opcodes of plain data."""

    def __init__(self, data: bytes) -> None:
        self._data = data
        self._at = 0
        self._stack: list[Any] = []
        self._marks: list[list[Any]] = []
        self._memo: dict[int, Any] = {}

    def decode(self) -> Any:
        for _ in range(_MAX_OPERATIONS):
            code = self._data[self._at]
            self._at += 1
            if code == ord("."):
                return self._stack.pop()
            operation = _OPERATIONS.get(code)
            if operation is None:
                raise ValueError(f"a pickle has the opcode {code:#x}, which plain data does not need")
            operation(self)
        raise ValueError("a pickle is too long")

    def _take(self, size: int) -> bytes:
        taken = self._data[self._at : self._at + size]
        if len(taken) < size:
            raise ValueError("a pickle is cut")
        self._at += size
        return taken

    def _take_number(self, size: int) -> int:
        return int.from_bytes(self._take(size), "little")

    def _take_run(self, pattern: re.Pattern[bytes]) -> bytes:
        """Return all integers of one width that follow each other, with their opcodes."""
        self._at -= 1
        found = pattern.match(self._data, self._at)
        if found is None:
            raise ValueError("a pickle is cut")
        self._at = found.end()
        return found[0]

    def _pop_mark(self) -> list[Any]:
        """Return the values since the last mark."""
        values = self._stack
        self._stack = self._marks.pop()
        return values

    # Values

    def push_byte_numbers(self) -> None:
        self._stack += self._take_run(_BYTES_RUN)[1::2]

    def push_short_numbers(self) -> None:
        self._stack += [number for (number,) in struct.iter_unpack("<xH", self._take_run(_SHORTS_RUN))]

    def push_numbers(self) -> None:
        self._stack += [number for (number,) in struct.iter_unpack("<xi", self._take_run(_INTS_RUN))]

    def push_long_number(self) -> None:
        size = self._take_number(1)
        if size > 8:
            raise ValueError("a pickle has an integer that is too large")
        self._stack.append(int.from_bytes(self._take(size), "little", signed=True))

    def push_short_text(self) -> None:
        self._stack.append(str(self._take(self._take_number(1)), "utf-8"))

    def push_text(self) -> None:
        self._stack.append(str(self._take(self._take_number(4)), "utf-8"))

    def push_class(self) -> None:
        name, module = self._stack.pop(), self._stack.pop()
        self._stack.append(ClassName(_as_text(module), _as_text(name)))

    # Memory

    def skip_protocol(self) -> None:
        self._take(1)

    def skip_frame(self) -> None:
        self._take(8)

    def push_mark(self) -> None:
        self._marks.append(self._stack)
        self._stack = []

    def memoize(self) -> None:
        self._memo[len(self._memo)] = self._stack[-1]

    def recall_short(self) -> None:
        self._stack.append(self._memo[self._take_number(1)])

    def recall(self) -> None:
        self._stack.append(self._memo[self._take_number(4)])

    # Containers

    def append(self) -> None:
        value = self._stack.pop()
        _as(list, self._stack[-1]).append(value)

    def append_all(self) -> None:
        values = self._pop_mark()
        _as(list, self._stack[-1]).extend(values)

    def add_all(self) -> None:
        values = self._pop_mark()
        if set(map(type, values)) - {int}:
            raise ValueError("a pickle has a set of other values than integers")
        _as(set, self._stack[-1]).update(values)

    def set_item(self) -> None:
        value, key = self._stack.pop(), self._stack.pop()
        _as(dict, self._stack[-1])[_as_text(key)] = value

    def set_items(self) -> None:
        values = self._pop_mark()
        items = _as(dict, self._stack[-1])
        items.update(zip(map(_as_text, values[::2]), values[1::2], strict=True))

    def wrap_in_tuple(self) -> None:
        self._stack[-1] = (self._stack[-1],)

    # Instances

    def make_instance(self) -> None:
        arguments, kind = self._stack.pop(), self._stack.pop()
        if arguments != () or not isinstance(kind, ClassName):
            raise ValueError("a pickle creates an instance with arguments")
        self._stack.append(PickledInstance(kind))

    def set_attributes(self) -> None:
        attributes = self._stack.pop()
        instance = _as(PickledInstance, self._stack[-1])
        instance.attributes.update(_as(dict, attributes))

    def make_defaultdict(self) -> None:
        _, function = self._stack.pop(), self._stack.pop()
        if function != _EMPTY_DEFAULTDICT:
            raise ValueError("a pickle calls a function")
        self._stack.append({})


def _as(kind: type, value: Any) -> Any:
    if type(value) is not kind:
        raise ValueError("a pickle has a value of the wrong type")
    return value


def _as_text(value: Any) -> str:
    text: str = _as(str, value)
    return text


def _make_constant(value: object) -> Callable[[_PickleDecoder], None]:
    return lambda decoder: decoder._stack.append(value)  # an opcode is a method of the decoder


def _make_container(kind: type) -> Callable[[_PickleDecoder], None]:
    return lambda decoder: decoder._stack.append(kind())


_OPERATIONS: dict[int, Callable[[_PickleDecoder], None]] = {
    0x80: _PickleDecoder.skip_protocol,
    0x95: _PickleDecoder.skip_frame,
    ord("("): _PickleDecoder.push_mark,
    0x94: _PickleDecoder.memoize,
    ord("h"): _PickleDecoder.recall_short,
    ord("j"): _PickleDecoder.recall,
    ord("K"): _PickleDecoder.push_byte_numbers,
    ord("M"): _PickleDecoder.push_short_numbers,
    ord("J"): _PickleDecoder.push_numbers,
    0x8A: _PickleDecoder.push_long_number,
    0x8C: _PickleDecoder.push_short_text,
    ord("X"): _PickleDecoder.push_text,
    0x93: _PickleDecoder.push_class,
    ord("N"): _make_constant(None),
    0x88: _make_constant(True),
    0x89: _make_constant(False),
    ord(")"): _make_constant(()),
    ord("]"): _make_container(list),
    ord("}"): _make_container(dict),
    0x8F: _make_container(set),
    0x85: _PickleDecoder.wrap_in_tuple,
    ord("a"): _PickleDecoder.append,
    ord("e"): _PickleDecoder.append_all,
    0x90: _PickleDecoder.add_all,
    ord("s"): _PickleDecoder.set_item,
    ord("u"): _PickleDecoder.set_items,
    0x81: _PickleDecoder.make_instance,
    ord("b"): _PickleDecoder.set_attributes,
    ord("R"): _PickleDecoder.make_defaultdict,
}
"""The opcodes that the pickle of a list of segments needs."""
