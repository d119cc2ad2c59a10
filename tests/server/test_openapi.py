"""The OpenAPI document is generated from the types of the responses."""

from __future__ import annotations

from dataclasses import fields
from pathlib import Path
from typing import Annotated, NotRequired, TypedDict

import pytest

import vidindex
from vidindex.model import Stats, Video
from vidindex.server.json_schema import SchemaBuilder
from vidindex.server.openapi import build_openapi, format_openapi
from vidindex.server.schemas import StatsJson, VideoJson

OPENAPI_FILE = Path(vidindex.__file__).parent / "server" / "openapi.json"


class PointJson(TypedDict):
    """A point
    in the plane.
    """

    x: int
    y: Annotated[float | None, "distance from the x axis"]
    labels: NotRequired[list[str]]


def test_the_file_is_current() -> None:
    """`make openapi` writes it."""
    assert OPENAPI_FILE.read_text(encoding="utf-8") == format_openapi()


def test_every_operation_describes_its_errors_and_parameters() -> None:
    for path, item in build_openapi()["paths"].items():
        ((method, operation),) = item.items()
        assert {"200", "default", *(["304"] if method == "get" else ["400"])} <= set(operation["responses"])
        assert ("requestBody" in operation) == (method == "post")
        assert operation["summary"]
        assert all(each["description"] for each in operation["parameters"])
        named = {each["name"] for each in operation["parameters"] if each["in"] == "path"}
        assert named == {part[1:-1] for part in path.replace(".", "/").split("/") if part.startswith("{")}


@pytest.mark.parametrize(("json_type", "value_type"), [(VideoJson, Video), (StatsJson, Stats)])
def test_no_field_of_a_value_is_missing(json_type: type, value_type: type) -> None:
    assert set(json_type.__annotations__) - {"queue"} == {field.name for field in fields(value_type)}


def test_a_typed_dict_becomes_a_component() -> None:
    builder = SchemaBuilder()
    assert builder.build(list[PointJson]) == {"type": "array", "items": {"$ref": "#/components/schemas/Point"}}
    assert builder.components == {
        "Point": {
            "type": "object",
            "description": "A point in the plane.",
            "required": ["x", "y"],
            "properties": {
                "x": {"type": "integer"},
                "y": {"anyOf": [{"type": "number"}, {"type": "null"}], "description": "distance from the x axis"},
                "labels": {"type": "array", "items": {"type": "string"}},
            },
            "additionalProperties": False,
        }
    }


def test_a_type_that_json_does_not_have_is_an_error() -> None:
    with pytest.raises(TypeError, match="bytes"):
        SchemaBuilder().build(bytes)
