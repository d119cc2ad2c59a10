"""Keys, players of other sites that answer or do not, and hits that are played one after the other."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import TYPE_CHECKING

import pytest

import vidindex

from .conftest import NEXT_FRAMES, Open, expect, serving
from .library import talk
from .test_video_page import film, slow_down, time_of  # noqa: F401 - a fixture

if TYPE_CHECKING:
    from playwright.sync_api import Frame, Page, Route

LAMPS = "/video/youtube:lamps000003?q=the+lamps+along+the+harbour"

YOUTUBE = """<!doctype html><script>
let state = { currentTime: Number(new URLSearchParams(location.search).get("start")), playerState: 1, playbackRate: 1 };
const tell = () => parent.postMessage(JSON.stringify({ event: "infoDelivery", info: state }), "*");
let timer = 0;
const fail = (info) => parent.postMessage(JSON.stringify({ event: "onError", info }), "*");
addEventListener("message", ({ data }) => {
  const { event, func, args } = JSON.parse(data);
  if (event === "listening") timer ||= setInterval(tell, 50);
  if (func === "seekTo") state.currentTime = args[0];
  if (func === "playVideo") state.playerState = 1;
  if (func === "pauseVideo") state.playerState = 2;
  if (func === "setPlaybackRate") state.playbackRate = args[0];
});
</script>"""

VIMEO = """<!doctype html><script>
let state = { currentTime: 0, playerState: 1, playbackRate: 1 };
const tell = (event, data) => parent.postMessage({ event, data }, "*");
addEventListener("message", ({ data }) => {
  const { method, value } = JSON.parse(data);
  if (method === "addEventListener" && value === "timeupdate")
    setInterval(() => tell("timeupdate", { seconds: state.currentTime }), 20);
  if (method === "setCurrentTime") state.currentTime = value;
  if (method === "play" || method === "pause") tell(method, {}), (state.playerState = method === "play" ? 1 : 2);
  if (method === "setPlaybackRate") tell("playbackratechange", { playbackRate: (state.playbackRate = value) });
});
setTimeout(() => tell("ready"), 20);
</script>"""
"""Pages that implement the messages of the players; the test reads and changes their `state`."""


def press(page: Page, *keys: str) -> None:
    for key in keys:
        page.keyboard.press(key)


def answer_with(page: Page, body: str, url: str) -> None:
    def answer(route: Route) -> None:
        route.fulfill(body=body, content_type="text/html")

    page.route(url, answer)


def player_frame(page: Page) -> Frame:
    page.locator("iframe").wait_for()
    page.wait_for_function("() => frames.length === 1")
    return page.frames[1]


def wait_in(frame: Frame, condition: str, arg: object = None) -> None:
    """Wait for a condition in a player, which may draw no frames, so that it is checked by a timer."""
    frame.wait_for_function(condition, arg=arg, polling=50)


@pytest.fixture(scope="module")
def vimeo_site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The base URL of a server for an index with a video of Vimeo."""
    folder = tmp_path_factory.mktemp("vimeo")
    about = {"extractor": "vimeo", "extractor_key": "Vimeo", "webpage_url": "https://vimeo.com/56015672"}
    talk(folder, "56015672", ["the lamps are lit again"] * 60, **about)  # type: ignore[arg-type]  # not the language nor the seconds
    with vidindex.open(folder / "index") as index:
        index.add(folder)
        yield from serving(index)


@pytest.fixture
def film_page(visit: Open, film: str) -> Page:  # noqa: F811
    """The page of a video with a local media file, and hits."""
    page = visit(f"{film}?q=the").page
    page.wait_for_function("() => document.querySelector('video').readyState >= 2")
    slow_down(page)
    return page


def test_keys_control_a_film(film_page: Page) -> None:
    page = film_page
    press(page, "k")
    page.wait_for_function("() => !document.querySelector('video').paused")
    press(page, " ")
    page.wait_for_function("() => document.querySelector('video').paused")
    press(page, "l", "l", "ArrowLeft")
    page.wait_for_function("() => Math.abs(document.querySelector('video').currentTime - 15) < 1")
    press(page, "j")
    page.wait_for_function("() => Math.abs(document.querySelector('video').currentTime - 5) < 1")
    assert page.evaluate("() => document.querySelector('video').paused")
    press(page, "]", "]")
    page.wait_for_function("() => document.querySelector('video').playbackRate === 0.5")
    expect(page.locator("#player-message")).to_have_text("Speed 0.5×")


def test_keys_go_to_the_next_and_the_previous_hit(film_page: Page) -> None:
    page = film_page
    starts = page.evaluate("""() => {
        const gaps = document.getElementById('hits').dataset.times.split(',').map(Number);
        let at = 0;
        return gaps.filter((_, n) => n % 2 === 0).map((gap) => (at += gap) / 1000);
    }""")
    assert len(starts) > 3
    for key, hit in (("n", 0), ("n", 1), ("n", 2), ("p", 1)):
        press(page, key)
        page.wait_for_function(
            "(start) => Math.abs(document.querySelector('video').currentTime - start) < 0.1", arg=starts[hit]
        )
    expect(page.locator("#player-message")).to_have_text(f"Match 2 of {len(starts)}")
    expect(page.locator("a.hit[aria-current]").first).to_have_attribute("data-start-ms", str(round(starts[1] * 1000)))


