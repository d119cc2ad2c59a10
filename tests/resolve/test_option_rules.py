"""Which options of yt-dlp may be passed on, tested against its own parser."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

import pytest

from vidindex.errors import OptionError
from vidindex.resolve import ResolveOptions, VideoResolver
from vidindex.resolve.option_rules import ALLOWED_OPTIONS, REDUNDANT_OPTIONS, REFUSED_OPTIONS, make_argument
from vidindex.resolve.options import build_ydl_params


def params(*extra: str) -> dict[str, Any]:
    return build_ydl_params(ResolveOptions(extra=extra), None)


def parser_options() -> list[Any]:
    from yt_dlp.options import create_parser

    parser = create_parser()
    groups = [parser, *parser.option_groups]
    return [option for group in groups for option in group.option_list if option.get_opt_string().startswith("--")]


def test_every_option_of_yt_dlp_is_allowed_or_refused_on_purpose() -> None:
    names = {option.get_opt_string().removeprefix("--") for option in parser_options()}
    rules = [*ALLOWED_OPTIONS, *REDUNDANT_OPTIONS, *REFUSED_OPTIONS]
    assert names - set(rules) == set()
    assert len(rules) == len(set(rules))


@pytest.mark.parametrize(
    "pair",
    [
        "exec=touch x", "exec=pre_process:touch x", "exec-before-download=touch x", "use-postprocessor=Exec:exec_cmd=x",
        "downloader=curl", "external-downloader=/bin/sh", "downloader-args=curl:-o x", "external-downloader-args=-o x",
        "ppa=ffmpeg:-y", "ffmpeg-location=/bin", "netrc-cmd=touch x", "config-locations=/tmp/x", "plugin-dirs=/tmp",
        "load-info-json=x.json", "batch-file=/etc/passwd", "print-to-file=title x", "print=title", "output=/etc/x",
        "paths=/etc", "write-info-json", "write-srt=", "write-thumbnail", "write-link", "download-archive=x",
        "cache-dir=/tmp", "rm-cache-dir", "update", "update-to=nightly", "alias=x --exec", "preset-alias=mp3",
        "enable-file-urls", "remote-components=ejs:npm", "load-pages", "write-pages", "cookies-from-browser",
        "compat-options=allow-unsafe-ext", "verbose", "print-traffic", "parse-metadata=title:x", "xattr",
        "hls-prefer-ffmpeg", "wait-for-video=60", "impersonate=chrome", "client-certificate=x.pem", "help", "version",
        "sponsorblock-api=http://127.0.0.1", "bidi-workaround", "check-formats", "keep-fragments", "fixup=force",
        "js-runtimes=node:/tmp/x", "js-runtimes=deno:x", "js-runtimes=bun", "js-runtimes=quickjs", "js-runtimes=",
        "match-filters=-", "break-match-filters= -", "format=-",
    ],
)  # fmt: skip
def test_an_option_that_could_do_more_than_read_is_refused(pair: str, capfd: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(OptionError):
        params(pair)
    assert capfd.readouterr() == ("", "")


def test_the_error_names_the_option_and_the_reason() -> None:
    with pytest.raises(OptionError, match=r"--exec of yt-dlp is refused, because it runs programs .* remove"):
        params("exec=touch x")
    with pytest.raises(OptionError, match="the option --ap-password needs a value"):
        params("ap-password")


def test_the_error_shows_no_password() -> None:
    with pytest.raises(OptionError, match=r"--password --age-limit: .*invalid integer") as caught:
        params("username=me", "password=hunter2", "age-limit=old")
    assert "hunter2" not in str(caught.value)


@pytest.mark.parametrize("name", ["exec-before", "use-post", "downloader-a", "netrc-c", "--exec-b", "config-loc"])
def test_an_abbreviation_is_refused_like_the_option(name: str) -> None:
    with pytest.raises(OptionError, match="of yt-dlp is refused"):
        params(f"{name}=x")


def test_an_abbreviation_of_an_allowed_option_is_accepted() -> None:
    assert params("age-lim=12")["age_limit"] == 12


@pytest.mark.parametrize(
    "extra",
    [
        ("no-check-certificates=--exec=touch x",),
        ("netrc=--exec=touch x",),
        ("no-playlist=--exec=touch x",),
        ("format", "exec=touch x"),
        ("format=", "--exec=touch x"),
        ("-f=b",),
        ("--no-playlist --exec=touch x",),
        ("no-playlist\n--exec=touch x",),
        ("----exec=touch x",),
        ("EXEC=touch x",),
        ("-exec=touch x",),
        (" exec=touch x",),
        ("--",),
        ("https://example.org/",),
    ],
)
def test_no_option_can_be_smuggled_in(extra: tuple[str, ...]) -> None:
    with pytest.raises(OptionError):
        params(*extra)


def test_a_value_that_looks_like_an_option_stays_a_value() -> None:
    changed = params("video-password=--exec=touch x")
    assert changed["videopassword"] == "--exec=touch x"
    assert changed["postprocessors"] == []


def test_options_for_reading_reach_yt_dlp() -> None:
    changed = params(
        "extractor-args=youtube:player_client=web", "geo-bypass-country=DE", "username=me", "password=x",
        "video-password=--secret", "source-address=127.0.0.2", "legacy-server-connect",
        "no-check-certificates", "add-headers=X-Kettle:on", "sleep-requests=1.5", "retries=7", "extractor-retries=5",
        "format=ba", "match-filters=duration>60", "playlist-items=1:3", "ap-mso=Rogers", "ap-username=a",
        "ap-password=b", "js-runtimes=node", "referer=https://example.org/", "socket-timeout=9",
    )  # fmt: skip
    assert changed["extractor_args"] == {"youtube": {"player_client": ["web"]}}
    assert (changed["username"], changed["password"]) == ("me", "x")
    assert params("netrc", "netrc-location=/home/me")["usenetrc"] is True
    assert changed["videopassword"] == "--secret"
    assert changed["source_address"] == "127.0.0.2"
    assert (changed["legacyserverconnect"], changed["nocheckcertificate"]) == (True, True)
    assert changed["http_headers"] == {"x-kettle": "on", "Referer": "https://example.org/"}
    assert (changed["sleep_interval_requests"], changed["retries"], changed["extractor_retries"]) == (1.5, 7, 5)
    assert (changed["format"], changed["playlist_items"], changed["ap_mso"]) == ("ba", "1:3", "Rogers")
    assert changed["geo_bypass_country"] == "DE"
    assert changed["js_runtimes"] == {"deno": {"path": None}, "node": {"path": None}}
    assert callable(changed["match_filter"])


@pytest.mark.parametrize("pair", ["no-playlist", "no-exec", "quiet", "write-subs", "skip-download", "no-warnings"])
def test_an_option_that_changes_nothing_is_accepted_and_not_passed_on(pair: str) -> None:
    assert make_argument(pair) == ""


def test_a_refused_option_is_reported_before_any_request() -> None:
    with pytest.raises(OptionError, match="refused"):
        VideoResolver(ResolveOptions(extra=("exec=touch x",)))


def test_the_configuration_files_of_yt_dlp_are_not_read(
    site: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    config = tmp_path / "config" / "yt-dlp"
    config.mkdir(parents=True)
    (tmp_path / "here").mkdir()
    for file in (config / "config", tmp_path / ".yt-dlp.conf", tmp_path / "here" / "yt-dlp.conf"):
        file.write_text(f"--exec 'pre_process:touch {tmp_path / 'mark'}'\n--add-headers 'X-Config:read'\n")
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "config"))
    monkeypatch.chdir(tmp_path / "here")

    with VideoResolver(ResolveOptions(retries=0, extra=("age-limit=12",))) as resolver:
        resolver.resolve(site.put("/k.mp4", bytes(600), "video/mp4"))

    assert not (tmp_path / "mark").exists()
    assert not any("X-Config" in headers for _, headers in site.asked)


def test_a_media_file_is_not_tested_by_a_program_or_written_to_the_working_folder(
    site: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A format that an extractor marks as untested makes yt-dlp download a part of it."""
    monkeypatch.chdir(tmp_path)
    formats = [{"format_id": "a", "url": site.url("/a.mp4"), "ext": "mp4", "__needs_testing": True}]
    info = {"id": "1", "title": "t", "extractor": "kettle", "extractor_key": "Kettle", "formats": formats}
    with VideoResolver(ResolveOptions(retries=0)) as resolver, resolver._operation(site.base, "", None) as client:
        client.process_ie_result(info, download=False)
    assert site.asked == []
    assert list(tmp_path.iterdir()) == []


def test_the_parser_is_imported_only_for_options() -> None:
    import subprocess

    code = "import sys, vidindex.resolve; vidindex.resolve.VideoResolver(); sys.exit('yt_dlp' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], timeout=60, check=False).returncode == 0
