"""Untrusted JSON is parsed only if its values fit into the memory limit."""

import json
import tracemalloc
from functools import partial

import pytest

from tests.clocks import check_linear_time
from vidindex.net.bounded_json import estimate_json_memory, load_bounded_json

_COUNT = 20_000
_SHAPES = {
    "empty objects": ",".join(["{}"] * _COUNT),
    "objects": ",".join(['{"a":1}'] * _COUNT),
    "wide objects": ",".join(['{"a":1,"b":2,"c":3,"d":4,"e":5,"f":6}'] * _COUNT),
    "empty lists": ",".join(["[]"] * _COUNT),
    "lists": ",".join(["[1]"] * _COUNT),
    "nested": ",".join(['{"a":{"b":[1]}}'] * _COUNT),
    "numbers": ",".join(["1.5"] * _COUNT),
    "strings": ",".join(['"ab"'] * _COUNT),
    "wide strings": ",".join(['"é😀"'] * _COUNT),
    "one long string": '"' + "😀" * _COUNT + '"',
    "one long string with an escape": '"' + "a" * _COUNT + '\\ud83d\\ude00"',
    "different keys": "{" + ",".join(f'"{number}":0' for number in range(_COUNT)) + "}",
}


@pytest.mark.parametrize("shape", _SHAPES)
def test_the_estimate_is_never_below_the_memory_that_the_values_take(shape: str) -> None:
    text = f"[{_SHAPES[shape]}]"
    tracemalloc.start()
    json.loads(text)
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()

    assert estimate_json_memory(text) >= peak


def test_a_document_with_too_many_values_is_refused_before_it_is_parsed() -> None:
    with pytest.raises(ValueError, match="too many values"):
        load_bounded_json("[" + "{}," * 1000 + "0]", max_memory_bytes=100_000)


def test_a_document_nested_too_deeply_is_refused() -> None:
    with pytest.raises(ValueError, match="nested too deeply"):
        load_bounded_json("[" * 100_000 + "]" * 100_000)


def test_an_ordinary_document_is_parsed() -> None:
    assert load_bounded_json('{"events": [{"tStartMs": 0}]}') == {"events": [{"tStartMs": 0}]}


def test_brackets_and_commas_in_strings_do_not_count_as_values() -> None:
    texts = ["{[,:]}" * 1000, '\\"{[,:]}' * 1000]

    assert load_bounded_json(json.dumps(texts), max_memory_bytes=400_000) == texts


@pytest.mark.parametrize("text", ['"' + '\\"' * 100_000, '"' + '\\"' * 100_000 + "\\", '"a",' * 50_000])
def test_an_estimate_takes_linear_time(text: str) -> None:
    check_linear_time(partial(estimate_json_memory, enough=500_000), text)
