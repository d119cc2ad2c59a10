"""The arguments of the tools: their types, limits and descriptions, which models read."""

from __future__ import annotations

import json
from typing import Annotated, Any, Literal

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field

from .cursors import MAX_CURSOR_CHARS

_MAX_QUERY_CHARS = 2_000
_MAX_FILTER_CHARS = 500

_Filter = Annotated[str, Field(max_length=_MAX_FILTER_CHARS)]
_Cursor = Annotated[str, Field(max_length=MAX_CURSOR_CHARS, description="`next_cursor` of the page before")]


def _parse_clock(value: Any) -> Any:
    """Accept a number of seconds where a time is expected."""
    return str(value) if isinstance(value, int | float) and not isinstance(value, bool) else value


def _parse_json(value: Any) -> Any:
    """Accept JSON in a string where a list is expected: some clients send that."""
    if not isinstance(value, str):
        return value
    try:
        return json.loads(value)
    except (ValueError, RecursionError):
        return value


_Clock = Annotated[str, BeforeValidator(_parse_clock), Field(max_length=20)]


class ToolArguments(BaseModel):
    """Arguments of a tool; names that it does not have are an error."""

    model_config = ConfigDict(extra="forbid", str_strip_whitespace=True, populate_by_name=True)


class SearchArguments(ToolArguments):
    """Arguments of `search_moments`."""

    query: str = Field(
        min_length=1,
        max_length=_MAX_QUERY_CHARS,
        description="Words as somebody remembers them, or a query with operators: "
        '"exact words", AND, OR, NOT, word*, speaker:name, title:word',
    )
    video: _Filter = Field("", description="only in the video with this id or URL")
    article: _Filter = Field("", description="only in videos of the article with this URL or title")
    site: _Filter = Field("", description="only in videos of this host, such as youtube.com")
    channel: _Filter = Field("", description="only in videos of this channel")
    language: _Filter = Field("", description="only in captions of this language, such as en")
    after: _Filter = Field("", description="only in videos from this date on: 2009-09-14, 2009-09 or 2009")
    before: _Filter = Field("", description="only in videos up to this date")
    match: Literal["", "exact", "near", "gist"] = Field(
        "", description="only moments that match word for word, nearly, or in other words"
    )
    gist: bool = Field(
        False, description="also moments that say it in other words; without it, only if nothing matches"
    )
    limit: int = Field(5, ge=1, le=20, description="maximum number of moments")
    cursor: _Cursor = ""


class ClaimArguments(ToolArguments):
    """A quote to verify."""

    quote: str = Field(min_length=1, max_length=_MAX_QUERY_CHARS, description="the words as printed")
    who: _Filter = Field("", description="the person who is said to have said it")
    video: _Filter = Field("", description="id or URL of the video in which it is said to have been said")
    article: _Filter = Field("", description="URL of the article that prints the quote and embeds the video")
    id: _Filter = Field("", description="any text; the verdict repeats it")


class VerifyArguments(ToolArguments):
    """Arguments of `verify_quotes`."""

    claims: Annotated[list[ClaimArguments], BeforeValidator(_parse_json)] = Field(
        min_length=1, max_length=20, description="the quotes to verify"
    )
    cursor: _Cursor = ""


class TranscriptArguments(ToolArguments):
    """Arguments of `read_transcript`."""

    video: str = Field(min_length=1, max_length=_MAX_FILTER_CHARS, description="id or URL of the video")
    from_: _Clock = Field("", alias="from", description="start of the part: 12:30, 1:02:03, or seconds")
    to: _Clock = Field("", description="end of the part; default: a page of about two minutes")
    language: _Filter = Field("", description="language of the captions; default: that of the best track")
    cursor: _Cursor = ""


class VideoArguments(ToolArguments):
    """Arguments of `find_videos`."""

    words: _Filter = Field("", description="words of the title, the channel or the id, in any order")
    article: _Filter = Field("", description="only videos that the article with this URL embeds")
    site: _Filter = Field("", description="only videos of this host")
    limit: int = Field(10, ge=1, le=50, description="maximum number of videos")
    cursor: _Cursor = ""


class StatusArguments(ToolArguments):
    """Arguments of `index_status`: none."""
