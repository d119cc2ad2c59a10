"""Styled text is wrapped at words, to the columns of a terminal."""

from __future__ import annotations

import click
import pytest

from vidindex.cli.video_hits import format_video_hits
from vidindex.cli.wrapping import PLAIN, TextStyle, cell_width, wrap_text
from vidindex.model import Hit, Video
from vidindex.search.by_video import VideoHits

BOLD = TextStyle(bold=True)


def _plain(lines: list[str]) -> list[str]:
    return [click.unstyle(line) for line in lines]


def test_the_width_of_every_character_is_that_of_the_terminal() -> None:
    from rich.cells import cell_len

    odd = [chr(code) for code in (*range(0x20, 0x7F), *range(0xA0, 0x500), *range(0x2000, 0x2070), 0x3042, 0x1F600)]
    assert [cell_width(f"a{each}") for each in odd] == [cell_len(f"a{each}") for each in odd]


def test_lines_break_at_spaces_and_have_an_indent() -> None:
    lines = wrap_text([("the quick brown fox jumps", PLAIN)], width=20, indent="    ", first="  1 ")
    assert lines == ["  1 the quick brown", "    fox jumps"]
    assert wrap_text([("the quick brown fox jumps", PLAIN)], width=0, indent="  ") == ["  the quick brown fox jumps"]
    assert wrap_text([("", PLAIN)], width=20) == []


def test_a_word_of_two_styles_stays_in_one_line() -> None:
    lines = wrap_text([("say un", PLAIN), ("believable", BOLD), ("! now and then", PLAIN)], width=20)
    assert _plain(lines) == ["say unbelievable!", "now and then"]
    assert lines[0] == f"say un{click.style('believable', bold=True)}!"


@pytest.mark.parametrize("width", [20, 33, 80])
@pytest.mark.parametrize(
    "text",
    ["我从来没有休息过" * 12, "ok 我从来没有休息过" * 9, "e\u0301" * 90, "שלום עולם " * 12, "w" * 95 + " end"],
    ids=["chinese", "mixed", "combining", "hebrew", "long word"],
)
def test_no_line_is_wider_than_the_terminal_and_nothing_is_lost(text: str, width: int) -> None:
    lines = wrap_text([(text, PLAIN)], width=width, indent="  ")
    assert max(map(cell_width, lines)) <= width
    assert "".join("".join(lines).split()) == "".join(text.split())
    assert not any(line[2:3] == "\u0301" for line in lines)


def test_a_video_without_a_title_and_with_control_characters_is_shown() -> None:
    video = Video("x:1", "https://v.example/1", title="", channel="a\x1b[31m\u202eb")
    hit = Hit(video, 1000, 2000, "one\x1b two\x07", "b\nb", "", "near", 0.999, "https://v.example/1")
    lines = _plain(list(format_video_hits(VideoHits(video, (hit,), 4, is_more=True), 3, width=60)))
    assert lines == [
        "  3  x:1",
        "     a[31mb",
        "     https://v.example/1",
        "     0:01–0:02 near 0.99 … b b «one two»",
        "     at least 4 moments in this video",
    ]
