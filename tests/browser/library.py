"""The index of the browser tests: samples, long talks, several scripts, a thousand hits, hostile texts."""

from __future__ import annotations

import json
import random
from collections.abc import Sequence
from pathlib import Path

import vidindex

SAMPLES = Path(__file__).parents[2] / "samples"
REFRAIN = "the lamps along the harbour are lit again tonight"
LONG_TITLE = (
    "The Complete and Unabridged Evening Conversation With the Keeper of the Northern Light, Recorded Over Three "
    "Winters in the Lamp Room, With Remarks on Fog, Paraffin, Loneliness, Bread and the Proper Use of the Telephone"
)
ATTACK = "<script>window.__pwned=1</script><img src=x onerror=window.__pwned=2>"
OVERRIDE = '\u202egnp.exe\u202d \u2067mirrored\u2069 "><svg onload=window.__pwned=3>'
REPORT_URL = "https://paper.example/2023/the-long-report"
_QUOTES = (
    ("We will raise taxes this year, and nobody asked us to", "Ann Lee"),
    ("The lamps cost twenty eight pounds a month, which was cheap at that time", "Ann Lee"),
    ("I always loved the fog in the evening", "Ann Lee"),
    ("We painted the tower twice and nobody asked us to raise taxes this year", "Bo Vale"),
    ("We painted the tower twice and then we ran out of paint for good", "Bo Vale"),
    ("I always loved the fog … when the ships were in", "Bo Vale"),
    (f"{'Donaudampfschifffahrt' * 12} is what nobody has ever said about this tower", "Ann Lee"),
    ("היה שקט מאוד באותו לילה בים ליד המגדלור הישן של העיר", "Dana"),
)
_WORDS = (
    "we", "walked", "down", "to", "the", "harbour", "and", "nobody", "said", "anything", "about", "it", "for", "a",
    "year", "because", "there", "was", "nothing", "left", "that", "you", "could", "say", "out", "loud", "when", "ships",
    "came", "in", "late", "with", "their", "engines", "off", "so", "quiet", "that", "birds", "slept", "on", "them",
)  # fmt: skip


def fill(folder: Path) -> None:
    """Write all files to index into *folder*."""
    folder.mkdir(parents=True)
    _interview(folder)
    _scripts(folder)
    _attacks(folder)
    _report(folder)
    for number in range(110):
        _lamps(folder, number)


def build(index: Path, folder: Path) -> None:
    """Index the samples and the files that `fill` writes."""
    fill(folder)
    with vidindex.open(index) as opened:
        pages = sorted((SAMPLES / "pages").glob("*.html"))
        report = opened.add(*pages, SAMPLES / "downloads", folder, folder / "hostile.html", languages=("all",))
        _add_report(opened)
    assert not [failure for failure in report.failures if "hostile" not in failure.target], report.failures


def talk(folder: Path, name: str, lines: Sequence[str], *, lang: str = "en", seconds: int = 4, **about: object) -> None:
    """Write the files of a video as yt-dlp does: metadata, and captions with a line every few seconds."""
    description = {
        "id": name,
        "title": name,
        "webpage_url": f"https://www.youtube.com/watch?v={name}",
        "extractor": "youtube",
        "extractor_key": "Youtube",
        "_type": "video",
        "duration": len(lines) * seconds,
        "language": lang,
        **about,
    }
    (folder / f"talk [{name}].info.json").write_text(json.dumps(description), encoding="utf-8")
    cues = (f"{_at(at * seconds)} --> {_at((at + 1) * seconds)}\n{line}\n" for at, line in enumerate(lines))
    (folder / f"talk [{name}].{lang}.vtt").write_text("WEBVTT\n\n" + "\n".join(cues), encoding="utf-8")


def speech(seed: int, lines: int) -> list[str]:
    """Return random sentences about a harbor."""
    chooser = random.Random(seed)
    made = [" ".join(chooser.choices(_WORDS, k=chooser.randint(7, 13))) for _ in range(lines)]
    return [f"{line[0].upper()}{line[1:]}." for line in made]


def _at(seconds: int) -> str:
    return f"{seconds // 3600:02}:{seconds // 60 % 60:02}:{seconds % 60:02}.000"


def _interview(folder: Path) -> None:
    lines = speech(1, 2000)
    lines[900] = "Obviously I never took the winters off, and the light never asked me to."
    talk(
        folder, "keeper00001", lines, title=LONG_TITLE, channel="Northern Sound Archive", upload_date="20190214",
        description="Three winters.\n\nhttps://example.org/archive", thumbnail="https://i.ytimg.com/vi/x/hqdefault.jpg",
        chapters=[
            {"start_time": 0, "title": "The stairs"}, {"start_time": 1800, "title": "Fog"},
            {"start_time": 3600, "title": "The long telephone call that nobody on the island would ever speak about"},
            {"start_time": 6000, "title": "Bread"},
        ],
    )  # fmt: skip


