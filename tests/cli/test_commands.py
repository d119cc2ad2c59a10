"""Each command in a separate process, on the samples and on unusual input."""

from __future__ import annotations

import json
import re
import shutil
from pathlib import Path

import pytest

from tests.cli.conftest import SAMPLES, Run
from tests.conftest import Write
from tests.processes import HANG_S

COMMANDS = [
    "add",
    "search",
    "quotes",
    "show",
    "export",
    "embeds",
    "attach",
    "list",
    "stats",
    "remove",
    "rebuild",
    "doctor",
]
VALE = SAMPLES / "pages" / "vale-on-the-late-desk.html"


def sample_quotes() -> list[tuple[float, str, str]]:
    rows = (line.split("\t") for line in (SAMPLES / "quotes.txt").read_text(encoding="utf-8").splitlines())
    return [(float(row[0]), row[1], row[2]) for row in rows if not row[0].startswith("#")]


@pytest.mark.parametrize("command", COMMANDS)
def test_every_command_explains_itself_with_an_example_or_its_options(run: Run, command: str) -> None:
    said = run(command, "--help")
    assert said.returncode == 0
    assert said.stdout.startswith("Usage: ")
    assert "--index" in said.stdout


def test_help_lists_every_command(run_process: Run) -> None:
    said = run_process("--help").stdout
    assert [name for name in COMMANDS if f"\n  {name} " not in said] == []


@pytest.mark.parametrize(("second", "media", "quote"), sample_quotes())
def test_each_sample_quote_is_found_at_its_second(
    run: Run, sample_index: Path, second: float, media: str, quote: str
) -> None:
    said = run("--index", sample_index, "search", "--json", "--limit", "1", quote)
    assert said.returncode == 0, said.stderr
    hit = json.loads(said.stdout)
    assert abs(hit["start_ms"] / 1000 - second) < 1.5
    assert Path(media).stem[:8].lower() in (hit["video_url"] + hit["title"]).lower()


def test_json_has_the_promised_fields(run: Run, sample_index: Path) -> None:
    said = run("--index", sample_index, "search", "--json", "nothing left to sing with")
    hit = json.loads(said.stdout.splitlines()[0])
    promised = {
        "video_id", "video_url", "title", "label", "kind", "start_ms", "end_ms", "text", "before", "after",
        "match", "score", "url", "articles",
    }  # fmt: skip
    assert promised <= set(hit)
    assert (hit["kind"], hit["match"], hit["score"]) == ("interview", "exact", 1.0)
    assert hit["articles"][0]["url"] == VALE.as_uri()
    assert hit["url"].endswith("#t=12")


def test_a_hit_is_shown_with_its_details(run: Run, sample_index: Path) -> None:
    said = run("--index", sample_index, "search", "nothing left to sing with").stdout
    for part in (
        "interview",
        "INTERVIEWS MARCUS VALE",
        "0:12–",
        "«nothing left to sing with.»",
        "#t=12",
        VALE.as_uri(),
    ):
        assert part in said
    assert "\x1b" not in said


def test_colors_are_forced_and_forbidden_by_the_environment(run_process: Run, sample_index: Path) -> None:
    words = ("--index", sample_index, "search", "nothing left to sing with")
    assert "\x1b[1m" in run_process(*words, FORCE_COLOR="1").stdout
    assert "\x1b" not in run_process(*words, FORCE_COLOR="1", NO_COLOR="1").stdout


def test_nothing_found_exits_with_1_and_errors_with_2(run_process: Run, sample_index: Path) -> None:
    assert run_process("--index", sample_index, "search", "elephants ride purple bicycles on the moon").returncode == 1
    assert run_process("--index", sample_index, "show", "no-such-video").returncode == 2
    missing = run_process("search", "anything")
    assert (missing.returncode, missing.stdout) == (2, "")
    assert "vidindex add TARGET" in missing.stderr


def test_a_folder_of_samples_is_listed(run: Run, sample_index: Path) -> None:
    videos = [json.loads(line) for line in run("--index", sample_index, "list", "videos", "--json").stdout.splitlines()]
    assert len(videos) == 6
    assert {video["kind"] for video in videos} >= {"interview", "performance", "speech", "press conference"}
    assert len(run("--index", sample_index, "list", "articles").stdout.splitlines()) == 4
    assert "mtv" in run("--index", sample_index, "list", "dead").stdout


def test_export_writes_captions_in_capitals_in_sentence_case_or_as_they_are(run: Run, write: Write) -> None:
    run("add", write("talk.en.vtt", "GOOD EVENING. WELCOME TO THE SHOW TONIGHT."))
    assert "Good evening." in run("export", "talk", "--format", "txt").stdout
    assert "GOOD EVENING." in run("export", "talk", "--format", "txt", "--raw-case").stdout


