"""What sites and extractors say themselves, by its text: most texts are those of yt-dlp's extractors."""

from __future__ import annotations

import pytest

from vidindex.model import status_word
from vidindex.resolve.classify_errors import classify
from vidindex.resolve.error_texts import clean_text


def classify_text(text: str, *, expected: bool) -> tuple[str, str]:
    from yt_dlp.utils import DownloadError, ExtractorError

    cause = ExtractorError(text, expected=expected, ie="Site", video_id="removed-drm")
    return classify(DownloadError(f"ERROR: {cause}", (type(cause), cause, None)))


GONE = [
    "Video not found", "video not found", "Media not found.", "Lecture not found", 'Channel "news" not found',
    "This video has expired", "The video is expired", "Content not found; it has most likely expired",
    "This video has been removed", "Video was deleted by its author", "This clip is no longer available",
    "Video 7 does not exist", "No such podcast", "The VOD does not exist", "Video #2 is unavailable",
    "Site said: Video not found", "Site API said: the item has expired", "MediaNotFound", "VIDEO_NOT_FOUND",
    "This item is no longer online", "The page you requested could not be found", "Track not found",
    "The uploader's account has been terminated", "Das Video ist leider nicht mehr verfügbar",
    "Cette vidéo n’est plus disponible", "Este vídeo ya no está disponible", "Видео не найдено или удалено",
    "動画が見つかりません", "GraphQL API error: Asset does not exist", "Request failed (404): requested item not found",
    "Unable to extract formats: This video has been removed",
]  # fmt: skip


@pytest.mark.parametrize("expected", [True, False])
@pytest.mark.parametrize("text", GONE)
def test_a_video_is_unavailable_if_its_site_says_so_whatever_yt_dlp_expects(text: str, expected: bool) -> None:
    verdict, reason = classify_text(text, expected=expected)
    assert status_word(verdict) == "unavailable"
    assert reason.startswith(text.rstrip("."))


@pytest.mark.parametrize("expected", [True, False])
@pytest.mark.parametrize(
    ("text", "verdict"),
    [
        ("This video is private", "needs-login"),
        ("You do not have access to this post", "needs-login"),
        (
            "This is not available. Use --cookies-from-browser or --cookies for the authentication",
            "needs-login",
        ),
        ("The song is only for VIP accounts.", "needs-login"),
        ("Expired token. Refresh your cookies in browser and try again", "needs-login"),
        ("This song is blocked in this region", "geo"),
        ("This content is only available in Germany", "geo"),
        ("Site said: GEO_BLOCKED", "geo"),
        ("Dieses Video ist in deinem Land nicht verfügbar", "geo"),
        ("The video will be available after 20:00", "later"),
        ("This course episode is not yet available.", "later"),
        ("This video is processing", "later"),
        ("Service temporarily unavailable", "later"),
        ("Please try again. Something went wrong", "later"),
        ("This livestream has ended", "live"),
        ("No videos found on webpage", "unsupported"),
        ("This article does not contain a video", "unsupported"),
        ("Your IP address is blocked from accessing this post", "blocked"),
        ("Site said: code 403", "blocked"),
        ("PhantomJS not found, please install it", "failed"),
    ],
)
def test_other_statements_have_their_class_whatever_yt_dlp_expects(text: str, verdict: str, expected: bool) -> None:
    assert classify_text(text, expected=expected)[0] == verdict


@pytest.mark.parametrize(
    "text",
    [
        "Unable to extract video URL", "Video id was not found", "Unexpected API response", "Cannot parse data",
        "Brightcove video ID not found in webpage", "Could not find media data", "Unknown player type x",
        "Failed to get m3u8 playlist", "Missing stream metadata",
    ],
)  # fmt: skip
def test_only_what_an_extractor_could_not_read_is_a_broken_extractor(text: str) -> None:
    verdict, reason = classify_text(text, expected=False)
    assert verdict == "broken-extractor"
    assert reason.startswith(f"{text}: ")


def test_an_unknown_statement_of_a_site_is_shown_whole_and_retried() -> None:
    text = "Site said: " + "the quick kettle of the regatta boils " * 12 + "at noon"
    verdict, reason = classify_text(text, expected=False)
    assert verdict == "later"
    assert text in reason


def test_an_unknown_bug_shows_its_cause() -> None:
    from yt_dlp.utils import DownloadError, ExtractorError

    cause = ExtractorError("An extractor error has occurred.", cause=KeyError("formats"))
    verdict, reason = classify(DownloadError(f"ERROR: {cause}", (type(cause), cause, None)))
    assert verdict == "broken-extractor"
    assert reason.startswith("An extractor error has occurred (KeyError: 'formats'): ")


@pytest.mark.parametrize(
    ("text", "cleaned"),
    [
        ("\x1b[0;31mERROR:\x1b[0m [Site] kettle: says \x1b]0;title\x07no", "kettle: says no"),
        ("first line\r\nsecond\x00 line\x9b2J", "first line second line 2J"),
        ("text; please report this issue on  https://github.com/x/issues?q= , filling out the issue template."
         " Confirm you are on the latest version using  yt-dlp -U and more", "text and more"),
        ("It failed. Please report this issue on  https://x , filling out. Confirm using  yt-dlp -U", "It failed"),
        ("HTTP Error 500 (caused by <HTTPError 500: (x)>)", "HTTP Error 500"),
        ("right \u202eto left", "right to left"),
        ("", "unknown error"),
    ],
)  # fmt: skip
def test_a_text_is_cleaned(text: str, cleaned: str) -> None:
    assert clean_text(text) == cleaned


def test_a_very_long_text_keeps_its_start_and_its_end() -> None:
    cleaned = clean_text("start " + "(caused by " * 100_000 + " end")
    assert len(cleaned) < 2000
    assert cleaned.startswith("start ")
    long = clean_text("start " + "x" * 10_000 + " end")
    assert (long[:6], long[-4:], len(long)) == ("start ", " end", 1903)


@pytest.mark.parametrize(("expected", "verdict"), [(True, "gone"), (False, "broken-extractor")])
def test_a_statement_counts_even_if_an_error_of_python_led_to_it_and_yt_dlp_expects_it(
    expected: bool, verdict: str
) -> None:
    from yt_dlp.utils import DownloadError

    with pytest.raises(DownloadError) as caught:
        fail_as_yt_dlp_does("This video has been removed", expected=expected)
    assert classify(caught.value)[0] == verdict


def test_the_class_of_an_exception_says_more_than_its_text() -> None:
    from yt_dlp.utils import DownloadError, GeoRestrictedError, UserNotLive

    for cause, verdict in ((GeoRestrictedError("This video is not available"), "geo"), (UserNotLive(), "live")):
        assert classify(DownloadError(f"ERROR: {cause}", (type(cause), cause, None)))[0] == verdict


def fail_as_yt_dlp_does(text: str, *, expected: bool) -> None:
    from yt_dlp.utils import DownloadError, ExtractorError

    try:
        try:
            raise KeyError("video")
        except KeyError as exc:
            raise ExtractorError(text, expected=expected, cause=exc) from exc
    except ExtractorError as exc:
        raise DownloadError(f"ERROR: {exc}", exc.exc_info)  # noqa: B904