def _scripts(folder: Path) -> None:
    hebrew = ["שלום לכולם ותודה שבאתם הערב", "הים היה שקט מאוד באותו לילה", "ואף אחד לא אמר מילה עד הבוקר"]
    arabic = ["أهلا وسهلا بكم في هذا المساء", "كان البحر هادئا جدا في تلك الليلة", "ولم يقل أحد كلمة حتى الصباح"]
    japanese = [
        "皆さんこんばんは、灯台の話をします。",
        "あの夜の海はとても静かでした。",
        "朝まで誰も何も言いませんでした。",
    ]
    spoken = (
        ("hebrew00001", "he", hebrew, "שיחה עם שומר המגדלור: שלושה חורפים", "ארכיון הצליל"),
        ("arabic00001", "ar", arabic, "حوار مع حارس المنارة (the keeper, part 2)", "صوت الشمال"),
        (
            "nihongo0001",
            "ja",
            japanese,
            "灯台守との対話：三つの冬と霧、パンと電話の正しい使い方について",
            "北の音の記録",
        ),
    )
    for name, lang, lines, title, channel in spoken:
        talk(folder, name, lines * 4, lang=lang, title=title, channel=channel, upload_date="20210703")


def _lamps(folder: Path, number: int) -> None:
    chooser = random.Random(number)
    lines = speech(number + 100, 60)
    for at in range(2, 60, 6):
        lines[at] = f"{REFRAIN.capitalize()}, {chooser.choice(['he said', 'as ever', 'and nobody minds'])}."
    talk(
        folder, f"lamps{number:06}", lines, title=f"Harbour diary, evening {number + 1}",
        channel=chooser.choice(["Harbour Radio", "The Lamp Society", "Northern Sound Archive", "Quay Street Films"]),
        upload_date=f"20{chooser.randint(10, 24)}{chooser.randint(1, 12):02}{chooser.randint(1, 28):02}",
        tags=[chooser.choice(["interview", "lecture", "podcast", "concert"])],
    )  # fmt: skip


def _report(folder: Path) -> None:
    """Write the talk that the article with the quotes embeds."""
    lines = speech(7, 40)
    lines[3] = "Ann Lee: We will not raise taxes this year, and nobody asked us to."
    lines[6] = "Ann Lee: The lamps cost thirty eight pounds a month, which was cheap at that time."
    lines[9] = "Bo Vale: I always loved the fog, but only in the morning when the ships were in."
    lines[20] = "Bo Vale: We painted the tower twice and then we ran out of paint for good."
    talk(folder, "report00001", lines, title="Evening hearing on the light", channel="Town Hall")


def _add_report(index: vidindex.Index) -> None:
    """Add an article whose quotes have every verdict; an embed that is read from a page would be requested."""
    said = "\n\n".join(f"“{text},” said {who}." for text, who in _QUOTES)
    video = index.video("youtube:report00001")
    article = vidindex.Article(REPORT_URL, title="The long report on the light", author="Cy Moss", text=said)
    index._store.put_article(article, [vidindex.Embed(video.url, "youtube", "report00001")])
    index._store.set_embed_state(REPORT_URL, video.url, state="done", video=video.id)
    index.flush()
    assert len(index.quotes(REPORT_URL)) == len(_QUOTES)
    index.save_review(REPORT_URL, index.quotes(REPORT_URL)[1].quotation.text, done=True, note="Ask Ann.\nShe knows.")
    index.save_review(REPORT_URL, "Nobody ever lit the lamp in May", note="It was taken out.")


def _attacks(folder: Path) -> None:
    attack, override = ATTACK.replace("<", "&lt;"), OVERRIDE.replace("<", "&lt;")
    talk(
        folder,
        "attack00001",
        [f"This is {attack} what the attacker said", f"and {override} again"] * 3,
        title=f"{ATTACK} {OVERRIDE}",
        channel=f"{ATTACK}' autofocus onfocus=window.__pwned=4",
        webpage_url="javascript:window.__pwned=5",
        upload_date="20240101",
        description=ATTACK,
        thumbnail="javascript:window.__pwned=6",
        chapters=[{"start_time": 1, "title": ATTACK}],
        channel_url="javascript:window.__pwned=7",
    )
    (folder / "hostile.html").write_text(
        f"<!doctype html><html lang='\"><script>'><title>{attack}</title>"
        f"<link rel=canonical href='javascript:window.__pwned=8'>"
        f"<article><h1>{attack}</h1><p>“{attack} is what she said to me,” he said.</p>"
        f"<p>“{override} is what they all said,” said {attack}.</p>"
        "<h3>javascript:window.__pwned=9</h3>"
        "<iframe src='https://media.mtvnservices.com/embed/mgid:uma:video:mtv.com:1\"><script>'></iframe></article></html>",
        encoding="utf-8",
    )
