"""Claims: quotes with an attribution, to be verified."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, fields

from ..errors import OptionError
from .quotations import Quotation


@dataclass(frozen=True, slots=True)
class Claim:
    """A *quote* as it is printed, to be verified.

    *who* is said to have said it.  *video* is the id or URL of the video in which it is said to have been said, and
    *article* the URL of an article that embeds such a video; without both, all videos are searched.  *id* is for the
    caller.  Words that the quote leaves out are marked by an ellipsis or by [brackets].
    """

    quote: str
    who: str = ""
    video: str = ""
    article: str = ""
    id: str = ""

    @classmethod
    def read(cls, value: Claim | Mapping[str, object] | str) -> Claim:
        """Return the claim that *value* is, or states as a mapping or as a quote alone.  Raises `OptionError`."""
        if isinstance(value, Claim):
            return value
        if isinstance(value, str):
            return cls(value)
        if isinstance(value, Mapping):
            return cls.from_mapping(value)
        raise OptionError(f"a claim is a quote or a mapping, not {value!r:.80}")

    @classmethod
    def from_mapping(cls, values: Mapping[str, object]) -> Claim:
        """Return a claim with these fields; None is the same as an absent field.

        Raises `OptionError` if a field is unknown or no string, or if there is no quote.
        """
        names = [field.name for field in fields(cls)]
        given = {name: value for name, value in values.items() if value is not None}
        for name, value in given.items():
            if name not in names:
                raise OptionError(f"a claim has no field {name!r:.80}; use {', '.join(names)}")
            if not isinstance(value, str):
                raise OptionError(f"the field {name!r} of a claim is no string but {value!r:.80}")
        if "quote" not in given:
            raise OptionError("a claim has no field 'quote'; add the words that are printed")
        return cls(**{name: str(value) for name, value in given.items()})

    @classmethod
    def from_quotation(cls, quotation: Quotation, *, article: str = "") -> Claim:
        """Return the claim that a *quotation* printed in *article* makes."""
        return cls(quotation.text, quotation.attribution, article=article)
