"""JSON Schemas from type hints: `TypedDict`s, `Literal`s, lists, dicts, unions and plain types."""

from __future__ import annotations

import types
from typing import Annotated, Any, Literal, NotRequired, Union, get_args, get_origin, get_type_hints, is_typeddict

JsonSchema = dict[str, Any]

_PLAIN_TYPES: dict[object, str] = {
    str: "string",
    int: "integer",
    float: "number",
    bool: "boolean",
    dict: "object",
    type(None): "null",
}


class SchemaBuilder:
    """A converter from type hints to JSON Schemas.

    Each `TypedDict` becomes a reference to an entry of *components*: its docstring is the description, and an
    `Annotated` string describes a field.
    """

    def __init__(self) -> None:
        self.components: dict[str, JsonSchema] = {}

    def build(self, hint: object) -> JsonSchema:
        """Return the schema of *hint*.

        Raises `TypeError` if JSON does not have the type.
        """
        if hint in _PLAIN_TYPES:
            return {"type": _PLAIN_TYPES[hint]}
        if isinstance(hint, type) and is_typeddict(hint):
            return {"$ref": f"#/components/schemas/{self._add_component(hint)}"}
        origin, arguments = get_origin(hint), get_args(hint)
        if origin is Annotated:
            return {**self.build(arguments[0]), "description": arguments[1]}
        if origin is Literal:
            return {"type": "string", "enum": list(arguments)}
        if origin is list:
            return {"type": "array", "items": self.build(arguments[0])}
        if origin is dict and arguments[0] is str:
            return {"type": "object", "additionalProperties": self.build(arguments[1])}
        if origin in (Union, types.UnionType):
            return {"anyOf": [self.build(each) for each in arguments]}
        raise TypeError(f"no JSON Schema for {hint}")

    def _add_component(self, typed_dict: type) -> str:
        name = typed_dict.__name__.removesuffix("Json")
        if name not in self.components:
            self.components[name] = {}  # reserves the place before those of its fields
            self.components[name] = self._object_schema(typed_dict)
        return name

    def _object_schema(self, typed_dict: type) -> JsonSchema:
        hints = get_type_hints(typed_dict, include_extras=True)
        optional = {name for name, hint in hints.items() if get_origin(hint) is NotRequired}
        return {
            "type": "object",
            "description": " ".join((typed_dict.__doc__ or "").split()),
            "required": [name for name in hints if name not in optional],
            "properties": {
                name: self.build(get_args(hint)[0] if name in optional else hint) for name, hint in hints.items()
            },
            "additionalProperties": False,
        }
