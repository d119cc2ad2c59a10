"""Pickles are decoded as plain data; whatever else they contain is refused without being executed."""

from __future__ import annotations

import os
import pickle
import struct
import tracemalloc
from collections import defaultdict
from contextlib import suppress
from dataclasses import dataclass
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from vidindex.engines.whoosh.plain_pickle import ClassName, PickledInstance, decode_pickle

Plain = st.recursive(
    st.none() | st.booleans() | st.integers(-(1 << 62), 1 << 62) | st.text(max_size=300),
    lambda inner: st.lists(inner, max_size=5) | st.dictionaries(st.text(), inner, max_size=5),
    max_leaves=30,
)


@given(Plain)
def test_plain_values_are_decoded(value: Any) -> None:
    assert decode_pickle(pickle.dumps(value)) == value


@given(st.sets(st.integers(0, 1 << 31)))
def test_sets_of_numbers_are_decoded(numbers: set[int]) -> None:
    assert decode_pickle(pickle.dumps(numbers)) == numbers


@dataclass
class Named:
    number: int


class Creating(dict[str, int]):
    def __reduce__(self) -> tuple[Any, ...]:
        return os.mkdir, ("created",)


def test_instances_are_given_as_the_names_of_their_classes() -> None:
    decoded = decode_pickle(pickle.dumps([Named(1), defaultdict(int, {"a": 2})]))
    assert isinstance(decoded[0], PickledInstance)
    assert (decoded[0].kind, decoded[0].attributes) == (ClassName(__name__, "Named"), {"number": 1})
    assert decoded[1] == {"a": 2}


@pytest.mark.parametrize("protocol", range(6))
def test_a_call_is_refused(protocol: int, tmp_path: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    with pytest.raises(ValueError, match="pickle"):
        decode_pickle(pickle.dumps(Creating(), protocol))
    assert not list(tmp_path.iterdir())


@given(st.binary(max_size=200))
def test_any_bytes_are_decoded_or_refused(data: bytes) -> None:
    with suppress(ValueError):
        decode_pickle(data)


@pytest.mark.parametrize(
    "bomb",
    [
        b"(" + b"\x8f" * 4_000_000 + b".",  # empty sets
        b"}" + b")" + b"\x85" * 1_000_000 + b"Ns.",  # a key that is nested so deeply that hashing it crashes
        b"Nr\xff\xff\xff\x3f.",  # a place in the memory of the unpickler
        b"\x8e" + struct.pack("<Q", 3 << 30) + b"x.",  # a length
        b"]" + b"\x94h\x00\x86" * 100_000 + b".",
        b"\x8a\xff" + b"\xff" * 255 + b".",
    ],
    ids=["sets", "nesting", "memory", "length", "repetition", "integer"],
)
def test_a_bomb_is_refused_within_little_memory(bomb: bytes) -> None:
    tracemalloc.start()
    try:
        with pytest.raises(ValueError, match="pickle"):
            decode_pickle(bomb)
        assert tracemalloc.get_traced_memory()[1] < 30_000_000
    finally:
        tracemalloc.stop()
