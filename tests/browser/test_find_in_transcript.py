"""Which words of a transcript its search field finds."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from .conftest import Open

if TYPE_CHECKING:
    from playwright.sync_api import Page

COUNT = """async ([paragraphs, text]) => {
    const { Transcript } = await import("/static/js/transcript.js");
    const container = document.createElement("div");
    for (const spoken of paragraphs) {
        const paragraph = Object.assign(document.createElement("p"), { className: "paragraph" });
        paragraph.append(Object.assign(document.createElement("span"), { className: "words", textContent: spoken }));
        container.append(paragraph);
    }
    return new Transcript(container).find(text).map((match) => match.ranges.map(String).join(" "));
}"""


@pytest.fixture(scope="module")
def cases() -> list[tuple[list[str], str, list[str]]]:
    """Paragraphs, what is searched for in them, and what is found."""
    return [
        (["The others gather; there, the end."], "the", ["The", "the"]),
        (["The others gather."], "gath", ["gather"]),
        (["The others gather."], "gath ", []),
        (["The others gather."], "ather", []),
        (["He doesn’t, he doesn't."], "doesnt", ["doesn’t", "doesn't"]),
        (["A well-known man."], "well known", ["well-known"]),
        (["Ein Café in İzmir, ÜBER die Straße."], "cafe in izmir uber die strasse", ["Café in İzmir, ÜBER die Straße"]),
        (["Его дом мой."], "мои", []),
        (["あの夜の海はとても静かでした。"], "静か", ["静か"]),
        (["あの夜の海はとても静かでした。"], "静が", []),
        (["서울에서 왔어요, 동서울."], "서울", ["서울에서"]),
        (["nobody said", "anything about it"], "said anything", ["said anything"]),
        (["again and again and again"], "again and again", ["again and again"]),
        (["..."], "...", []),
    ]


def find_all(page: Page, cases: list[tuple[list[str], str, list[str]]]) -> list[list[str]]:
    return [page.evaluate(COUNT, [paragraphs, text]) for paragraphs, text, _ in cases]


def test_whole_words_are_found(visit: Open, cases: list[tuple[list[str], str, list[str]]]) -> None:
    """The last word may be unfinished; accents, case, apostrophes and hyphens do not matter."""
    assert find_all(visit("/articles").page, cases) == [expected for _, _, expected in cases]
