"""Where to look for archived copies of what is dead."""

from __future__ import annotations

from vidindex import Embed
from vidindex.embeds.wayback import availability_urls, wayback_candidates

DEAD = Embed("http://media.mtvnservices.com/embed/mgid:x", "mtv", "mgid:x", dead=True)


def test_the_snapshot_nearest_to_the_article_is_wanted() -> None:
    assert wayback_candidates(DEAD, date="2009-09-15") == (
        "https://web.archive.org/web/20090915/http://media.mtvnservices.com/embed/mgid:x",
    )


def test_the_address_that_the_page_wrote_is_tried_as_well() -> None:
    tried = wayback_candidates(DEAD, original_url="http://media.mtvnservices.com/mgid:x.swf")

    assert tried[1] == "https://web.archive.org/web/2oe_/http://media.mtvnservices.com/mgid:x.swf"


def test_an_archived_youtube_video_has_an_extractor_of_its_own() -> None:
    video = Embed("https://www.youtube.com/watch?v=aB3dE6gH9jK", "youtube", "aB3dE6gH9jK")

    assert wayback_candidates(video)[0] == "ytarchive:aB3dE6gH9jK"


def test_the_availability_question_is_quoted() -> None:
    assert availability_urls(DEAD, date="2009-09-15")[0] == (
        "https://archive.org/wayback/available?url=http%3A%2F%2Fmedia.mtvnservices.com%2Fembed%2Fmgid%3Ax&timestamp=20090915"
    )
