"""XML from untrusted sources: repaired if it is malformed, without entity expansion or network access."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from ...net.text import XML_FORBIDDEN_CHARS, resolve_entity

if TYPE_CHECKING:
    from lxml.etree import _Element

_XML_DECLARATION = re.compile(r"\A\s*<\?xml[^>]*\?>")
_DOCTYPE = re.compile(r"<!DOCTYPE[^<>\[]*(?:\[[^\]]*\]\s*)?>", re.IGNORECASE)
_MAX_PROLOGUE_CHARS = 4096
_ENTITY_REFERENCE = re.compile(r"&([A-Za-z][A-Za-z0-9]{1,31});")


def parse_lenient_xml(text: str) -> _Element:
    """Parse *text* as XML, and repair it if it is malformed.

    Raises `ValueError` if it cannot be repaired.
    """
    from lxml import etree

    text = _XML_DECLARATION.sub("", text.lstrip("\ufeff \t\r\n"), count=1)
    text = _DOCTYPE.sub("", text[:_MAX_PROLOGUE_CHARS], count=1) + text[_MAX_PROLOGUE_CHARS:]
    text = _ENTITY_REFERENCE.sub(resolve_entity, XML_FORBIDDEN_CHARS.sub("", text))
    parser = etree.XMLParser(
        recover=True, resolve_entities=False, no_network=True, load_dtd=False, huge_tree=False, encoding="utf-8"
    )
    try:
        root = etree.fromstring(text.encode(), parser)
    except (etree.XMLSyntaxError, ValueError) as error:
        raise ValueError(f"it is not XML: {error}") from error
    if root is None:
        raise ValueError("it is not XML")
    return root


def local_name(name: object) -> str:
    """Return a tag or attribute name in lower case without its namespace, or `""` for a comment."""
    return name.rpartition("}")[2].lower() if isinstance(name, str) else ""
