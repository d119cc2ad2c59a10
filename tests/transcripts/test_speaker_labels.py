"""Labels of speakers: they are no speech, and name who speaks; other words before a colon are speech."""

from __future__ import annotations

import pytest

from vidindex.model import Cue, TimedWord, Transcript
from vidindex.transcripts.build import make_transcript

FILL = ["we never thought", "the river would rise", "so quickly that night", "and then it rained", "for three days"]


def read(*texts: str) -> Transcript:
    return make_transcript([Cue(at * 2000, at * 2000 + 2000, text) for at, text in enumerate(texts)])


def spoken(transcript: Transcript) -> str:
    return " ".join(word for at, word in enumerate(transcript.words) if at not in transcript.sounds)


@pytest.mark.parametrize(
    "name",
    [
        "Ann Lee (she/her)",
        "Ann Lee (Guest)",
        "Ann Lee | ACME",
        "+1 555-010-0100",
        "(555) 010-0100",
        "15550100***",
        "Speaker 1",
        "SPEAKER_00",
        "MAN (on phone)",
        "JOHN SMITH, REPORTER",
        "Prof. Chen",
    ],
)
def test_a_label_of_a_clear_kind_names_the_speaker(name: str) -> None:
    transcript = read(f"{name}: good evening", *FILL)

    assert transcript.speakers == ((0, name),)
    assert spoken(transcript) == " ".join(["good evening", *FILL])


@pytest.mark.parametrize(
    "name", ["Dr. Kim, Sue", "Lee, Ann (Contractor)", "Bob-iPhone 12", "Ann's iPad", "Jean de Bon"]
)
def test_a_name_that_comes_again_is_a_speaker(name: str) -> None:
    transcript = read(f"{name}: good evening", *FILL, f"{name}: goodbye")

    assert [speaker for _, speaker in transcript.speakers] == [name, name]
    assert spoken(transcript) == " ".join(["good evening", *FILL, "goodbye"])


@pytest.mark.parametrize(
    "names", [["josé maría", "ann"], ["user_12", "ann.lee@example.com"], ["张三", "李四"], ["Q", "A"]]
)
def test_any_name_counts_where_most_cues_have_a_label(names: list[str]) -> None:
    transcript = read(*[f"{name}: word{at}" for at in range(3) for name in names])

    assert [speaker for _, speaker in transcript.speakers] == names * 3
    assert spoken(transcript) == "word0 word0 word1 word1 word2 word2"


@pytest.mark.parametrize(
    ("lines", "speech"),
    [
        (["JOHN:word of it", *FILL], "word of it"),
        (["John:word", "Ann:other", "John:again", "Ann:more"], "word other again more"),
        (["张三：你好", "李四：再见", "张三：好", "李四：对"], "你好 再见 好 对"),
    ],
)
def test_the_next_word_may_touch_the_colon(lines: list[str], speech: str) -> None:
    assert spoken(read(*lines)).startswith(speech)


def test_a_label_in_brackets_names_the_speaker() -> None:
    transcript = read("[SPEAKER_00]: hello", "there", "[SPEAKER_01]: yes")

    assert transcript.speakers == ((0, "SPEAKER_00"), (3, "SPEAKER_01"))
    assert spoken(transcript) == "hello there yes"


def test_words_after_a_label_start_with_the_cue() -> None:
    transcript = read("Ann Lee (she/her): good evening")

    assert transcript.starts_ms[3] == 0


@pytest.mark.parametrize(
    "lines",
    [
        ["Note: the river", "Note: again"],
        ["the answer: no", "the answer: yes", "the answer: no"],
        ["at 10:30 we left", "AT 10:30 AGAIN", "the ratio 3 : 4"],
        ["He said: no", "and", "He said: yes"],
        ["- I said: no", "- Then: yes"],
        ["There are two things: one", "My point: three", "In Paris: a song"],
        ["we asked him: why", "and he said: because", "the answer: no"],
        [f"{word}: a fruit" for word in ["Apple", "Pear", "Plum", "Grape", "Lemon", "Lime", "Orange", "Kiwi"]],
        ["see https://example.org: it", "std:vector"],
    ],
)
def test_other_words_before_a_colon_are_speech(lines: list[str]) -> None:
    transcript = read(*lines, *FILL)

    assert [name for _, name in transcript.speakers if name] == []
    assert spoken(transcript).replace("- ", "") == " ".join([*lines, *FILL]).replace("- ", "")


def test_a_sentence_in_capitals_is_no_label() -> None:
    lines = ["JON: WELCOME BACK TO IT", "AND NOW", "JON: THE NEWS TONIGHT", "JON: YES", "ALL FOR ONE DRAWBACK: NO"]

    assert spoken(read(*lines)).endswith("YES ALL FOR ONE DRAWBACK: NO")


def test_a_glued_label_with_word_times_is_left_alone() -> None:
    words = (TimedWord(0, "JOHN:word"), TimedWord(500, "there"))

    assert make_transcript([Cue(0, 1000, "JOHN:word there", "", words)]).starts_ms == (0, 500)


def test_what_is_counted_or_measured_is_no_speaker() -> None:
    assert read("Time: 10:30", "Score: 3:2", "and so on").speakers == ()
