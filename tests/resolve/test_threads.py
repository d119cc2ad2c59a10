"""One resolver and one gate among many threads."""

from __future__ import annotations

import gc
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest

from tests.loopback import Answer
from vidindex.errors import ResolveError
from vidindex.net import HostThrottle
from vidindex.resolve import ResolveOptions, VideoResolver

QUICK = ResolveOptions(retries=0)


def put_player(site: Any, number: int) -> str:
    """Serve a page whose captions say its number."""
    site.put(f"/{number}.mp4", bytes(600), "video/mp4")
    site.put(f"/{number}.vtt", f"WEBVTT\n\n00:01.000 --> 00:02.000\nThis is number {number}.\n", "text/vtt")
    player = f"<video src='/{number}.mp4'><track src='/{number}.vtt' srclang='en' kind='captions'></video>"
    url: str = site.put(f"/{number}", f"<title>Number {number}</title>{player}")
    return url


def said(resolver: VideoResolver, url: str) -> str:
    found = resolver.resolve(url)
    return "".join(resolver.fetch_track(track).decode() for track in found.tracks)


def test_no_thread_loses_what_it_asked_for(site: Any) -> None:
    urls = [put_player(site, number) for number in range(40)]
    with VideoResolver(QUICK) as resolver, ThreadPoolExecutor(8) as pool:
        captions = list(pool.map(lambda url: said(resolver, url), urls))
        assert len(resolver._clients) <= 8

    assert [f"This is number {number}." in text for number, text in enumerate(captions)] == [True] * 40
    assert site.paths().count("/7.vtt") == 1


def test_the_server_sees_the_distance_and_the_number_at_once_that_were_asked_for(site: Any) -> None:
    running, most, lock = [0], [0], threading.Lock()

    def answer(_: Any) -> Answer:
        with lock:
            running[0] += 1
            most[0] = max(most[0], running[0])
        time.sleep(0.2)
        with lock:
            running[0] -= 1
        return Answer(bytes(600), headers={"Content-Type": "video/mp4"})

    urls = [site.put(f"/{number}.mp4", b"") for number in range(12)]
    site.pages.update({f"/{number}.mp4": answer for number in range(12)})
    with (
        VideoResolver(QUICK, throttle=HostThrottle(delay_s=0.05, concurrency=2)) as resolver,
        ThreadPoolExecutor(8) as pool,
    ):
        list(pool.map(resolver.resolve, urls))

    assert most == [2]
    # Judged as a whole: how long a request is under way varies.
    assert site.asked_at[-1] - site.asked_at[0] > 0.05 * (len(site.asked_at) - 1) * 0.9


def test_all_threads_leave_a_host_alone_that_one_was_told_to(site: Any) -> None:
    site.say("/busy.mp4", 429, Retry_After="900")
    urls = [site.put(f"/{number}.mp4", bytes(600), "video/mp4") for number in range(8)]
    with VideoResolver(QUICK) as resolver, ThreadPoolExecutor(8) as pool:
        with pytest.raises(ResolveError):
            resolver.resolve(site.url("/busy.mp4"))
        for asked in [pool.submit(resolver.resolve, url) for url in urls]:
            with pytest.raises(ResolveError, match="left alone") as caught:
                asked.result()
            assert caught.value.verdict == "later"

    assert site.paths() == ["/busy.mp4"]


def test_memory_stays_flat(site: Any) -> None:
    url = put_player(site, 1)
    with VideoResolver(QUICK) as resolver:
        held = []
        for _ in range(3):
            for _ in range(25):
                said(resolver, url)
            site.asked.clear()
            gc.collect()
            held.append(len(gc.get_objects()))
    assert held[2] - held[1] < 25 * 20, "caches that are bounded fill up; a description alone is more"


def test_a_thread_that_ended_leaves_nothing_behind(site: Any) -> None:
    url = site.put("/k.mp4", bytes(600), "video/mp4")
    with VideoResolver(QUICK) as resolver:
        for _ in range(4):
            thread = threading.Thread(target=resolver.resolve, args=(url,))
            thread.start()
            thread.join()
        assert len(resolver._clients) == 1


def test_closing_disturbs_no_thread_at_work(site: Any) -> None:
    urls = [put_player(site, number) for number in range(30)]
    resolver = VideoResolver(QUICK)
    with ThreadPoolExecutor(4) as pool:
        captions = [pool.submit(said, resolver, url) for url in urls]
        while not all(asked.done() for asked in captions):
            resolver.close()
            time.sleep(0.05)
    resolver.close()

    assert [f"number {number}." in asked.result() for number, asked in enumerate(captions)] == [True] * 30


def test_a_client_that_is_at_work_is_closed_when_its_errand_ends(site: Any) -> None:
    asked, goes_on = threading.Event(), threading.Event()

    def slow(_: Any) -> Answer:
        asked.set()
        goes_on.wait(10)
        return Answer(bytes(600), headers={"Content-Type": "video/mp4"})

    site.pages["/k.mp4"] = slow
    resolver = VideoResolver(QUICK)
    with ThreadPoolExecutor(1) as pool:
        found = pool.submit(resolver.resolve, site.url("/k.mp4"))
        assert asked.wait(10)
        (client,) = resolver._clients.values()
        resolver.close()
        assert "_request_director" in vars(client)
        goes_on.set()
        assert found.result().video.url == site.url("/k.mp4")
    assert "_request_director" not in vars(client)


def test_a_stop_ends_the_wait_for_a_turn_with_a_verdict_of_its_own(site: Any) -> None:
    gate = HostThrottle(delay_s=60)
    url = site.put("/k.mp4", bytes(600), "video/mp4")
    with VideoResolver(throttle=gate) as resolver, ThreadPoolExecutor(1) as pool:
        resolver.resolve(url)
        asked, start = pool.submit(resolver.resolve, url), time.monotonic()
        time.sleep(0.3)
        gate.cancel()
        with pytest.raises(ResolveError, match="stopped") as caught:
            asked.result()

    assert caught.value.verdict == "stopped"
    assert time.monotonic() - start < 10
