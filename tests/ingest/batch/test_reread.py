"""Articles that are read again: by their age, or because a list says that they changed."""

from __future__ import annotations

import time
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime

import pytest

from tests.ingest.batch.conftest import PutArticle, Site, options
from vidindex import Index
from vidindex.ingest.lists.changes import changed_between, later_date, reread_changed


def asked(site: Site, path: str) -> int:
    return site.paths().count(path)


def change(site: Site, name: str, *clips: str) -> None:
    tracks = "".join(
        f"<video src='/{clip}.mp4'><track src='/{clip}.vtt' srclang=en kind=captions></video>" for clip in clips
    )
    site.put(f"/{name}", f"<title>{name}</title>{tracks}")


def test_an_article_is_read_again_and_only_its_new_videos_are_requested(
    opened: Index, site: Site, put_article: PutArticle
) -> None:
    for clip in ("kept", "gone", "new"):
        put_article(clip)
    change(site, "page", "kept", "gone")
    link = site.url("/page")
    opened.batch(link, options=options())
    change(site, "page", "kept", "new")
    assert opened.batch(link, options=options(), reread_s=3600).tasks == 0
    report = opened.batch(link, options=options(), reread_s=0)
    assert (report.done, report.new) == (2, 1)
    assert [record.embed.url for record in opened.embeds(article=link)] == [site.url("/kept.mp4"), site.url("/new.mp4")]
    assert (asked(site, "/page"), asked(site, "/kept.mp4"), asked(site, "/new.mp4")) == (2, 1, 1)
    (hit,) = opened.search('"words of gone"')  # its words are kept
    assert hit.articles == ()


def test_without_links_all_articles_are_read_again_but_no_videos(
    opened: Index, site: Site, put_article: PutArticle
) -> None:
    opened.batch(put_article("one"), put_article("two"), site.url("/two.mp4"), options=options())
    report = opened.batch(options=options(), reread_s=0)
    assert report.done == 2
    assert asked(site, "/two.mp4") == 1


def stated(moment: datetime) -> list[str]:
    return [moment.isoformat(), moment.replace(tzinfo=None).isoformat(), format_datetime(moment)]


@pytest.mark.parametrize("form", range(3))
def test_a_later_date_in_a_list_has_the_article_read_again_once(
    opened: Index, site: Site, put_article: PutArticle, form: int
) -> None:
    link = put_article("one")
    earlier = datetime.now(UTC) - timedelta(days=3)
    opened.batch(link, options=options())
    dates = {link: stated(earlier)[form]}
    assert opened.batch(link, options=options(), changed=dates).tasks == 0
    tomorrow = {link: stated(datetime.now(UTC) + timedelta(days=1, hours=13))[form]}
    assert opened.batch(link, options=options(), changed=tomorrow).tasks == 1  # a date in the future counts once
    assert opened.batch(link, options=options(), changed=tomorrow).tasks == 0


def test_a_date_that_has_just_passed_has_the_article_read_again_once(opened: Index, put_article: PutArticle) -> None:
    link = put_article("one")
    opened.batch(link, options=options())
    dates = {link: datetime.now(UTC).isoformat()}
    assert [opened.batch(link, options=options(), changed=dates).tasks for _ in range(3)] == [1, 0, 0]


def test_garbage_and_a_date_in_the_past_read_nothing_again(opened: Index, put_article: PutArticle) -> None:
    link = put_article("one")
    opened.batch(link, options=options())
    for text in ("", "soon", "0000-99-99", "9999-99-99T99:99:99Z", "2021", "1", "-1", "06/09/2021", "\x00" * 200):
        assert opened.batch(link, options=options(), changed={link: text}).tasks == 0
    for text in ("9999-12-31", "9999-12-31T23:59:59-11:00", "0001-01-01T00:00:00+14:00"):
        opened.batch(link, options=options(), changed={link: text})
        assert opened.batch(link, options=options(), changed={link: text}).tasks == 0


def test_a_link_that_was_done_at_a_known_time_is_read_again_after_later_changes_only(
    opened: Index, put_article: PutArticle
) -> None:
    link = put_article("one")
    opened.batch(link, options=options())
    queue, now = opened._store.queue, time.time()
    today = datetime.fromtimestamp(now, UTC).date().isoformat()

    def is_reread(text: str, *, after_s: float) -> bool:
        count = reread_changed(queue, {link: text}, before=0.0, now=now + after_s)
        opened.batch(options=options())
        return bool(count)

    assert not is_reread(today, after_s=0)  # the day is not over, and it was read today
    assert is_reread(today, after_s=2 * 86_400)  # it may have changed later on that day


def test_days_last_until_they_are_over_everywhere() -> None:
    begin = datetime(2026, 5, 31, tzinfo=UTC).timestamp()
    assert changed_between("2026-05-31") == (begin, begin + 36 * 3600)
    assert changed_between("2026-05-31T00:00:00") == (begin, begin + 12 * 3600)
    assert changed_between("Sun, 31 May 2026 02:00:00 +0200") == (begin, begin)
    assert changed_between("2026-05") is None
    assert later_date("2026-05-31", "Sun, 31 May 2026 02:00:00 +0200") == "2026-05-31"
    assert later_date("nonsense", "2026-05-31") == "2026-05-31"
