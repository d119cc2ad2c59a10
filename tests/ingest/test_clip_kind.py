"""The kind of a clip is inferred from the words around it."""

from __future__ import annotations

import pytest

from tests.clocks import check_linear_time
from vidindex.ingest.clip_kind import classify_clip
from vidindex.model import Transcript, Video


@pytest.mark.parametrize(
    ("label", "kind"),
    [
        ("DANA REYES INTERVIEWS MARCUS VALE", "interview"),
        ("Watch: the senator sits down with our reporter", "interview"),
        ("THE LANTERNS AND MARCUS VALE PERFORM “NIGHT TRAIN HOME”", "performance"),
        ("Night Train Home (live at the Old Mill)", "performance"),
        ("Night Train Home (Official Music Video)", "music video"),
        ("The president’s inaugural address to the nation", "speech"),
        ("Official trailer", "trailer"),
        ("The mayor testifies before the committee", "hearing"),
        ("Press conference, 12 May", "press conference"),
        ("Dana Reyes Opens Up About Her Childhood", "interview"),
        ("Marcus Vale Talks Tours, Trains & Tea", "interview"),
        ("Marcus Vale on His Competitive Brother", "interview"),
        ("Dana Reyes Reveals Her First Job | The Graham Norton Show", "interview"),
        ("73 Questions With Dana Reyes", "interview"),
        ("Entrevista a Elena Ruiz", "interview"),
        ("Karin Vogt im Interview", "interview"),
        ("独家专访王明", "interview"),
        ("The Lanterns - Night Train Home (Acoustic)", "performance"),
        ("The Lanterns - Night Train Home in the Live Lounge", "performance"),
        ("Marcus Vale Sings the National Anthem", "performance"),
        ("The Lanterns live at Rockwell Arena", "performance"),
        ("Night Train Home - Los Faroles (En vivo)", "performance"),
        ("TEDx talk: why bridges fall", "lecture"),
        ("Movie Review: Night Train", "review"),
        ("Ted Cruz on the floor of the house", "other"),
        ("How to tie a tie", "other"),
        ("My reaction to the new song", "other"),
        ("Job performance in hard times", "other"),
        ("High-performance engines, tested", "other"),
        ("10 job interview tips", "other"),
        ("Presenter under fire over bizarre interview", "other"),
        ("Jimmy Kimmel on the new bill | Jimmy Kimmel Live", "other"),
        ("Concert shooting: what we know", "other"),
        ("Live now: the new update (live stream)", "other"),
        ("Of course it is something else", "other"),
        ("", "other"),
    ],
)
def test_a_label_tells_the_kind(label: str, kind: str) -> None:
    assert classify_clip(Video("x:1", ""), [label]) == kind


def test_the_label_says_more_than_the_title_and_that_more_than_the_description() -> None:
    video = Video("x:1", "", title="Marcus Vale live at the Old Mill", description="An interview with him.")
    assert classify_clip(video, ["Dana Reyes interviews Marcus Vale"]) == "interview"
    assert classify_clip(video) == "performance"


def test_the_channel_tells_that_a_guest_speaks() -> None:
    title = "Dana Reyes Jokes About Her First Job"

    assert classify_clip(Video("x:1", "", title=title, channel="Wendy Williams")) == "interview"
    assert classify_clip(Video("x:1", "", title=title, channel="Some Stranger")) == "other"


def test_the_description_tells_where_title_and_category_do_not() -> None:
    said = "Dana Reyes talks to Marcus Vale about her tour."
    played = "The Lanterns perform “Night Train Home” for us."

    assert classify_clip(Video("x:1", "", title="Night Train", description=said)) == "interview"
    assert classify_clip(Video("x:1", "", title="Night Train", description=played)) == "performance"


def test_captions_with_questions_and_two_speakers_are_an_interview() -> None:
    words = ("Why", "did", "you", "leave?", "It", "was", "time", "for", "me", "then.") * 10
    times = tuple(range(len(words)))
    turns = tuple((at, "ASK" if at % 10 == 0 else "SAY") for at in range(len(words)) if at % 10 in (0, 4))
    crowd = tuple((at, f"P{at % 7}") for at, _ in turns)

    assert classify_clip(Video("x:1", ""), transcript=Transcript(words, times, times, speakers=turns)) == "interview"
    assert classify_clip(Video("x:1", ""), transcript=Transcript(words, times, times, speakers=crowd)) == "other"
    assert classify_clip(Video("x:1", ""), transcript=Transcript(words, times, times)) == "other"


@pytest.mark.parametrize("piece", ["A ", "A on ", "A & ", "(", "- live ", "talks ", "if "], ids=repr)
def test_a_hostile_title_is_classified_at_once(piece: str) -> None:
    check_linear_time(lambda text: classify_clip(Video("x:1", "", title=text, description=text)), piece * 20_000)


def test_a_category_tells_where_no_word_does() -> None:
    assert classify_clip(Video("x:1", "", title="Night Train Home", categories=("Music",))) == "music video"


def test_captions_full_of_notes_are_a_performance() -> None:
    words = ("♪", "night", "train", "♪") * 5
    times = tuple(range(len(words)))
    sung = Transcript(words, times, times, sounds=frozenset(at for at, word in enumerate(words) if word == "♪"))
    assert classify_clip(Video("x:1", ""), transcript=sung) == "performance"
    assert classify_clip(Video("x:1", ""), transcript=Transcript(words, times, times)) == "other"


def test_one_note_in_a_long_talk_is_no_performance() -> None:
    words = ("♪", *["word"] * 400)
    times = tuple(range(len(words)))
    assert classify_clip(Video("x:1", ""), transcript=Transcript(words, times, times, sounds=frozenset({0}))) == "other"


@pytest.mark.parametrize(
    ("title", "categories", "tags", "kind"),
    [
        ("Backstage at the Corn Exchange", ("Music",), ("interview", "backstage"), "interview"),
        ("Hour 12: The cable room", ("People",), ("podcast", "cables"), "podcast"),
        ("The Lanterns - Night Train Home", ("Music",), (), "music video"),
        ("A day in town", (), ("interview", *"abcdefgh"), "other"),
        ("A day in town", (), ("interview", "podcast"), "other"),
    ],
)
def test_a_few_tags_and_the_category_tell_the_kind(
    title: str, categories: tuple[str, ...], tags: tuple[str, ...], kind: str
) -> None:
    assert classify_clip(Video("x:1", "", title=title, categories=categories, tags=tags)) == kind


@pytest.mark.parametrize(
    "url",
    [
        "https://open.spotify.com/embed/album/4YgbeKUzXdBNmTEP9vZ2WB",
        "https://widget.deezer.com/widget/dark/album/12345678",
        "https://8tracks.com/mixes/1234567",
        "https://lanterns.bandcamp.com/track/the-interview",
    ],
)
def test_songs_are_performances_whatever_they_are_called(url: str) -> None:
    assert classify_clip(Video("x:1", url, title="The Interview"), ["An interview with the band"]) == "performance"


@pytest.mark.parametrize(
    "url",
    ["https://open.spotify.com/episode/4YgbeKUzXdBNmTEP9vZ2WB", "https://www.deezer.com/episode/123456789"],
)
def test_episodes_are_what_their_titles_say(url: str) -> None:
    assert classify_clip(Video("x:1", url, title="An interview with the mayor")) == "interview"