def test_keys_leave_fields_modifiers_and_dialogs_alone(film_page: Page) -> None:
    page = film_page
    page.locator("#find").fill("")
    page.locator("#find").press_sequentially("kl n")
    assert page.locator("#find").input_value() == "kl n"
    page.locator("#find").evaluate("field => field.blur()")
    press(page, "Control+l", "Alt+ArrowRight", "Shift+N", "?", "l", "k")
    expect(page.locator("#keys")).to_be_visible()
    press(page, "Escape")
    expect(page.locator("#keys")).to_be_hidden()
    assert time_of(page) == 0
    assert page.evaluate("() => document.querySelector('video').paused")


@pytest.mark.parametrize("player", ["youtube", "vimeo"])
def test_the_same_keys_control_players_of_other_sites(visit: Open, site: str, vimeo_site: str, player: str) -> None:
    is_vimeo = player == "vimeo"
    page = visit(
        "/video/vimeo:56015672?t=4" if is_vimeo else f"{LAMPS}&t=100", at=vimeo_site if is_vimeo else site
    ).page
    answer_with(page, VIMEO, "https://player.vimeo.com/**")
    answer_with(page, YOUTUBE, "https://www.youtube-nocookie.com/**")
    press(page, " ")
    page.evaluate(NEXT_FRAMES)
    assert page.locator("iframe").count() == 0  # only the play button and its key load it
    press(page, "k")
    frame = player_frame(page)
    page.wait_for_function("() => /^1:40|^0:0[04]/.test(document.getElementById('clock').textContent)")
    frame.evaluate("() => { state.currentTime = 20; }")
    expect(page.locator("#clock")).to_have_text("0:20")
    press(page, " ")
    wait_in(frame, "() => state.playerState === 2")
    press(page, "ArrowRight", "l", "]")
    wait_in(frame, "() => Math.abs(state.currentTime - 35) < 0.1 && state.playbackRate === 1.25")
    expect(page.locator("#player-message")).to_have_text("Speed 1.25×")
    assert frame.evaluate("() => state.playerState") == 2
    press(page, "k")
    wait_in(frame, "() => state.playerState === 1")
    expect(page.locator(".player-note")).to_have_count(0)


def test_all_hits_are_played_one_after_the_other(visit: Open) -> None:
    page = visit(LAMPS).page
    answer_with(page, YOUTUBE, "https://www.youtube-nocookie.com/**")
    page.locator("#play-all").click()
    frame = player_frame(page)
    status = page.locator("#play-all-status")
    for number in (1, 2, 3):
        expect(status).to_have_text(f"Playing {number} of 10")
        wait_in(frame, "(at) => Math.abs(state.currentTime - at) < 1.5", arg=8 + 24 * (number - 1))
        frame.evaluate("() => { state.currentTime += 5; }")
    expect(status).to_have_text("Playing 4 of 10")
    press(page, "Escape")
    expect(status).to_have_text("Stopped")
    wait_in(frame, "() => state.playerState === 2")
    expect(page.locator("#play-all")).to_have_text("Play all")


def test_a_player_that_does_not_load_says_so_and_the_transcript_moves_without_it(visit: Open) -> None:
    opened = visit("/articles")
    page = opened.page
    page.clock.install(time=0)
    opened.go(f"{LAMPS}&t=80")
    page.clock.pause_at(60)
    page.locator("a.poster").click()
    page.locator("iframe").wait_for()
    page.clock.run_for(4_000)
    assert page.locator(".player-note").count() == 0
    page.clock.run_for(1_500)
    expect(page.locator(".player-note")).to_contain_text("The player of www.youtube-nocookie.com has not loaded.")
    page.clock.run_for(5_000)
    expect(page.locator("#clock")).to_have_text(re.compile("1:2[4-6]"))
    link = page.locator(".player-note a")
    expect(link).to_have_text(re.compile(r"Watch on youtube\.com from 1:2[4-6]"))
    assert re.search(r"v=lamps000003&t=8[4-6]s$", str(link.get_attribute("href")))
    page.locator("a.hit").nth(1).click()
    expect(page.locator("#clock")).to_have_text(re.compile("0:5[5-7]"))
    press(page, "k")
    paused = page.locator("#clock").inner_text()
    page.clock.run_for(3_000)
    expect(page.locator("#clock")).to_have_text(paused)
    answer_with(page, YOUTUBE, "https://www.youtube-nocookie.com/**")
    page.get_by_role("button", name="Try again").click()
    frame = player_frame(page)
    page.clock.resume()
    wait_in(frame, "() => Math.abs(state.currentTime - 56) < 2")
    expect(page.locator(".player-note")).to_have_count(0)


def test_a_video_that_its_owner_does_not_share_says_so(visit: Open) -> None:
    page = visit(f"{LAMPS}&t=80").page
    answer_with(page, YOUTUBE, "https://www.youtube-nocookie.com/**")
    page.locator("a.poster").click()
    player_frame(page).evaluate("() => fail(150)")
    expect(page.locator(".player-note")).to_contain_text("does not allow it to be played on other sites")


def test_the_whole_list_of_hits_unfolds_in_place(visit: Open) -> None:
    page = visit(f"{LAMPS}&t=80").page
    assert page.locator("a.hit").count() == 5
    page.evaluate("() => { window.isSamePage = true; }")
    page.locator("#show-all").click()
    expect(page.locator("a.hit")).to_have_count(10)
    assert page.evaluate("() => window.isSamePage && document.activeElement.matches('a.hit')")
    assert page.locator("#show-all").count() == 0
