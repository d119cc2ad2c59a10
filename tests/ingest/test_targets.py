"""Targets are classified without reading them as a whole."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from vidindex.errors import TargetError
from vidindex.ingest.targets import classify_target


@pytest.mark.parametrize(
    ("url", "kind"),
    [
        ("https://example.org/2009/09/late-night.html", "url"),
        ("HTTP://EXAMPLE.ORG", "url"),
        ("https://example.org/clip.mp4?x=1", "media"),
        ("https://example.org/live/master.m3u8", "media"),
        ("https://www.youtube.com/watch?v=aB3dE6gH9jK", "video"),
    ],
)
def test_a_url_is_classified_by_its_form(url: str, kind: str) -> None:
    assert classify_target(url).kind == kind


def test_files_and_folders_are_classified_by_name_and_first_bytes(tmp_path: Path) -> None:
    for name, content in {
        "a.html": "",
        "page": "\ufeff  <!DOCTYPE html><title>x</title>",
        "b.vtt": "WEBVTT",
        "clip.mp4": "",
    }.items():
        (tmp_path / name).write_text(content, encoding="utf-8")
    kinds = {path.name: classify_target(path).kind for path in tmp_path.iterdir()}
    assert kinds == {"a.html": "page", "page": "page", "b.vtt": "captions", "clip.mp4": "media"}
    assert classify_target(tmp_path).kind == "folder"
    assert classify_target((tmp_path / "a.html").as_uri()).path == tmp_path / "a.html"


_TTML = '<tt xmlns="http://www.w3.org/ns/ttml"><head/><body><div><p begin="1s" end="2s">a</p></div></body></tt>'


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("talk.ttml", _TTML),
        ("talk.dfxp", '<?xml version="1.0"?>\n<!-- a <body> -->\n' + _TTML),
        ("talk.xml", '<?xml version="1.0"?><!DOCTYPE tt [<!ENTITY a "b">]>' + _TTML),
        ("talk.xml", _TTML.replace("<tt ", "<tt:tt ").replace("</tt>", "</tt:tt>")),
        ("talk.xml", _TTML.replace(' xmlns="http://www.w3.org/ns/ttml"', "")),
        ("talk", _TTML),
        ("talk.html", _TTML),
        ("talk.smi", "<SAMI><HEAD><TITLE>a</TITLE></HEAD><BODY><SYNC Start=1><P>a</BODY></SAMI>"),
        ("talk.htm", "\ufeff<SAMI><HEAD></HEAD><BODY><SYNC Start=1><P>a</BODY></SAMI>"),
        ("talk.txt", "<BODY><SYNC Start=1><P>a<SYNC Start=2><P>b</BODY>"),
        (
            "talk.srv3",
            '<?xml version="1.0"?><timedtext format="3"><head></head><body><p t="1">a</p></body></timedtext>',
        ),
        ("talk.xml", '<timedtext format="3"><body><p t="1">a</p></body></timedtext>'),
        ("talk.php", '<transcript><text start="1">a <body></text></transcript>'),
        ("talk.vtt", "WEBVTT\n\n00:01.000 --> 00:02.000\nthe <html> tag\n"),
        ("talk.srt", "1\n00:00:01,000 --> 00:00:02,000\nthe <body> tag\n"),
        ("talk.json", '{"segments":[{"start":1,"text":"the <body> tag"}]}'),
        ("talk.txt", "0:01 the <body> tag\n"),
        ("transcript.php", "WEBVTT\n\n00:01.000 --> 00:02.000\nthe <html> tag\n"),
    ],
)
@pytest.mark.parametrize("encoding", ["utf-8", "utf-16"])
def test_captions_with_tags_of_html_are_no_page(tmp_path: Path, name: str, content: str, encoding: str) -> None:
    path = tmp_path / name
    path.write_text(content, encoding=encoding)

    assert classify_target(path).kind == "captions"


@pytest.mark.parametrize("name", ["saved.html", "saved.xml", "saved", "saved.txt", "saved.bin"])
@pytest.mark.parametrize(
    "content",
    [
        "<html><head><title>a</title></head><body><p>b</p></body></html>",
        '<?xml version="1.0"?>\n<!DOCTYPE html PUBLIC "-//W3C//DTD XHTML 1.0//EN" "a">\n<html><body></body></html>',
        "<!-- saved -->\n<!doctype html>\n<title>a</title><tt>b</tt><transcript>c</transcript>",
        "<html><body><pre>&lt;SAMI> <sync start=1></pre></body></html>",
    ],
)
def test_a_page_is_no_captions_because_of_its_name_or_its_tags(tmp_path: Path, name: str, content: str) -> None:
    path = tmp_path / name
    path.write_text(content, encoding="utf-8")

    assert classify_target(path).kind == "page"


def test_a_page_that_a_site_sent_for_captions_is_no_article(tmp_path: Path) -> None:
    path = tmp_path / "talk.vtt"
    path.write_text("<!DOCTYPE html><html><head><title>Log in</title></head><body></body></html>", encoding="utf-8")

    assert classify_target(path).kind == "captions"


@pytest.mark.parametrize(
    ("target", "says"),
    [
        ("no/such/file.vtt", "there is no such file"),
        ("example.org/article", "https://example.org/article"),
        ("ftp://example.org/x", "ftp: addresses are not supported"),
        ("https://", "names no host"),
        ("https://[::1", "not a valid address"),
        ("a" * 5000, "no such file"),
        ("nul\0byte", "no such file"),
        ("", "no such file"),
        ("/dev/null", "neither a file nor a folder; write the output of a pipe to a file first"),
        ("file://elsewhere/talk.vtt", "on another machine"),
        ("file://[::1", "not a valid address"),
    ],
)
def test_anything_else_is_refused_with_a_reason(target: str, says: str) -> None:
    with pytest.raises(TargetError, match="cannot read") as caught:
        classify_target(target)
    assert says in str(caught.value)
    assert len(str(caught.value)) < 500


def test_a_pipe_is_refused_at_once(tmp_path: Path) -> None:
    for name in ("talk.vtt", "page.html", "talk.mp4", "pipe"):
        os.mkfifo(tmp_path / name)
        with pytest.raises(TargetError, match="write the output of a pipe to a file first"):
            classify_target(tmp_path / name)


def test_a_media_file_that_is_a_link_to_another_folder_is_the_file_there(tmp_path: Path) -> None:
    (tmp_path / "films").mkdir()
    (tmp_path / "films" / "talk.mp4").write_bytes(b"film")
    (tmp_path / "films" / "link.mp4").symlink_to("talk.mp4")
    (tmp_path / "talk.mp4").symlink_to("films/talk.mp4")
    (tmp_path / "elsewhere").mkdir()
    (tmp_path / "elsewhere" / "talk.mp4").symlink_to("../films/talk.mp4")

    assert classify_target(tmp_path / "elsewhere" / "talk.mp4").url == (tmp_path / "films" / "talk.mp4").as_uri()
    for inside in (tmp_path / "films" / "link.mp4", tmp_path / "talk.mp4"):
        assert classify_target(inside).url == inside.as_uri()


@pytest.mark.parametrize(
    "text",
    ["youtube aB3dE6gH9jK\nvimeo 1084537\n", "# links\nhttps://a.example/1\n\n<https://b.example/2>\n"],
    ids=["archive", "links"],
)
@pytest.mark.parametrize("name", ["archive.txt", "archive"])
def test_a_list_is_no_captions(tmp_path: Path, text: str, name: str) -> None:
    (tmp_path / name).write_text(text, encoding="utf-8")
    with pytest.raises(TargetError, match="it is a list, not a video; run `vidindex batch"):
        classify_target(tmp_path / name)


def test_a_table_of_links_is_a_list_and_one_of_timed_texts_is_captions(tmp_path: Path) -> None:
    links, captions = tmp_path / "links.csv", tmp_path / "talk.csv"
    links.write_text("title,url\nA talk,https://a.example/1\n", encoding="utf-8")
    captions.write_text("start,end,text\n0,2000,welcome\n", encoding="utf-8")

    with pytest.raises(TargetError, match="it is a list, not a video; run `vidindex batch"):
        classify_target(links)
    assert classify_target(captions).kind == "captions"


def test_a_transcript_with_a_link_in_it_is_no_list(tmp_path: Path) -> None:
    path = tmp_path / "talk.txt"
    path.write_text("0:01 Read more at\nhttps://a.example/1\n", encoding="utf-8")
    assert classify_target(path).kind == "captions"
