"""How many requests a cluster gets: not one for each of many videos, passages or languages."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

pytest.importorskip("opensearchpy")

from opensearchpy import Transport

import vidindex
from tests.conftest import webvtt
from tests.opensearch.conftest import Address, needs_cluster
from vidindex.model import Article, Embed, PhraseQuery, Track, Transcript, Video, WordsQuery
from vidindex.search.inflections import find_languages
from vidindex.store.packed_track import pack_track
from vidindex.store.tasks import Outcome, Task

pytestmark = needs_cluster

MANY = 9

CountRequests = Callable[..., int]


@pytest.fixture
def count_requests(monkeypatch: pytest.MonkeyPatch) -> CountRequests:
    """A function that returns how many requests a call makes, or how many to URLs that end with a text."""
    sent: list[str] = []
    send = Transport.perform_request

    def send_counted(transport: Transport, method: str, url: str, *args: object, **options: object) -> object:
        sent.append(url)
        return send(transport, method, url, *args, **options)  # type: ignore[arg-type]

    monkeypatch.setattr(Transport, "perform_request", send_counted)

    def count(call: Callable[[], object], end: str = "") -> int:
        sent.clear()
        call()
        return sum(url.endswith(end) for url in sent)

    return count


@pytest.fixture(scope="module")
def index(address: Address, tmp_path_factory: pytest.TempPathFactory) -> Iterator[vidindex.Index]:
    """An index with a quote in one of its videos, and another one in many, in two tracks each."""
    folder = tmp_path_factory.mktemp("talks")
    for number in range(MANY):
        said = [f"the river number{number} is cold", *(["nobody swims here"] if number else ["only one swims there"])]
        for language in ("en", "de"):
            (folder / f"talk{number}.{language}.vtt").write_text(webvtt(said))
    with vidindex.open(address("?replicas=0")) as opened:
        opened.add(folder, languages="all", jobs=1)
        yield opened


def test_a_page_of_many_videos_takes_the_requests_of_a_page_of_one(
    index: vidindex.Index, count_requests: CountRequests
) -> None:
    few, many = '"only one swims there"', '"nobody swims here"'
    for search in (index.search_page, index.search_videos):
        totals = {words: search(words).total for words in (few, many)}  # what is not open yet is opened
        assert totals == {few: 1, many: MANY - 1}
        assert count_requests(lambda: search(many)) <= count_requests(lambda: search(few)) + 2  # noqa: B023


def test_the_languages_of_an_index_are_found_at_once(index: vidindex.Index, count_requests: CountRequests) -> None:
    engine = index._current_engine()
    assert engine is not None
    words, found = WordsQuery(("river",)), list[str]()
    assert count_requests(lambda: found.extend(find_languages(engine, words))) < 10
    assert found == ["de", "en"]


def test_searches_of_one_answer_share_the_commit_log(index: vidindex.Index, count_requests: CountRequests) -> None:
    """It is read before and after a search, but after one and before the next only once."""
    engine = index._current_engine()
    assert engine is not None
    query = PhraseQuery(("river",))
    counts = [count_requests(lambda: engine.find_candidates(query, limit=1)) for _ in range(3)]
    assert min(counts) == 2


def test_a_caption_file_takes_a_dozen_requests(address: Address, tmp_path: Path, count_requests: CountRequests) -> None:
    with vidindex.open(address("?replicas=0")) as index:

        def add(*numbers: int) -> None:
            folder = tmp_path / f"talks{len(numbers)}"
            folder.mkdir()
            for number in numbers:
                (folder / f"talk{number}.en.vtt").write_text(webvtt([f"the river number{number} is cold"]))
            index.add(folder, jobs=1)

        add(0)
        few, many = count_requests(lambda: add(*range(1, 3))), count_requests(lambda: add(*range(3, 9)))
        assert (many - few) / 4 <= 12


def test_a_link_of_a_batch_takes_two_dozen_requests_and_refreshes_an_index_when_that_is_needed(
    address: Address, count_requests: CountRequests
) -> None:
    """Before the due tasks are read, twice, and before the articles that embed the video."""
    track = Track("en", "manual", "webvtt")
    with vidindex.open(address("?replicas=0")) as index:
        store, queue = index._store, index._store.queue
        run = queue.begin_run()

        def work(number: int) -> None:
            link, embed = f"https://a.example/{number}", Embed(f"https://v.example/{number}", "html5", f"clip{number}")
            queue.add_tasks([Task(link, "link")])
            task = queue.claim(run)
            assert task is not None
            store.put_article(Article(link), [embed])
            queue.add_embeds(link, [(embed, "v.example")])
            queue.finish(task, Outcome(article=link))
            while (task := queue.claim(run)) is None:
                """It is seen at the next look."""
            store.put_video(Video(f"html5:clip{number}", embed.url))
            store.put_packed_track(f"html5:clip{number}", track, pack_track(b"", Transcript(("one",), (0,), (500,))))
            queue.finish(task, Outcome(video=f"html5:clip{number}"))

        work(0)
        counts = [count_requests(lambda: work(1)), count_requests(lambda: work(2), "_refresh")]
        run.end()
        assert [each.state for each in index.embeds()] == ["done"] * 3
    assert counts[0] <= 28
    assert counts[1] <= 3
