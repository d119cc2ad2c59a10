"""The pace at which providers serve videos."""

from __future__ import annotations

import pytest

from tests.clocks import FakeClock
from vidindex.net.pace import VideoPacer, estimate_hours, videos_per_hour
from vidindex.net.throttle import HostThrottle
from vidindex.net.traffic import is_refusal, server_of, site_of

WATCH = "https://www.youtube.com/watch?v=k1tcHenB0at"


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> FakeClock:
    made = FakeClock()
    monkeypatch.setattr("vidindex.net.throttle.time", made)
    monkeypatch.setattr("vidindex.net.pace.time", made)
    return made


@pytest.mark.parametrize(("has_account", "pace"), [(False, 300), (True, 2000)])
def test_videos_of_a_provider_keep_its_pace_after_the_first_few(clock: FakeClock, has_account: bool, pace: int) -> None:
    throttle = HostThrottle()
    throttle.pacer = VideoPacer(videos_per_hour(has_account=has_account))
    throttle._canceled.wait = clock.sleep  # type: ignore[method-assign, assignment]
    start = clock.now
    for _ in range(30):
        throttle.wait_for_video(WATCH)
    assert clock.now == start
    assert throttle.pacer.waits_s() == pytest.approx({"youtube.com": 3600 / pace})
    for number in range(pace):
        throttle.wait_for_video(("https://youtu.be/k1tcHenB0at", WATCH)[number % 2])
    assert clock.now - start == pytest.approx(3600)


def test_other_sites_do_not_wait(clock: FakeClock) -> None:
    throttle = HostThrottle()
    throttle.pacer = VideoPacer(videos_per_hour())
    for _ in range(100):
        throttle.wait_for_video("https://example.org/clip.mp4")
        throttle.wait_for_video("http://127.0.0.1:8000/clip.mp4")
    assert clock.sleeps == []


def test_the_pace_can_be_set_or_lifted() -> None:
    assert videos_per_hour(override=50) == {"youtube.com": 50}
    assert videos_per_hour(override=0) == {}
    assert estimate_hours(10_000, 300) == pytest.approx(33.3, abs=0.1)


def test_the_hosts_of_a_provider_are_one_site_and_other_ports_are_others() -> None:
    for url in (WATCH, "https://youtu.be/x", "https://r1---sn.googlevideo.com/v", "https://m.youtube.com:443/x"):
        assert site_of(url) == "youtube.com"
    assert site_of("https://www.example.org/a") == site_of("http://example.org:80/b") == "example.org"
    assert site_of("http://127.0.0.1:8000/") == server_of("http://127.0.0.1:8000/") == "127.0.0.1:8000"
    assert site_of("http://[::1]:8000/") == "::1:8000"
    assert site_of("https://notyoutube.com/") == "notyoutube.com"
    assert site_of("file:///a/b") == site_of("http://[") == ""


def test_a_pause_that_a_site_asks_for_is_a_refusal() -> None:
    assert is_refusal(429, 0)
    assert is_refusal(503, 60)
    assert is_refusal(403, 60)
    assert not is_refusal(503, 0)
    assert not is_refusal(404, 60)
