"""`vidindex verify`, and `vidindex quotes` as its short form for articles."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

import vidindex
from tests.cli.conftest import SAMPLES, Run
from tests.loopback import Site, site
from vidindex.cli.main import vidindex as command_line
from vidindex.errors import RenderNotInstalledError, ScriptPageError, TargetError
from vidindex.pages.rendering import renderer

__all__ = ["site"]

VALE = SAMPLES / "pages" / "vale-on-the-late-desk.html"
SAID = "He would have asked me whether I finished the song"

Verify = Callable[..., Result]


@pytest.fixture
def call(sample_index: Path) -> Verify:
    """Run a command in this process, on the index of the samples."""

    def call_command(*words: str | Path, stdin: str = "", width: int = 80) -> Result:
        runner = CliRunner(env={"COLUMNS": str(width)})
        arguments = ["--index", str(sample_index), *map(str, words)]
        return runner.invoke(command_line, arguments, input=stdin, standalone_mode=False)

    return call_command


def lines(result: Result) -> list[dict[str, Any]]:
    return [json.loads(line) for line in result.stdout.splitlines()]


def test_each_quotation_of_an_article_has_a_verdict_a_time_and_a_link(call: Verify) -> None:
    said = call("verify", "--json", VALE)
    verdicts = lines(said)
    assert said.return_value == 0
    assert [each["verdict"] for each in verdicts[:2]] == ["verbatim", "verbatim"]
    assert [each["hit"]["start_ms"] // 1000 for each in verdicts] == [10, 54, 63]
    assert all("vale-interview.mp4#t=" in each["hit"]["url"] for each in verdicts)
    assert verdicts[0]["searched"]["scope"] == "article"


def test_quotes_is_the_same_for_an_article(call: Verify) -> None:
    assert call("quotes", "--json", VALE).stdout == call("verify", "--json", VALE).stdout
    assert call("quotes", VALE).stdout == call("verify", VALE).stdout


def test_the_json_has_what_was_noted_on_the_page_of_the_article(call: Verify, sample_index: Path) -> None:
    with vidindex.open(sample_index) as index:
        quote = index.quotes(str(VALE))[1].quotation.text
        saved = index.save_review(str(VALE), quote, done=True, note="heard it")
        noted = [each.get("review") for each in lines(call("verify", "--json", VALE))]
        index.save_review(str(VALE), quote, done=False, note="")
    assert [review and review["note"] for review in noted] == [None, saved.note, None]


def test_a_quote_is_given_with_its_speaker_and_its_video(call: Verify) -> None:
    (verdict,) = lines(call("verify", "--quote", SAID, "--who", "Vale", "--json"))
    assert (verdict["quote"], verdict["who"], verdict["verdict"]) == (SAID, "Vale", "verbatim")
    video = verdict["hit"]["video_id"]
    (verdict,) = lines(call("verify", "--quote", SAID, "--video", video, "--json"))
    assert verdict["searched"]["scope"] == "video"


def test_json_lines_go_in_and_come_out_in_order(call: Verify) -> None:
    claims = [{"quote": SAID, "id": "a"}, {"quote": "purple dinosaurs invented democracy", "id": "b", "who": "X"}]
    said = call("verify", "-", "--json", "--who", "Vale", stdin="\n".join(map(json.dumps, claims)))
    assert [(each["id"], each["verdict"], each["who"]) for each in lines(said)] == [
        ("a", "verbatim", "Vale"),
        ("b", "not_found", "X"),
    ]


def test_texts_are_read_from_files_and_from_standard_input(call: Verify, tmp_path: Path) -> None:
    draft = tmp_path / "draft.md"
    draft.write_text(f"He paused. “{SAID},” Vale *said*.\n", encoding="utf-8")
    assert lines(call("verify", draft, "--json"))[0]["verdict"] == "verbatim"
    assert lines(call("verify", "-", "--json", stdin=draft.read_text(encoding="utf-8")))[0]["who"] == "Vale"


def test_several_targets_and_quotes_are_checked_together(call: Verify, tmp_path: Path) -> None:
    draft = tmp_path / "draft.txt"
    draft.write_text(f"He paused. “{SAID},” Vale said.\n", encoding="utf-8")
    assert len(lines(call("verify", draft, VALE, "--quote", "no no", "--json"))) == 5


@pytest.mark.parametrize("width", [40, 60, 80, 120, 200])
def test_the_table_fits_the_terminal(call: Verify, width: int) -> None:
    shown = call("verify", VALE, width=width).stdout
    assert all(len(line) <= width for line in shown.splitlines() if "file:" not in line)
    assert "VERBATIM (2)" in shown
    assert "#t=54" in shown
    assert " ".join(shown.split()).count("word for word") == 2


def test_escape_sequences_are_removed(call: Verify) -> None:
    said = call("verify", "--quote", f"{SAID}\x1b[2J\u202e", "--who", "\x1b]0;title\x07")
    assert "\x1b" not in said.stdout
    assert "\u202e" not in said.stdout


@pytest.mark.parametrize(
    ("names", "code"),
    [("verbatim", 1), ("altered,spliced,contradicted", 0), ("not-found, verbatim", 1), ("not_found", 0)],
)
def test_the_exit_code_says_whether_a_verdict_is_among_those_to_fail_on(call: Verify, names: str, code: int) -> None:
    for form in ("--json", "--markdown"):
        assert call("verify", "--quote", SAID, "--fail-on", names, form).return_value == code


def test_without_fail_on_the_exit_code_says_whether_anything_was_found(call: Verify) -> None:
    assert call("verify", "--quote", SAID, "--quote", "zzz zzz zzz").return_value == 0
    assert call("verify", "--quote", "purple dinosaurs invented democracy").return_value == 1
    assert call("verify", "-", stdin="no quotes here").return_value == 1


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (["--quote", "a", "--fail-on", "altred"], "unknown verdict 'altred'"),
        (["--json"], "give a TARGET or a --quote"),
        (["--quote", "a", "--html", "no/such/report.html"], "cannot write"),
    ],
    ids=["name", "nothing", "file"],
)
def test_a_wrong_option_is_refused(call: Verify, words: list[str], message: str) -> None:
    result = call("verify", *words)
    assert result.exception
    assert message in str(getattr(result.exception, "message", result.exception))


def test_a_file_that_cannot_be_read_is_an_error(call: Verify, tmp_path: Path) -> None:
    scan = tmp_path / "scan.pdf"
    scan.write_bytes(b"%PDF-1.7")
    assert isinstance(call("verify", scan).exception, TargetError)


def test_reports_are_markdown_or_a_page_of_html(call: Verify, tmp_path: Path) -> None:
    report = tmp_path / "report.html"
    assert "## Verbatim (2)" in call("verify", "--markdown", VALE).stdout
    assert call("verify", "--html", report, VALE).return_value == 0
    page = report.read_text(encoding="utf-8")
    assert "<h3>Printed</h3>" in page
    assert re.search(r"vidindex [\d.]+ with (tantivy|whoosh), \d{4}-\d\d-\d\d", page)


def test_a_quote_in_another_clip_is_marked(call: Verify) -> None:
    (checked,) = lines(call("verify", "--json", SAMPLES / "pages" / "wren-castellane-backstage.html"))
    assert (checked["verdict"], checked["elsewhere"]) == ("verbatim", True)


def test_an_article_that_was_not_added_is_read_and_looked_up_everywhere(call: Verify, tmp_path: Path) -> None:
    page = tmp_path / "page.html"
    page.write_text(f"<html><title>x</title><p>He shrugged. “{SAID},” Vale said.</p></html>", encoding="utf-8")
    said = call("verify", page)
    assert said.return_value == 0
    assert "not in the index" in said.stderr


@pytest.mark.parametrize("command", ["verify", "quotes"])
def test_an_article_that_is_empty_without_its_scripts_is_rendered_if_that_is_wanted(
    command: str, call: Verify, site: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Here without the browser, which the tests of rendering start."""
    monkeypatch.setattr(renderer, "find_spec", lambda _name: None)
    page = site.put("/story", '<body><div id="root"></div><script src="/story.js"></script></body>')

    with pytest.raises(ScriptPageError, match="try --render"):
        raise_cause(call(command, page))
    with pytest.raises(RenderNotInstalledError):
        raise_cause(call(command, page, "--render"))


def raise_cause(result: Result) -> None:
    assert result.exception is not None
    raise result.exception


def test_the_program_exits_with_the_code_of_the_command(run: Run, sample_index: Path) -> None:
    said = run("--index", sample_index, "verify", "--quote", SAID, "--fail-on", "verbatim")
    assert said.returncode == 1
    assert "VERBATIM (1)" in said.stdout
