"""JSON-LD is read as pages write it, and hostile text takes linear time."""

from __future__ import annotations

import pytest

from tests.clocks import check_linear_time
from vidindex.pages.json_ld import load_json_ld


@pytest.mark.parametrize(
    "text",
    [
        '{"a": 1}',
        '{"a": 1,}',
        '{"a": 1};',
        '\ufeff{"a": 1}',
        '<![CDATA[{"a": 1}]]>',
        '//<![CDATA[\n{"a": 1}\n//]]>',
        '<!-- {"a": 1} -->',
        '// note\n{"a": 1} /* end */',
        "{&quot;a&quot;: 1}",
        '{"a": 1}}',
    ],
)
def test_what_stands_around_the_data_does_not_hide_it(text: str) -> None:
    assert load_json_ld(text) == {"a": 1}


def test_damage_within_the_data_is_repaired() -> None:
    assert load_json_ld('{"a": "it\\\'s, ]", "b": [1, 2,,], "c": {"d": "http://e.org/x"') == {
        "a": "it's, ]",
        "b": [1, 2],
        "c": {"d": "http://e.org/x"},
    }
    assert load_json_ld('{"a": 1}\n{"b": 2}') == [{"a": 1}, {"b": 2}]
    assert load_json_ld("no data") is None


@pytest.mark.parametrize("piece", ['"\\', "[", '{"a":', ", ", "/*", '"', "<!--"], ids=str)
def test_hostile_data_takes_linear_time(piece: str) -> None:
    check_linear_time(load_json_ld, piece * (200_000 // len(piece)))
