"""Write XML documents as text, without a tree: a list of ten thousand moments has a million elements."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from xml.sax.saxutils import escape, quoteattr

_NO_ATTRIBUTES: Mapping[str, str] = {}


class XmlText:
    """A document, to which elements are added in their order; texts must not have characters that XML forbids."""

    def __init__(self, doctype: str) -> None:
        self._lines = ['<?xml version="1.0" encoding="UTF-8"?>', f"<!DOCTYPE {doctype}>"]
        self._indent = ""

    def add(self, name: str, text: str | int | None = None, attributes: Mapping[str, str] = _NO_ATTRIBUTES) -> None:
        """Add an element without children; it is empty if *text* is None."""
        opened = f"{self._indent}<{name}{_format_attributes(attributes)}"
        self._lines.append(f"{opened}/>" if text is None else f"{opened}>{escape(str(text))}</{name}>")

    def add_all(self, **texts: str | int) -> None:
        """Add an element with a text for each of *texts*; an underscore at the end of a name is left out."""
        for name, text in texts.items():
            self.add(name.rstrip("_"), text)

    @contextmanager
    def inside(self, tag: str, /, **attributes: str) -> Iterator[None]:
        """Add an element, and what is added in the block to it."""
        self._lines.append(f"{self._indent}<{tag}{_format_attributes(attributes)}>")
        self._indent += " "
        yield
        self._indent = self._indent[1:]
        self._lines.append(f"{self._indent}</{tag}>")

    def __str__(self) -> str:
        return "\n".join([*self._lines, ""])


def _format_attributes(attributes: Mapping[str, str]) -> str:
    return "".join([f" {name}={quoteattr(value)}" for name, value in attributes.items()])
