"""yt-dlp's downloaders of segmented media and captions, with limits.  Importing this module imports yt-dlp.

yt-dlp reads, decrypts and parses each segment in memory, with code that takes quadratic time.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from yt_dlp.dependencies import Cryptodome
from yt_dlp.downloader.dash import DashSegmentsFD
from yt_dlp.downloader.fragment import FragmentFD
from yt_dlp.downloader.hls import HlsFD
from yt_dlp.postprocessor.ffmpeg import FFmpegPostProcessor

from ..errors import HostilePageError, TooLargeError
from .options import DISABLED_FFMPEG

MAX_FRAGMENTS = 50_000
"""12 hours in segments of a second."""

_MAX_FRAGMENT_BYTES = 96_000_000
"""Some streams are one segment."""

_MAX_CAPTION_LINES = 1_000_000
_MAX_CAPTION_BLOCK_BYTES = 256_000
_MAX_DUPLICATE_CHECKS = 200_000

# Without pycryptodomex, yt-dlp decrypts in Python: 64 KB/s, in lists of numbers.
_MAX_PYTHON_SEGMENT_BYTES = 4_000_000
_MAX_PYTHON_CAPTION_BYTES = 500_000
_PYTHON_DECRYPTION_BYTES_PER_S = 40_000

_Fragment = dict[str, Any]


class _BoundedFD(FragmentFD):  # type: ignore[misc] # yt-dlp has no types
    """Limits the number and the size of segments, and the time to decrypt them."""

    def _prepare_and_start_frag_download(self, ctx: dict[str, Any], info_dict: dict[str, Any]) -> None:
        if (ctx.get("total_frags") or 0) > MAX_FRAGMENTS:
            raise TooLargeError(f"the playlist has more segments than the limit of {MAX_FRAGMENTS:,}")
        super()._prepare_and_start_frag_download(ctx, info_dict)

    def _read_fragment(self, ctx: dict[str, Any]) -> Any:
        name = ctx.get("fragment_filename_sanitized")
        if name and self.filesize_or_none(name) > _MAX_FRAGMENT_BYTES:
            raise TooLargeError(f"a segment is larger than the limit of {_MAX_FRAGMENT_BYTES // 1_000_000} MB")
        return super()._read_fragment(ctx)

    def decrypter(self, info_dict: dict[str, Any]) -> Callable[[_Fragment, bytes | None], Any]:
        python_bytes = 0
        decrypt: Callable[[_Fragment, bytes | None], Any] = super().decrypter(info_dict)

        def decrypt_in_time(fragment: _Fragment, content: bytes | None) -> Any:
            nonlocal python_bytes
            if content and not Cryptodome.AES and (fragment.get("decrypt_info") or {}).get("METHOD") == "AES-128":
                python_bytes += len(content)
                self._check_decryption(len(content), python_bytes, is_captions=info_dict.get("ext") == "vtt")
            return decrypt(fragment, content)

        return decrypt_in_time

    def _check_decryption(self, size: int, total: int, *, is_captions: bool) -> None:
        in_time = self.ydl.request_context.seconds_left() * _PYTHON_DECRYPTION_BYTES_PER_S
        if size > min(_MAX_PYTHON_SEGMENT_BYTES, in_time) or (is_captions and total > _MAX_PYTHON_CAPTION_BYTES):
            raise TooLargeError("the segments are encrypted: `pip install pycryptodomex` to decrypt them in time")


class BoundedDashFD(_BoundedFD, DashSegmentsFD):  # type: ignore[misc] # yt-dlp has no types
    """Downloads DASH segments within limits."""


class BoundedHlsFD(_BoundedFD, HlsFD):  # type: ignore[misc] # yt-dlp has no types
    """Downloads HLS segments within limits."""

    def real_download(self, filename: str, info_dict: dict[str, Any]) -> Any:
        # Without pycryptodomex, yt-dlp would leave encrypted segments to ffmpeg, for which it asks without the options.
        before = FFmpegPostProcessor._ffmpeg_location.set(DISABLED_FFMPEG)
        try:
            return super().real_download(filename, info_dict)
        finally:
            FFmpegPostProcessor._ffmpeg_location.reset(before)

    def _prepare_and_start_frag_download(self, ctx: dict[str, Any], info_dict: dict[str, Any]) -> None:
        super()._prepare_and_start_frag_download(ctx, info_dict)
        ctx.setdefault("extra_state", {})["webvtt_dedup_window"] = _DuplicateWindow(self.ydl.request_context)

    def download_and_append_fragments(
        self,
        ctx: dict[str, Any],
        fragments: list[_Fragment],
        info_dict: dict[str, Any],
        *,
        pack_func: Callable[[bytes, int], bytes] | None = None,
        **rest: Any,
    ) -> Any:
        if pack_func is not None:
            rest["pack_func"] = _CaptionPacker(pack_func).pack
        return super().download_and_append_fragments(ctx, fragments, info_dict, **rest)


class _DuplicateWindow(list[Any]):
    """The cues with which yt-dlp compares the next one.  Cues that never end would make that quadratic."""

    def __init__(self, request_context: Any) -> None:
        super().__init__()
        self._checks_left = _MAX_DUPLICATE_CHECKS
        self._request_context = request_context

    def __getitem__(self, index: Any) -> Any:
        self._checks_left -= 1
        if self._checks_left < 0:
            raise HostilePageError("the captions have too many cues at the same time: they are not captions")
        if self._checks_left % 1000 == 0:
            self._request_context.seconds_left()
        return super().__getitem__(index)


class _CaptionPacker:
    """Parses caption segments with *parse*, whose expressions take 200 times the memory of a block without a break."""

    def __init__(self, parse: Callable[[bytes, int], bytes]) -> None:
        self._parse = parse
        self._lines_left = _MAX_CAPTION_LINES

    def pack(self, content: bytes, number: int) -> bytes:
        self._check(content.replace(b"\r\n", b"\n").replace(b"\r", b"\n"))
        return self._parse(content, number)

    def _check(self, content: bytes) -> None:
        self._lines_left -= content.count(b"\n")
        if self._lines_left < 0:
            raise TooLargeError(f"the captions have more lines than the limit of {_MAX_CAPTION_LINES:,}")
        if max(map(len, content.split(b"\n\n"))) > _MAX_CAPTION_BLOCK_BYTES:
            raise TooLargeError(f"a caption is larger than the limit of {_MAX_CAPTION_BLOCK_BYTES // 1000} KB")