def test_show_gives_the_transcript_around_a_time(run: Run, sample_index: Path) -> None:
    whole = run("--index", sample_index, "show", "vale-interview").stdout
    assert "DANA REYES INTERVIEWS MARCUS VALE" in whole
    assert "I sang one verse" in whole
    around = run("--index", sample_index, "show", "vale-interview", "--at", "1:12").stdout
    assert "the stage is yours" in around
    assert "I sang one verse" not in around
    assert run("--index", sample_index, "show", "vale-interview", "--at", "soon").returncode == 2
    beyond = run("--index", sample_index, "show", "vale-interview", "--at", "1:00:00")
    assert (beyond.returncode, beyond.stderr) == (1, "no words around 1:00:00\n")


def test_embeds_shows_the_embeds_that_add_would_index(run: Run, tmp_path: Path) -> None:
    said = run("embeds", "--json", VALE)
    found = [json.loads(line) for line in said.stdout.splitlines()]
    assert [embed["kind"] for embed in found] == ["embed", "embed"]
    assert found[0]["label"] == "DANA REYES INTERVIEWS MARCUS VALE"
    assert not (tmp_path / "index").exists()
    assert run("embeds", SAMPLES / "pages" / "nobody-owes-you-an-encore.html").returncode == 1


@pytest.mark.parametrize("options", [(), ("--quiet",), ("--verbose",)])
def test_add_ends_with_a_summary_and_prints_a_failure_once(run: Run, write: Write, options: tuple[str, ...]) -> None:
    verbose = [option for option in options if option == "--verbose"]
    quiet = [option for option in options if option == "--quiet"]
    said = run(*verbose, "add", *quiet, write("talk.en.vtt", "Good evening."), "no/such/file.vtt")
    assert said.returncode == 1
    assert "1 video added, 1 failure" in said.stdout
    assert (said.stdout + said.stderr).count("no/such/file.vtt: there is no such file") == 1
    assert run("add", "no/such/file.vtt").returncode == 2


def test_escape_sequences_in_titles_and_captions_never_reach_the_terminal(
    run: Run, write: Write, tmp_path: Path
) -> None:
    write("dl/x.en.vtt", "good \x1b[31mevening\x1b]0;owned\x07 to \x9b2Jall")
    about = {"id": "1", "extractor": "site", "webpage_url": "https://example.org/\x1b[0m", "title": "a \x1b[2Jtitle"}
    (tmp_path / "dl" / "x.info.json").write_text(json.dumps(about), encoding="utf-8")
    outputs = [
        run("add", tmp_path / "dl"),
        run("search", "good evening"),
        run("search", "--json", "good"),
        run("search", "--csv", "good"),
        run("search", "--srt", "good"),
        run("show", "site:1"),
        run("list", "videos"),
        run("remove", "\x1b[31mred"),
    ]
    for said in outputs:
        assert "\x1b" not in said.stdout + said.stderr
        assert "\x9b" not in said.stdout + said.stderr


def test_stats_remove_and_rebuild(run: Run, write: Write) -> None:
    run("add", write("a.en.vtt", "The captain said so."), write("b.en.vtt", "Nobody else did."))
    assert json.loads(run("stats", "--json").stdout)["videos"] == 2
    assert run("remove", "a").stdout == "removed file:a\n"  # the id of the removed video, however it was named
    assert run("rebuild", "--engine", "none-such").stderr.endswith("not one of 'auto', 'tantivy', 'whoosh'\n")
    assert run("search", "the captain said so").returncode == 1
    assert run("rebuild", "--engine", "whoosh").returncode == 0
    assert json.loads(run("stats", "--json").stdout)["engine"] == "whoosh"
    assert run("search", "nobody else did").returncode == 0


def test_doctor_reports_on_all_dependencies(run: Run, write: Write) -> None:
    run("add", write("a.en.vtt", "The captain said so."))
    said = run("doctor", "--json")
    findings = json.loads(said.stdout)
    assert {"vidindex", "yt-dlp", "JavaScript", "tantivy", "whoosh", "index"} <= set(findings)
    assert findings["index"]["state"] == "ok"
    assert said.returncode == 0


def test_export_writes_captions_that_can_be_read_again(run: Run, sample_index: Path, tmp_path: Path) -> None:
    said = run("--index", sample_index, "export", "vale-interview", "--format", "srt", "-o", "out.srt")
    assert said.returncode == 0, said.stderr
    assert run("add", tmp_path / "out.srt").returncode == 0
    assert run("search", "nothing left to sing with").returncode == 0
    assert run("--index", sample_index, "export", "vale-interview", "-o", "no/such/folder.vtt").returncode == 2


def test_output_in_an_encoding_without_some_characters_is_escaped(run_process: Run, sample_index: Path) -> None:
    said = run_process("--index", sample_index, "list", "articles", PYTHONIOENCODING="latin-1")
    assert (said.returncode, said.stderr) == (0, "")
    assert r"\u201cNight Train Home\u201d" in said.stdout


