"""One resolver and one throttle shared by many threads."""

from __future__ import annotations

import gc
import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor, wait
from contextlib import contextmanager
from typing import Any

import pytest

from tests.clocks import watch_waits
from tests.loopback import Answer
from tests.processes import HANG_S
from vidindex.errors import ResolveError
from vidindex.net.throttle import HostThrottle
from vidindex.resolve import ResolveOptions, VideoResolver

QUICK = ResolveOptions(retries=0)


def put_player(site: Any, number: int) -> str:
    """Serve a page whose captions contain its number."""
    site.put(f"/{number}.mp4", bytes(600), "video/mp4")
    site.put(f"/{number}.vtt", f"WEBVTT\n\n00:01.000 --> 00:02.000\nThis is number {number}.\n", "text/vtt")
    player = f"<video src='/{number}.mp4'><track src='/{number}.vtt' srclang='en' kind='captions'></video>"
    url: str = site.put(f"/{number}", f"<title>Number {number}</title>{player}")
    return url


def caption_text(resolver: VideoResolver, url: str) -> str:
    found = resolver.resolve(url)
    return "".join(resolver.fetch_track(track).decode() for track in found.tracks)


def test_every_thread_gets_its_own_result(site: Any) -> None:
    urls = [put_player(site, number) for number in range(16)]
    with VideoResolver(QUICK) as resolver, ThreadPoolExecutor(8) as pool:
        captions = list(pool.map(lambda url: caption_text(resolver, url), urls))
        assert len(resolver._clients) <= 8

    assert [f"This is number {number}." in text for number, text in enumerate(captions)] == [True] * 16
    assert site.paths().count("/7.vtt") == 1


class RecordingThrottle(HostThrottle):
    """A throttle that records when each request came to it."""

    def __init__(self, **options: Any) -> None:
        super().__init__(**options)
        self.came_at: list[float] = []

    @contextmanager
    def slot(self, host: str) -> Iterator[None]:
        self.came_at.append(time.monotonic())
        with super().slot(host):
            yield


def test_the_server_sees_the_distance_and_the_number_at_once_that_were_asked_for(site: Any) -> None:
    running, most, lock, two = [0], [0], threading.Lock(), threading.Event()

    def answer(_: Any) -> Answer:
        with lock:
            running[0] += 1
            most[0] = max(most[0], running[0])
            if running[0] == 2:
                two.set()
        assert two.wait(HANG_S)  # the first is answered when a second has come beside it
        time.sleep(0.1)  # a chance for a third, which must not come
        with lock:
            running[0] -= 1
        return Answer(bytes(600), headers={"Content-Type": "video/mp4"})

    urls = [site.put(f"/{number}.mp4", b"") for number in range(12)]
    site.pages.update({f"/{number}.mp4": answer for number in range(12)})
    throttle = RecordingThrottle(delay_s=0.1, concurrency=2)
    with (
        VideoResolver(QUICK, throttle=throttle) as resolver,
        ThreadPoolExecutor(8) as pool,
    ):
        list(pool.map(resolver.resolve, urls))

    assert most == [2]
    # Judged as a whole, from before the first start: how long a request is under way varies.
    assert len(site.asked_at) >= 12
    assert site.asked_at[-1] - min(throttle.came_at) >= 0.1 * (len(site.asked_at) - 1)


def test_all_threads_respect_a_pause_that_a_host_asked_one_for(site: Any) -> None:
    site.say("/busy.mp4", 429, Retry_After="900")
    urls = [site.put(f"/{number}.mp4", bytes(600), "video/mp4") for number in range(8)]
    with VideoResolver(QUICK) as resolver, ThreadPoolExecutor(8) as pool:
        with pytest.raises(ResolveError):
            resolver.resolve(site.url("/busy.mp4"))
        for future in [pool.submit(resolver.resolve, url) for url in urls]:
            with pytest.raises(ResolveError, match="asked for a pause of another") as caught:
                future.result()
            assert caught.value.verdict == "later"

    assert site.paths() == ["/busy.mp4"]


def test_memory_stays_flat(site: Any) -> None:
    url = put_player(site, 1)
    with VideoResolver(QUICK) as resolver:
        held = []
        for _ in range(3):
            for _ in range(10):
                caption_text(resolver, url)
            site.asked.clear()
            gc.collect()
            held.append(len(gc.get_objects()))
    assert held[2] - held[1] < 10 * 20, "caches that are bounded fill up; a description alone is more"


def test_a_thread_that_ended_leaves_nothing_behind(site: Any) -> None:
    url = site.put("/k.mp4", bytes(600), "video/mp4")
    with VideoResolver(QUICK) as resolver:
        for _ in range(4):
            thread = threading.Thread(target=resolver.resolve, args=(url,))
            thread.start()
            thread.join()
        assert len(resolver._clients) == 1


def test_close_does_not_disturb_running_operations(site: Any) -> None:
    urls = [put_player(site, number) for number in range(12)]
    resolver = VideoResolver(QUICK)
    with ThreadPoolExecutor(4) as pool:
        captions = [pool.submit(caption_text, resolver, url) for url in urls]
        while wait(captions, timeout=0.05).not_done:
            resolver.close()
    resolver.close()

    assert [f"number {number}." in future.result() for number, future in enumerate(captions)] == [True] * 12


def test_a_client_in_use_is_closed_at_the_end_of_its_operation(site: Any) -> None:
    is_requested, may_respond = threading.Event(), threading.Event()

    def slow(_: Any) -> Answer:
        is_requested.set()
        may_respond.wait(HANG_S)
        return Answer(bytes(600), headers={"Content-Type": "video/mp4"})

    site.pages["/k.mp4"] = slow
    resolver = VideoResolver(QUICK)
    with ThreadPoolExecutor(1) as pool:
        found = pool.submit(resolver.resolve, site.url("/k.mp4"))
        assert is_requested.wait(HANG_S)
        (client,) = resolver._clients.values()
        resolver.close()
        assert "_request_director" in vars(client)
        may_respond.set()
        assert found.result().video.url == site.url("/k.mp4")
    assert "_request_director" not in vars(client)


def test_cancel_ends_the_wait_for_a_host_with_its_own_verdict(site: Any) -> None:
    throttle = HostThrottle(delay_s=2 * HANG_S)
    is_awaited = watch_waits(throttle)
    url = site.put("/k.mp4", bytes(600), "video/mp4")
    with VideoResolver(throttle=throttle) as resolver, ThreadPoolExecutor(1) as pool:
        resolver.resolve(url)
        before = len(site.asked)
        future = pool.submit(resolver.resolve, url)
        assert is_awaited.wait(HANG_S)
        throttle.cancel()
        with pytest.raises(ResolveError, match="canceled") as caught:
            future.result()

    assert caught.value.verdict == "stopped"
    assert len(site.asked) == before
