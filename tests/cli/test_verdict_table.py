"""The table of verdicts fits every terminal, and nothing in it controls the terminal."""

from __future__ import annotations

import pytest
from rich.cells import cell_len

from vidindex.cli.verdict_table import print_verdicts
from vidindex.model import Hit, Video
from vidindex.verify.claims import Claim
from vidindex.verify.reports.wording import ReportHead
from vidindex.verify.verdicts import Change, Context, Piece, Searched, Verdict, VerdictKind, WordChange

ESCAPES = "\x1b[2J\x9b31m\u202e[bold]/x[/bold]"
TEXTS = [
    "never the time",
    "从来没有休息过时间" * 9,
    "مرحبا بالعالم " * 9,
    "w" * 400,
    ESCAPES * 3,
    "🎉👩‍👩‍👧 " * 20,
    "a\tb\r\nc",
]


def make_verdict(text: str, kind: VerdictKind) -> Verdict:
    video = Video("youtube:abcdefghijk", "https://www.youtube.com/watch?v=abcdefghijk", title=text)
    hit = Hit(video, 25_000, 29_000, text, text, text, "near", 0.9, f"{video.url}&t=25s")
    return Verdict(
        Claim(text, who=text), kind, "contradicted", 0.9, 0.9, hit, text,
        changes=(Change("negation", text, text, 26_000), Change("number", "", text, 27_000, undecided=True)),
        diff=(WordChange(text, text, True), WordChange(text, text, False)),
        pieces=(Piece(text, text, 25_000, 26_000, 0, text, 9),),
        context=Context(text, text, text, text),
        searched=Searched("video", 1, 1, 0, (text,), True),
        notes=(text,),
    )  # fmt: skip


@pytest.mark.parametrize("width", [40, 71, 72, 100, 200])
def test_no_line_is_wider_than_the_terminal_but_links(
    width: int, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("COLUMNS", str(width))
    verdicts = [make_verdict(text, kind) for text in TEXTS for kind in ("altered", "spliced")]
    print_verdicts(verdicts, ReportHead(ESCAPES))
    lines = capsys.readouterr().out.splitlines()
    assert [line for line in lines if cell_len(line) > width and "https://" not in line] == []


def test_nothing_controls_the_terminal(capsys: pytest.CaptureFixture[str]) -> None:
    print_verdicts([make_verdict(ESCAPES, "altered")], ReportHead(ESCAPES))
    shown = capsys.readouterr().out
    assert not set("\x1b\x9b\u202e") & set(shown)
    assert "[bold]" in shown, "text is no markup"


def test_a_change_is_named_and_not_only_colored(capsys: pytest.CaptureFixture[str]) -> None:
    print_verdicts([make_verdict("never", "altered")], ReportHead())
    shown = " ".join(capsys.readouterr().out.split())
    assert "[-never-] {+never+} (negation)" in shown
    assert "ALTERED (1)" in shown
    assert "speaker contradicted" in shown
    assert "listen at 0:27" in shown
