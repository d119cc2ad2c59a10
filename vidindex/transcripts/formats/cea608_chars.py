"""The characters of CEA-608, and the rows of its address codes."""

from __future__ import annotations

_STANDARD_DIFFERENCES = {
    0x2A: "á", 0x5C: "é", 0x5E: "í", 0x5F: "ó", 0x60: "ú",
    0x7B: "ç", 0x7C: "÷", 0x7D: "Ñ", 0x7E: "ñ", 0x7F: "",
}  # fmt: skip

STANDARD_CHARS = tuple(_STANDARD_DIFFERENCES.get(code, chr(code)) for code in range(0x80))
"""By their codes; those from 0x20 on are like ASCII with some exceptions."""

SPECIAL_CHARS = ("®", "°", "½", "¿", "™", "¢", "£", "♪", "à", " ", "è", "â", "ê", "î", "ô", "û")
"""By the second byte, from 0x30 on."""

EXTENDED_CHARS = {
    0x12: "ÁÉÓÚÜü‘¡*’—©℠•“”ÀÂÇÈÊËëÎÏïÔÙùÛ«»",
    0x13: "ÃãÍÌìÒòÕõ{}\\^_|~ÄäÖöß¥¤│ÅåØø┌┐└┘",
}
"""By the first byte, and by the second from 0x20 on."""

ROWS = ((11, 11), (1, 2), (3, 4), (12, 13), (14, 15), (5, 6), (7, 8), (9, 10))
"""By the lowest three bits of the first byte, and by one bit of the second."""
