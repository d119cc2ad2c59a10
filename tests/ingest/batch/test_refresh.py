"""A refresh is about the videos that it was asked for, whatever else is in the queue."""

from __future__ import annotations

from tests.ingest.batch.conftest import PutArticle, Site, options
from vidindex import Index


def test_other_tasks_of_the_queue_are_neither_processed_nor_waited_for(
    opened: Index, site: Site, put_article: PutArticle
) -> None:
    opened.batch(*(put_article(name) for name in ("one", "two")), options=options())
    pending = [put_article(f"new{number}") for number in range(5)]
    site.say("/slow", 503)
    opened.batch(site.url("/slow"), options=options())
    (slow,) = opened.tasks("later")
    opened.batch(*pending, options=options(most=0))
    before = len(site.asked)
    report = opened.refresh(options=options(wait_s=3600))
    assert (report.unchanged, report.tasks, report.left) == (2, 2, 0)
    assert not {path for path in site.paths()[before:] if path.startswith(("/new", "/slow"))}
    assert opened.status().count("waiting", kind="link") == 5
    assert list(opened.tasks("later")) == [slow]


def test_what_is_not_old_enough_is_not_asked_again(opened: Index, site: Site, put_article: PutArticle) -> None:
    opened.batch(put_article("one"), options=options())
    before = len(site.asked)
    assert opened.refresh(older_than_s=3600, options=options()).tasks == 0
    assert len(site.asked) == before


def test_videos_of_a_site_that_refuses_are_left_and_reported(
    opened: Index, site: Site, put_article: PutArticle
) -> None:
    opened.batch(*(put_article(f"a{number}") for number in range(4)), options=options())
    for number in range(4):
        site.say(f"/a{number}.mp4", 429, Retry_After="7200")
    report = opened.refresh(options=options(jobs=1, robots=False))
    assert (report.later, report.left) == (1, 3)
    (pause,) = report.paused
    assert pause.waiting == 4


def test_a_refresh_retries_its_own_failures(opened: Index, site: Site, put_article: PutArticle, monkeypatch) -> None:  # type: ignore[no-untyped-def]
    monkeypatch.setattr("vidindex.store.retry._FIRST_WAIT_S", 0.1)
    opened.batch(put_article("one"), options=options())
    clip = site.pages["/one.vtt"]
    asked = []

    def second_time_lucky(_: object) -> object:
        asked.append(1)
        from tests.ingest.batch.conftest import Answer

        return clip if len(asked) > 1 else Answer(status=503)

    site.pages["/one.vtt"] = second_time_lucky  # type: ignore[assignment]
    report = opened.refresh(options=options(wait_s=60))
    assert (report.done, report.later, report.left) == (1, 0, 0)
