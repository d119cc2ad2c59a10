"""XML documents as text."""

from __future__ import annotations

from xml.etree.ElementTree import Element, indent, tostring


def format_xml(root: Element, doctype: str) -> str:
    """Return the document of *root*, indented, with the declaration of *doctype* that editors look for."""
    indent(root)
    return f'<?xml version="1.0" encoding="UTF-8"?>\n<!DOCTYPE {doctype}>\n{tostring(root, encoding="unicode")}\n'
