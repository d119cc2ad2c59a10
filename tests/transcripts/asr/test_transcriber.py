"""From a link to a video without captions to a hit in its recognized speech."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pytest

import vidindex
from tests.loopback import Answer, Site
from tests.opensearch.conftest import Address, discard, needs_cluster
from tests.processes import HANG_S, ROOT, start_process, wait_until
from tests.transcripts.asr.conftest import Say, encode
from vidindex import AsrOptions, Progress

SENTENCE = "I had been working so long that I never took the time off."
OTHER = "The bridge was closed because of the storm."
CAPTIONS = "WEBVTT\n\n00:00.000 --> 00:04.000\nwords that somebody wrote by hand\n"


def page(site: Site, talk: Path, *, captions: str = "") -> str:
    """Serve an article that embeds *talk*."""
    site.put("/talk.wav", talk.read_bytes(), "audio/wav")
    track = ""
    if captions:
        site.put("/talk.vtt", captions, "text/vtt")
        track = "<track kind=captions srclang=en src=talk.vtt>"
    return site.put("/article", f"<title>A talk</title><h1>A talk</h1><video src=talk.wav>{track}</video>")


def command(tmp_path: Path, *words: str | Path, code: str = "") -> list[str]:
    """Return the command that runs the command line with *words*, after *code*."""
    program = f"import sys\n{code}\nsys.argv[0] = 'vidindex'\nfrom vidindex.cli.main import main\nmain()"
    return [sys.executable, "-c", program, "--index", str(tmp_path / "index"), *map(str, words)]


def environment(tmp_path: Path) -> dict[str, str]:
    temporary = tmp_path / "temporary"
    temporary.mkdir(exist_ok=True)
    return {"PYTHONPATH": str(ROOT), "TMPDIR": str(temporary), "HF_HOME": str(tmp_path / "models")}


def run(tmp_path: Path, *words: str | Path, code: str = "", **more: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        command(tmp_path, *words, code=code),
        capture_output=True,
        text=True,
        env={**os.environ, **environment(tmp_path), **more},
        timeout=HANG_S,
        check=False,
    )


def test_a_quote_is_found_in_a_video_without_captions(site: Site, say: Say, asr: AsrOptions, tmp_path: Path) -> None:
    article = page(site, say("talk.wav", 4.0, OTHER, 2.0, SENTENCE))
    added = run(tmp_path, "add", "--asr", "--model", asr.model, article)
    assert (added.returncode, added.stdout.splitlines()[0]) == (
        0,
        "1 article, 1 embed found, 1 video added",
    )
    found = run(tmp_path, "search", "--json", "the bridge was closed")
    hit = json.loads(found.stdout)
    assert (hit["origin"], hit["language"], hit["match"]) == ("asr", "en", "exact")
    assert abs(hit["start_ms"] - 4000) < 500
    assert hit["articles"][0]["url"] == article
    assert "speech recognition" in run(tmp_path, "search", "the bridge was closed").stdout
    assert not list((tmp_path / "temporary").iterdir())


def test_recognition_sends_no_telemetry(asr: AsrOptions, say: Say, tmp_path: Path) -> None:
    # Telemetry would leave the id of its session among the temporary files.
    print_setting = "import atexit, os\natexit.register(lambda: print(os.environ.get('ORT_DISABLE_TELEMETRY')))"
    done = run(tmp_path, "transcribe", "-q", "--model", asr.model, say("talk.wav", SENTENCE), code=print_setting)
    assert done.stdout.splitlines()[-1] == "1"
    assert not list((tmp_path / "temporary").iterdir())


def test_a_video_in_the_index_is_transcribed_once(
    site: Site, say: Say, asr: AsrOptions, opened: vidindex.Index, temporary: Path
) -> None:
    opened.add(page(site, say("talk.wav", SENTENCE)))
    (video,) = opened.videos()
    report = opened.transcribe(video.id, asr=asr)
    assert (report.videos, report.without_captions, report.failures) == ((video.id,), (), ())
    assert [(track.origin, track.language) for track in opened.tracks(video.id)] == [("asr", "en")]
    requests = len(site.asked)
    again = opened.transcribe(video.url, asr=asr)
    assert (again.videos, again.unchanged) == ((), (video.id,))
    assert len(site.asked) == requests
    assert not list(temporary.iterdir())


def test_a_rebuild_keeps_the_recognized_speech(say: Say, asr: AsrOptions, opened: vidindex.Index) -> None:
    opened.transcribe(say("talk.wav", SENTENCE), asr=asr)
    (video,) = opened.videos()
    before = opened.transcript(video.id)
    assert opened.rebuild() == []
    assert opened.transcript(video.id) == before
    assert opened.search("never took the time off")[0].origin == "asr"


@pytest.mark.parametrize("suffix", ["flac", "opus", "aac"])
def test_a_recording_of_any_format_is_a_target(say: Say, asr: AsrOptions, opened: vidindex.Index, suffix: str) -> None:
    talk = say("talk.wav", SENTENCE)
    path = talk.with_suffix(f".{suffix}")
    encode(talk, path, {"opus": "libopus"}.get(suffix, suffix))
    report = opened.transcribe(path, asr=asr)
    assert (len(report.videos), report.failures) == (1, ())


def test_a_video_with_manual_captions_is_transcribed_only_if_forced(
    site: Site, say: Say, asr: AsrOptions, opened: vidindex.Index
) -> None:
    article = page(site, say("talk.wav", SENTENCE), captions=CAPTIONS)
    steps: list[Progress] = []
    report = opened.transcribe(article, asr=asr, notify=steps.append)
    (video,) = opened.videos()
    assert (report.unchanged, report.failures) == ((video.id,), ())
    assert "--force" in steps[-1].detail
    assert [track.origin for track in opened.tracks(video.id)] == ["manual"]
    assert opened.transcribe(video.id, asr=asr, force=True).videos == (video.id,)
    assert {track.origin for track in opened.tracks(video.id)} == {"manual", "asr"}
    assert "somebody" in opened.transcript(video.id).words


def test_adding_recognizes_no_speech_if_there_are_captions(
    site: Site, say: Say, asr: AsrOptions, opened: vidindex.Index
) -> None:
    opened.add(page(site, say("talk.wav", SENTENCE), captions=CAPTIONS), asr=asr)
    (video,) = opened.videos()
    assert [track.origin for track in opened.tracks(video.id)] == ["manual"]


def test_captions_that_could_not_be_fetched_are_not_replaced_by_recognition(
    site: Site, say: Say, asr: AsrOptions, opened: vidindex.Index
) -> None:
    article = page(site, say("talk.wav", SENTENCE), captions=CAPTIONS)
    site.say("/talk.vtt", 404, {})
    report = opened.add(article, asr=asr)
    (video,) = opened.videos()
    assert len(report.failures) == 1
    assert opened.tracks(video.id) == []


def test_a_video_without_speech_has_no_captions_and_is_not_a_failure(
    say: Say, asr: AsrOptions, opened: vidindex.Index
) -> None:
    report = opened.transcribe(say("silence.wav", 5.0), asr=asr)
    assert (len(report.without_captions), report.videos, report.failures) == (1, (), ())


def test_audio_that_is_too_large_is_a_failure_and_leaves_no_file(
    site: Site, say: Say, asr: AsrOptions, opened: vidindex.Index, temporary: Path
) -> None:
    talk = say("talk.wav", SENTENCE).read_bytes()
    # Without a `Content-Length` that could be checked first.
    steps = tuple(talk[at : at + 8192] for at in range(0, len(talk), 8192))
    site.pages["/talk.wav"] = Answer(headers={"Content-Type": "audio/wav", "Connection": "close"}, steps=steps)
    report = opened.transcribe(site.url("/talk.wav"), asr=replace(asr, max_audio_bytes=20_000))
    assert [failure.reason for failure in report.failures] == [
        "the audio is larger than 0 MB: raise the limit with --max-audio"
    ]
    assert not list(temporary.iterdir())


def test_audio_must_not_redirect_to_another_private_host(
    site: Site, say: Say, asr: AsrOptions, opened: vidindex.Index, temporary: Path
) -> None:
    opened.add(page(site, say("talk.wav", SENTENCE)))
    site.put("/secret.wav", say("secret.wav", OTHER).read_bytes(), "audio/wav")
    site.redirect("/talk.wav", site.url("/secret.wav").replace("127.0.0.1", "localhost"))
    (video,) = opened.videos()
    (failure,) = opened.transcribe(video.id, asr=asr).failures
    assert "localhost (127.0.0.1) is a private address" in failure.reason
    assert "/secret.wav" not in site.paths()
    assert not list(temporary.iterdir())


def test_one_video_that_fails_does_not_stop_the_next(
    site: Site, say: Say, asr: AsrOptions, opened: vidindex.Index
) -> None:
    gone = site.url("/gone.wav")
    report = opened.transcribe(gone, say("talk.wav", SENTENCE), asr=asr)
    assert [failure.target for failure in report.failures] == [gone]
    assert len(report.videos) == 1


def test_a_stopped_download_leaves_no_file(site: Site, say: Say, asr: AsrOptions, tmp_path: Path) -> None:
    talk = say("talk.wav", SENTENCE, 60.0).read_bytes()
    slow_steps = tuple(talk[at : at + 65_536] for at in range(0, len(talk), 65_536))
    site.pages["/talk.wav"] = Answer(headers={"Content-Type": "audio/wav"}, steps=slow_steps, pause_s=5.0)
    process = start_process(
        command(tmp_path, "transcribe", "--model", asr.model, site.url("/talk.wav")),
        environment=environment(tmp_path),
    )
    files = tmp_path / "temporary"
    try:
        wait_until(lambda: any(path.is_file() for path in files.rglob("*")), process=process)
        process.send_signal(signal.SIGINT)
        _, errors = process.communicate(timeout=HANG_S)
    finally:
        process.kill()
        process.wait()
    assert process.returncode == 130
    assert "run the same command again to continue" in errors
    assert not list(files.iterdir())


@pytest.mark.parametrize("words", [("transcribe",), ("add", "--asr")])
def test_without_the_extra_the_error_names_it(tmp_path: Path, words: tuple[str, ...]) -> None:
    (tmp_path / "talk.wav").write_bytes(b"")
    blocked = "sys.modules['faster_whisper'] = None"
    done = run(tmp_path, *words, tmp_path / "talk.wav", code=blocked)
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr == "error: speech recognition is not installed: `pip install 'vidindex[asr]'`\n"


def test_adding_and_searching_need_no_extra(tmp_path: Path) -> None:
    (tmp_path / "talk.en.vtt").write_text(CAPTIONS, encoding="utf-8")
    blocked = "sys.modules['faster_whisper'] = sys.modules['av'] = sys.modules['numpy'] = None"
    assert run(tmp_path, "add", tmp_path / "talk.en.vtt", code=blocked).returncode == 0
    assert run(tmp_path, "search", "somebody wrote", code=blocked).returncode == 0


def test_a_download_of_a_model_is_announced_and_its_failure_reported(model: Path, say: Say, tmp_path: Path) -> None:
    done = run(tmp_path, "transcribe", "--model", "tiny", say("talk.wav", SENTENCE), HF_ENDPOINT="http://127.0.0.1:9")
    announced, error = done.stderr.splitlines()
    assert "downloading it from huggingface.co" in announced
    assert error.startswith("error: cannot use the model tiny: it is not on this machine and could not be downloaded")
    assert "give a folder" in error
    assert done.returncode == 2


def test_options_of_recognition_require_asr(tmp_path: Path) -> None:
    done = run(tmp_path, "add", "--model", "base", tmp_path / "talk.wav")
    assert done.returncode == 2
    assert "--model needs --asr" in done.stderr


@needs_cluster
def test_recognized_speech_is_found_on_an_opensearch_cluster(say: Say, asr: AsrOptions, address: Address) -> None:
    place = address()
    talk = say("talk.wav", 4.0, OTHER, 2.0, SENTENCE)
    with vidindex.open(place) as index:
        report = index.transcribe(talk, asr=asr)
        assert len(report.videos) == 1
        (hit,) = index.search("the bridge was closed")
        assert (hit.origin, hit.match) == ("asr", "exact")
        assert abs(hit.start_ms - 4000) < 500
        assert index.transcribe(talk, asr=asr).unchanged == report.videos
    discard(place)
