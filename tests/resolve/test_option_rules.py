"""Which options of yt-dlp may be passed on, tested against its own parser."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

import pytest

from tests.loopback import Answer
from tests.processes import HANG_S
from vidindex.errors import OptionError, ResolveError
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
        "match-filters=-", "match-filters= -", "extractor-args=generic:impersonate", "impersonate=firefox-135",
        "extractor-args=generic:impersonate=chrome", "extractor-args=generic:a=b; Impersonate = chrome:windows",
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
        "match-filters=duration>60", "ap-mso=Rogers", "ap-username=a",
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
    assert changed["ap_mso"] == "Rogers"
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
    assert subprocess.run([sys.executable, "-c", code], timeout=HANG_S, check=False).returncode == 0


# A value for each allowed option that is not its default, and the parameter of yt-dlp that it changes.
EFFECTS: dict[str, tuple[str, str]] = {
    "add-headers": ("X-Kettle:on", "http_headers"),
    "age-limit": ("12", "age_limit"),
    "allow-dynamic-mpd": ("", ""),
    "ap-mso": ("Rogers", "ap_mso"),
    "ap-password": ("p", "ap_password"),
    "ap-username": ("u", "ap_username"),
    "buffer-size": ("2K", "buffersize"),
    "cookies": ("", "cookiefile"),
    "cookies-from-browser": ("firefox", "cookiesfrombrowser"),
    "date": ("20200101", "daterange"),
    "dateafter": ("20200101", "daterange"),
    "datebefore": ("20200101", "daterange"),
    "extractor-args": ("youtube:lang=de", "extractor_args"),
    "extractor-retries": ("9", "extractor_retries"),
    "file-access-retries": ("9", "file_access_retries"),
    "force-generic-extractor": ("", "force_generic_extractor"),
    "force-ipv4": ("", "source_address"),
    "force-ipv6": ("", "source_address"),
    "fragment-retries": ("9", "fragment_retries"),
    "geo-bypass": ("", ""),
    "geo-bypass-country": ("DE", "geo_bypass_country"),
    "geo-bypass-ip-block": ("1.2.3.0/24", "geo_bypass_ip_block"),
    "geo-verification-proxy": ("http://1.2.3.4:80", "geo_verification_proxy"),
    "hls-split-discontinuity": ("", "hls_split_discontinuity"),
    "http-chunk-size": ("1M", "http_chunk_size"),
    "ignore-dynamic-mpd": ("", "dynamic_mpd"),
    "js-runtimes": ("node", "js_runtimes"),
    "legacy-server-connect": ("", "legacyserverconnect"),
    "limit-rate": ("1M", "ratelimit"),
    "match-filters": ("duration>60", "match_filter"),
    "match-title": ("tea", "matchtitle"),
    "max-views": ("7", "max_views"),
    "min-views": ("7", "min_views"),
    "netrc": ("", "usenetrc"),
    "netrc-location": ("/home/me", "netrc_location"),
    "no-check-certificates": ("", "nocheckcertificate"),
    "no-geo-bypass": ("", "geo_bypass"),
    "no-hls-split-discontinuity": ("", ""),
    "no-js-runtimes": ("", "js_runtimes"),
    "no-resize-buffer": ("", "noresizebuffer"),
    "password": ("p", "password"),
    "prefer-insecure": ("", "prefer_insecure"),
    "proxy": ("http://1.2.3.4:80", "proxy"),
    "referer": ("https://news.example/", "http_headers"),
    "reject-title": ("tea", "rejecttitle"),
    "resize-buffer": ("", ""),
    "retries": ("9", "retries"),
    "retry-sleep": ("5", "retry_sleep_functions"),
    "sleep-requests": ("2", "sleep_interval_requests"),
    "socket-timeout": ("9", "socket_timeout"),
    "source-address": ("127.0.0.2", "source_address"),
    "twofactor": ("123", "twofactor"),
    "use-extractors": ("youtube", "allowed_extractors"),
    "user-agent": ("kettle/1", "http_headers"),
    "username": ("u", "username"),
    "video-password": ("p", "videopassword"),
    "xff": ("DE", "geo_bypass_country"),
}
PARTNERS = {
    "username": "password=p",
    "password": "username=u",
    "ap-username": "ap-password=p",
    "ap-password": "ap-username=u",
}


def test_the_effect_of_every_allowed_option_is_known() -> None:
    assert set(EFFECTS) == ALLOWED_OPTIONS


@pytest.mark.parametrize("name", [name for name, (_, param) in EFFECTS.items() if param])
def test_an_allowed_option_changes_a_parameter_of_yt_dlp(
    name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("vidindex.resolve.options.usable_js_runtimes", lambda: {"deno": None})
    value, param = EFFECTS[name]
    if name == "cookies":
        (tmp_path / "jar.txt").write_text("# Netscape HTTP Cookie File\n")
        value = str(tmp_path / "jar.txt")
    pairs = [f"{name}={value}" if value else name, *filter(None, [PARTNERS.get(name)])]
    assert params(*pairs).get(param) != params().get(param)


@pytest.mark.parametrize("name", sorted(REFUSED_OPTIONS))
def test_a_refusal_is_one_sentence_with_the_next_step(name: str) -> None:
    """Every option without an effect here is refused, so that nobody waits for one."""
    options = {option.get_opt_string().removeprefix("--"): option for option in parser_options()}
    if name not in options:
        return  # only in another version of yt-dlp
    with pytest.raises(OptionError) as caught:
        make_argument(f"{name}=1" if options[name].takes_value() else name)
    assert f"the option --{name} of yt-dlp is refused, because" in str(caught.value)
    assert f"remove --yt-dlp-option {name}" in str(caught.value)
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize(
    ("pair", "instead"),
    [
        ("sub-langs=de", "--lang CODE"), ("srt-lang=de", "--lang CODE"), ("all-subs", "--lang all"),
        ("sleep-subtitles=5", "--sleep"), ("min-sleep-interval=5", "--sleep"), ("write-info-json", "yt-dlp itself"),
        ("playlist-end=3", "--max"), ("simulate", "--dry-run"), ("impersonate=chrome", "--cookies-from-browser"),
        ("no-plugin-dirs", "YTDLP_NO_PLUGINS"), ("plugin-dirs=x", "--yt-dlp-plugins"), ("format=ba", "--asr"),
        ("max-filesize=5M", "--max-audio"), ("batch-file=x", "vidindex batch"),
    ],
)  # fmt: skip
def test_a_refusal_names_what_to_use_instead(pair: str, instead: str) -> None:
    with pytest.raises(OptionError) as caught:
        make_argument(pair)
    assert instead in str(caught.value)


@pytest.mark.parametrize("value", ["generic:impersonate=false", "vimeo:client=web", "youtube:lang=de"])
def test_arguments_that_do_not_impersonate_are_accepted(value: str) -> None:
    assert make_argument(f"extractor-args={value}") == f"--extractor-args={value}"


def test_a_connection_comes_from_the_source_address(site: Any) -> None:
    callers: list[str] = []

    def answer(request: Any) -> Answer:
        callers.append(request.client_address[0])
        return Answer(bytes(600), headers={"Content-Type": "video/mp4"})

    site.pages["/k.mp4"] = answer
    with VideoResolver(ResolveOptions(retries=0, extra=("source-address=127.0.0.9",))) as resolver:
        resolver.resolve(site.url("/k.mp4"))
    assert set(callers) == {"127.0.0.9"}


def test_force_ipv6_reaches_no_ipv4_address(site: Any) -> None:
    url = site.put("/k.mp4", bytes(600), "video/mp4")
    with (
        VideoResolver(ResolveOptions(retries=0, extra=("force-ipv6",))) as resolver,
        pytest.raises(ResolveError, match="no address that :: can reach"),
    ):
        resolver.resolve(url)
    assert site.asked == []


@pytest.mark.parametrize("pair", ["match-filters=title=coffee", "match-title=coffee", "reject-title=^k"])
def test_a_filter_excludes_a_video_and_says_so(site: Any, pair: str) -> None:
    url = site.put("/k.mp4", bytes(600), "video/mp4")
    with (
        VideoResolver(ResolveOptions(retries=0, extra=(pair,))) as resolver,
        pytest.raises(ResolveError, match="a filter of --yt-dlp-option excludes the video") as caught,
    ):
        resolver.resolve(url)
    assert caught.value.verdict == "failed"


def test_a_video_that_passes_the_filter_is_resolved(site: Any) -> None:
    url = site.put("/k.mp4", bytes(600), "video/mp4")
    with VideoResolver(ResolveOptions(retries=0, extra=("match-filters=title=k", "match-title=k"))) as resolver:
        assert resolver.resolve(url).video.title == "k"
