"""Tables of timed texts: each row is a cue, whatever program wrote it."""

from __future__ import annotations

import pytest

from vidindex.errors import CaptionError
from vidindex.transcripts.formats import parse_captions

WORDS = ["the river rose in the night", "nobody slept"]


def read(text: str, name: str = "talk.csv") -> list[tuple[int, int, str, str]]:
    return [(cue.start_ms, cue.end_ms, cue.text, cue.speaker) for cue in parse_captions(text.encode(), name=name).cues]


@pytest.mark.parametrize(
    "text",
    [
        f"start\tend\ttext\n1000\t3000\t{WORDS[0]}\n3000\t4500\t{WORDS[1]}\n",
        f'start,end,text\n1000,3000," {WORDS[0]}"\n3000,4500," {WORDS[1]}"\n',
        f"\ufeffstart;end;text\r\n1000;3000;{WORDS[0]}\r\n3000;4500;{WORDS[1]}\r\n",
        f",text,start,duration\n0,{WORDS[0]},1.0,2.0\n1,{WORDS[1]},3.0,1.5\n",
        f"Start Time,End Time,Transcript\n00:00:01.000,00:00:03.000,{WORDS[0]}\n00:00:03.000,00:00:04.500,{WORDS[1]}\n",
        f"Start (ms),End (ms),Text\n1000,3000,{WORDS[0]}\n3000,4500,{WORDS[1]}\n",
        f"1.000000\t3.000000\t{WORDS[0]}\n3.000000\t4.500000\t{WORDS[1]}\n",
    ],
    ids=["Whisper", "whisper.cpp", "semicolons", "pandas", "clock", "unit in the header", "Audacity"],
)
def test_each_row_is_a_cue(text: str) -> None:
    assert read(text) == [(1000, 3000, WORDS[0], ""), (3000, 4500, WORDS[1], "")]


def test_frames_and_names_of_speakers() -> None:
    rows = (
        '"Speaker Name","Start Time","End Time","Text"\n\n"Ann","00;00;01;15","00;00;03;00","Well, yes"\n'
        '"Bo","00;00;03;29","00;00;04;00","No"\n'
    )

    assert read(rows) == [(1500, 3000, "Well, yes", "Ann"), (3967, 4000, "No", "Bo")]


def test_quotation_marks_and_delimiters_in_a_text() -> None:
    assert read('start\tend\ttext\n0\t2000\t"No," she said\n')[0][2] == '"No," she said'
    assert read('start,end,text\n0,2000,"She said ""no"", twice"\n')[0][2] == 'She said "no", twice'
    assert read("start,end,text\n0,2000,one, two, three\n")[0][2] == "one, two, three"


def test_words_in_rows_are_words_with_times() -> None:
    rows = "word,start,end\n" + "".join(f"{word},{n}.0,{n}.5\n" for n, word in enumerate(WORDS[0].split()))

    (cue,) = parse_captions(rows.encode(), name="talk.csv").cues

    assert (cue.text, len(cue.words)) == (WORDS[0], 6)


@pytest.mark.parametrize("text", ["url,title\nhttps://example.org/1,One\n", "start,end\n1,2\n", "text,url\na,b\n"])
def test_other_tables_are_refused(text: str) -> None:
    with pytest.raises(CaptionError):
        parse_captions(text.encode(), name="list.csv")


def test_a_quotation_mark_that_nothing_closes_gives_a_clear_error() -> None:
    with pytest.raises(CaptionError, match="rows cannot be read"):
        parse_captions(('start,end,text\n0,1,"' + "a b\n" * 50_000).encode(), name="talk.csv")
