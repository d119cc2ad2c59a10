"""The audio of local files: real recordings only, never a playlist in their place."""

from __future__ import annotations

import os
import struct
from pathlib import Path

import pytest

from tests.resolve.conftest import Site, site  # noqa: F401 - a fixture
from vidindex.errors import AsrError
from vidindex.transcripts.asr.audio_segments import SAMPLE_RATE_HZ, split_audio

from .conftest import RATE, write_wav

pytest.importorskip("av")
pytest.importorskip("numpy")

PLAYLISTS = {
    "hls": "#EXTM3U\n#EXT-X-TARGETDURATION:9\n#EXTINF:9,\n{}\n#EXT-X-ENDLIST\n",
    "concat": "ffconcat version 1.0\nfile '{}'\n",
    "dash": '<?xml version="1.0"?><MPD xmlns="urn:mpeg:dash:schema:mpd:2011" mediaPresentationDuration="PT9S">'
    '<Period><AdaptationSet mimeType="audio/mp4"><Representation id="1" bandwidth="9"><BaseURL>{}</BaseURL>'
    "</Representation></AdaptationSet></Period></MPD>",
    "sdp": "v=0\no=- 0 0 IN IP4 127.0.0.1\ns=x\nc=IN IP4 127.0.0.1\nt=0 0\nm=audio 5004 RTP/AVP 0\na=control:{}\n",
    "asx": '<asx version="3.0"><entry><ref href="{}"/></entry></asx>',
    "reference": "[Reference]\nRef1={}\n",
    "rtsp": "rtsptext\n{}\n",
}


def loud(path: Path, seconds: int = 2) -> Path:
    write_wav(path, [struct.pack("<2h", 9000, -9000) * (seconds * RATE // 2)])
    return path


def duration_s(path: Path) -> float:
    return sum(len(samples) for _, samples in split_audio(path, "talk")) / SAMPLE_RATE_HZ


def test_a_recording_is_read_through_a_link_and_under_any_name(tmp_path: Path) -> None:
    recording = loud(tmp_path / "talk.wav")
    (tmp_path / "link.wav").symlink_to("talk.wav")
    (tmp_path / "http:").mkdir()
    for name in ("http:/127.0.0.1", "concat:talk.wav|talk.wav", "img%03d.wav", "-", "pipe:0", "line\nbreak.wav"):
        copy = tmp_path / name
        copy.parent.mkdir(parents=True, exist_ok=True)
        copy.write_bytes(recording.read_bytes())
        assert duration_s(copy) == pytest.approx(2, abs=0.1)
    assert duration_s(tmp_path / "link.wav") == pytest.approx(2, abs=0.1)


@pytest.mark.parametrize("kind", PLAYLISTS)
@pytest.mark.parametrize("suffix", ["mp4", "wav", "ts", "m3u8"])
def test_a_playlist_in_place_of_a_recording_opens_no_file_and_no_url(
    tmp_path: Path,
    site: Site,  # noqa: F811 - the fixture
    kind: str,
    suffix: str,
) -> None:
    secret = loud(tmp_path / "secret.wav")
    for target in (site.put("/secret.wav", secret.read_bytes(), "audio/wav"), secret.as_uri(), "secret.wav"):
        path = tmp_path / f"talk.{suffix}"
        path.write_text(PLAYLISTS[kind].format(target))
        with pytest.raises(AsrError, match="its audio"):
            duration_s(path)
    assert not site.asked


def test_a_pipe_and_a_device_are_refused_at_once(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "talk.mp4")
    (tmp_path / "zero.mp4").symlink_to("/dev/zero")
    for name in ("talk.mp4", "zero.mp4"):
        with pytest.raises(AsrError, match="not a regular file"):
            duration_s(tmp_path / name)