def test_closed_streams_are_empty(sample_index: Path) -> None:
    import subprocess
    import sys

    command = f"{sys.executable} -m vidindex --index '{sample_index}'"
    said = subprocess.run(
        ["sh", "-c", f"{command} search never unpacked >&-; echo $?; {command} verify - <&-; echo $?"],
        capture_output=True,
        text=True,
        check=False,
        timeout=HANG_S,
    )
    assert (said.stdout.split()[0], said.stdout.split()[-1]) == ("0", "1")
    assert "Traceback" not in said.stderr


def test_a_closed_pipe_is_not_an_error(run: Run, sample_index: Path) -> None:
    import subprocess
    import sys

    command = f"{sys.executable} -m vidindex --index '{sample_index}' show vale-interview | head -1"
    said = subprocess.run(
        ["sh", "-c", command], capture_output=True, text=True, check=False, cwd=SAMPLES.parent, timeout=HANG_S
    )
    assert (said.returncode, said.stderr) == (0, "")


@pytest.mark.parametrize(
    ("command", "option"),
    [
        (["add", "http://127.0.0.1:9/talk.mp4"], "--yt-dlp-option=impersonate=chrome"),
        (["batch", "links.txt"], "--yt-dlp-option=impersonate=chrome"),
        (["refresh"], "--yt-dlp-option=sub-langs=de"),
        (["transcribe", "http://127.0.0.1:9/talk.mp4"], "--yt-dlp-option=sleep-subtitles=5"),
        (["batch", "links.txt"], "--yt-dlp-option=username=me"),
        (["batch", "links.txt"], "--allow-host=127.0.0.1"),
        (["batch", "links.txt"], "--cookies=missing.txt"),
    ],
)
def test_a_wrong_option_is_one_error_before_anything_is_done(
    command: list[str], option: str, run: Run, tmp_path: Path
) -> None:
    (tmp_path / "links.txt").write_text("http://127.0.0.1:9/talk.mp4\n")
    said = run(*command, option)
    assert said.returncode == 2
    assert said.stderr.startswith("error: ")
    assert said.stderr.count("\n") == 1
    assert not (tmp_path / "index").exists()


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (["search", ""], "enter the words to search for"),
        (["trend", " ", ""], "enter the words to search for"),
        (["search", "--limit", "x", "talk"], "'x' is not a valid integer"),
        (["transcript", "talk.vtt", "-o", "no/such.vtt"], "cannot write no/such.vtt: no such file or directory"),
        (["embeds", ""], "cannot read “”: there is no such file: the name is empty"),
    ],
)
def test_an_error_ends_with_2_and_says_what_is_wrong(
    words: list[str], message: str, run: Run, write: Write, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(write("talk.vtt", "WEBVTT\n\n00:01.000 --> 00:02.000\na talk\n").parent)
    said = run(*words)
    assert said.returncode == 2
    assert said.stderr.splitlines()[-1].endswith(message)


def test_quiet_failures_have_the_words_of_others_and_go_to_standard_error(run: Run) -> None:
    said = run("add", "--quiet", "http://127.0.0.1:1/talk", "nothing.vtt")
    assert said.stdout == "0 videos added, 2 failures\n"
    assert "  will retry  http://127.0.0.1:1/talk: " in said.stderr
    assert "  failed  nothing.vtt: there is no such file" in said.stderr


PAGE = SAMPLES / "pages" / "vale-on-the-late-desk.html"
PRINTED_AS_JSON: dict[str, list[str | Path]] = {
    "add": ["add", "https://"],
    "search --by video": ["search", "suitcase", "--by", "video"],
    "show": ["show", "vale-interview"],
    "embeds": ["embeds", PAGE],
    "list articles": ["list", "articles"],
    "list videos": ["list", "videos"],
    "list speakers": ["list", "speakers"],
    "list dead": ["list", "dead"],
    "list failures": ["list", "failures"],
    "stats": ["stats"],
    "status": ["status"],
}


def test_the_fields_of_json_are_those_that_are_documented(run: Run, sample_index: Path, tmp_path: Path) -> None:
    page = (SAMPLES.parent / "docs" / "cli.md").read_text(encoding="utf-8").partition("## JSON output")[2]
    rows = re.findall(r"^\| `([^`]+)`.* \| (?:an object|a line per \w+) \| (.+) \|$", page, re.MULTILINE)
    described = {name: re.findall(r"`(\w+)`", re.sub(r"\([^)]*\)", "", fields)) for name, fields in rows}
    assert described.keys() - {"doctor"} == PRINTED_AS_JSON.keys()
    copy = shutil.copytree(sample_index, tmp_path / "index")
    for name, words in PRINTED_AS_JSON.items():
        printed = run("--index", copy, *words, "--json").stdout.splitlines()
        assert list(json.loads(printed[0])) == described[name], name
