"""Hostile caption files: for every format the shapes that cost a careless parser memory or time."""

from __future__ import annotations

import itertools
import json
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass


def _clock(mark: str) -> Callable[[int], str]:
    return lambda second: f"{second // 3600:02}:{second // 60 % 60:02}:{second % 60:02}{mark}000"


# Characters for private use stand in a unit for times and numbers that differ from unit to unit.
_DOT, _DOT_END, _COMMA, _COMMA_END, _SECOND, _SECOND_END, _MS, _STAMP = map(chr, range(0xE010, 0xE018))
_MARKS: dict[str, Callable[[int], str]] = {
    _DOT: _clock("."),
    _DOT_END: lambda at: _clock(".")(at + 1),
    _COMMA: _clock(","),
    _COMMA_END: lambda at: _clock(",")(at + 1),
    _SECOND: str,
    _SECOND_END: lambda at: str(at + 1),
    _MS: lambda at: str(1000 * at),
    _STAMP: lambda at: f"{at // 60:02}:{at % 60:02}",
}
_ANY_MARK = re.compile(f"([@{''.join(_MARKS)}])")

_CUE = "00:00:01.000 --> 00:00:02.000\n"
_NEXT_CUE = f"{_DOT} --> {_DOT_END}\n"
_SRT_CUE = "00:00:01,000 --> 00:00:02,000\n"
_NEXT_SRT_CUE = f"{_COMMA} --> {_COMMA_END}\n"
_SBV_CUE = "0:00:01.000,0:00:02.000\n"
_EBU_STL_HEADER = "850STL25.01".ljust(1024)
_EBU_STL_BLOCK = "\0\0\1\xff\0\0\0\1\0\0\0\2\0\0\0\0"
_SEGMENT = "WEBVTT\nX-TIMESTAMP-MAP=MPEGTS:900000,LOCAL:00:00:00.000\n\n"


@dataclass(frozen=True, slots=True)
class Hostile:
    """A file of *head*, many *units* and *tail*.

    Each `@` in a unit stands for another number, and each mark for a time: those of cues of one second, one after the
    other.  If *cue* is stated, it is the start and the end of a cue, and the units fill cues of *cue_chars* characters.
    """

    head: str
    unit: str
    tail: str = ""
    encoding: str = "utf-8"
    hint: str = ""
    cue: tuple[str, str] = ("", "")
    cue_chars: int = 0

    def make(self, size: int) -> bytes:
        """Return at most *size* bytes, or one unit."""
        unit_size = len(_number(self._whole_unit(), 1, first=1_000_000).encode(self.encoding))
        ends_size = len((self.head + self.tail).encode(self.encoding))
        return self.make_units(max(1, (size - ends_size) // unit_size))

    def make_units(self, count: int) -> bytes:
        """Return a file of *count* units."""
        return (self.head + _number(self._whole_unit(), count) + self.tail).encode(self.encoding)

    def _whole_unit(self) -> str:
        return self.cue[0] + self.unit * max(1, self.cue_chars // len(self.unit)) + self.cue[1]


def _number(unit: str, count: int, *, first: int = 0) -> str:
    parts = _ANY_MARK.split(unit)
    if len(parts) == 1:
        return unit * count
    numbers = itertools.count(first)
    return "".join([_fill(part, at, numbers) for at in range(first, first + count) for part in parts])


def _fill(part: str, at: int, numbers: Iterator[int]) -> str:
    if part == "@":
        return str(next(numbers))
    return _MARKS[part](at) if part in _MARKS else part


HEADS: dict[str, tuple[str, str]] = {
    "vtt": ("WEBVTT\n\n" + _CUE, "\n"),
    "srt": ("1\n" + _SRT_CUE, "\n"),
    "sbv": (_SBV_CUE, "\n"),
    "ttml": ('<tt><body><div><p begin="1s" end="2s">', "</p></div></body></tt>"),
    "json3": ('{"events":[{"tStartMs":1,"dDurationMs":9,"segs":[{"utf8":"', '"}]}]}'),
    "srv": ('<timedtext><body><p t="1" d="2">', "</p></body></timedtext>"),
    "ass": ("[Script Info]\n[Events]\nDialogue: 0,0:00:01.00,0:00:02.00,,,,,,,", "\n"),
    "lrc": ("[00:01.00]", "\n"),
    "sami": ("<SAMI><BODY><SYNC Start=1><P Class=A>", "</BODY></SAMI>"),
    "microdvd": ("{1}{2}", "\n"),
    "whisper": ('{"segments":[{"start":1,"end":2,"text":"', '"}]}'),
    "mpl2": ("[10][20]", "\n"),
    "tmplayer": ("00:00:01:a\n00:00:02:", "\n"),
    "table": ("start,end,text\n0,1000,", "\n"),
    "qttext": ("{QTtext}{timeScale:30}\n[00:00:01.00]\n", "\n"),
    "timed text": ("0:00\na\n0:02\n", "\n"),
    "scc": ("Scenarist_SCC V1.0\n\n00:00:01:00\t9420 c845 ", "\n"),
    "mcc": ("File Format=MacCaption_MCC V1.0\n\n00:00:01:00\tT1", "\n"),
    "pjs": ('10,20,"', '"\n'),
    "subviewer": ("[BEGIN]\n[00:00:01]\na\n[00:00:02]\n", "\n[end]\n"),
    "ebu stl": (_EBU_STL_HEADER + _EBU_STL_BLOCK, "\x8f"),
    "spruce stl": ("00:00:01:00 , 00:00:02:00 , ", "\n"),
    "plain": ("", ""),
}
"""For each format the start of a file up to the text of its first cue, and the end of the file."""

TEXTS: dict[str, str] = {
    "letters": "x",
    "one-letter words": "a ",
    "short words": "ab ",
    "distinct words": "w@ ",
    "lines": "ab\n",
    "digit lines": "7\n",
    "blank lines": "\n",
    "empty pairs": "x\n\n",
    "spaces": " ",
    "carriage returns": "\r",
    "line separators": "ab\u2028",
    "next lines": "ab\x85",
    "nulls": "\0",
    "nulls and letters": "a\0",
    "combining marks": "a\u0301\u0316\u0301\u0316\u0301\u0316\u0301\u0316",
    "only combining marks": "\u0301\u0316",
    "zero-width": "\u200b",
    "zero-width and letters": "a\u200b",
    "bidi": "\u202ea\u202c ",
    "ideographs": "\u4e00",
    "ideographs and letters": "\u4e00\u0434\u0434\u0434\u0434\u0434\u0434\u0434 ",
    "ideograph words": "\u4e00\u4e8c\u4e09 ",
    "amp": "&amp;",
    "character references": "&#x41;",
    "lone amp": "&",
    "less-than": "<",
    "class tags": "<c>",
    "class tags and text": "<c>a</c> ",
    "end tags": "</",
    "voices": "<v A>a ",
    "voice starts": "<v ",
    "rubies": "<rt>a",
    "ruby parentheses": "<rp>a",
    "comments": "<!--a-->",
    "timestamps": "<00:00:01.000>",
    "timestamps and letters": "<00:00:01.000>a",
    "timestamps and words": "<00:00:01.000>a ",
    "timestamp starts": "<1:11",
    "overrides": "{\\an8}",
    "override starts": "{\\",
    "arrows": "-->",
    "arrow lines": "-->\n",
    "damaged times": "111111:111111111111 1111111111111111111111111111111111111111x\n\n",
    "figures": "1 2 3 ",
    "figure words": "1-1-1-",
    "number words": "twenty one ",
    "scale words": "million thousand hundred ",
    "decimals": "1.1.1.",
    "grouped figures": "1,111,111,",
    "initials": "a.b.",
    "apostrophes": "a'",
    "cut-off words": "a- ",
    "equal pairs": "ab ab bc bc cd cd ",
    "speaker marks": ">> ",
    "speaker names": ">> A: b ",
    "label lines": "Abc d@: e\n",
    "label words": "aaaa bbbb ",
    "notes": "\u266a",
    "open brackets": "(a ",
    "bracket groups": "(aaaaaaaaaaaaaaaaaaaaaa (b (c (d (e (f (g (h (i (j (k l) ",
    "square brackets": "[a] ",
    "stars": "*a ",
    "dashes": "-\n",
    "tags in braces": "{a:",
    "bars": "|",
    "words and bars": "ab|",
    "quotes": '\\"',
    "surrogates": "\\ud800",
    "emoji": "\U0001f600",
    "elements": "<a/>",
    "nested elements": "<a>",
    "spans": '<span begin="1s">a</span> ',
    "plain spans": "<span>a</span>",
    "segments": '<s t="1">a</s>',
    "line breaks": "<br/>",
    "processing instructions": "<?a?>",
    "cdata": "<![CDATA[a]]>",
    "entities": "&eacute;",
    "paragraphs": "<p>a",
}
"""Units of text, which may be anything in the first cue of a file of each format."""

FILES: dict[str, Hostile] = {
    # many cues
    "vtt: cues": Hostile("WEBVTT\n\n", _NEXT_CUE + "a\n\n"),
    "vtt: cues together": Hostile("WEBVTT\n\n", _CUE + "w@\n\n"),
    "vtt: copies": Hostile("WEBVTT\n\n", _CUE + "a\n\n"),
    "vtt: empty cues": Hostile("WEBVTT\n\n", _NEXT_CUE + "\n"),
    "vtt: distinct cues": Hostile("WEBVTT\n\n", _NEXT_CUE + "w@ x@\n\n"),
    "vtt: timing lines": Hostile("WEBVTT\n\n", _NEXT_CUE),
    "vtt: short times": Hostile("WEBVTT\n\n", "00:01.000-->00:01.000\na\n\n"),
    "vtt: later cues": Hostile("WEBVTT\n\n", "@:00:00.000 --> @:00:00.000\na\n\n"),
    "vtt: rolling": Hostile("WEBVTT\n\n", f"{_NEXT_CUE}b{_SECOND}\nb{_SECOND_END}\n\n"),
    "vtt: growing": Hostile("WEBVTT\n\n", _NEXT_CUE + "aaaaaaaaa@\n\n"),
    "vtt: highlights": Hostile("WEBVTT\n\n", _NEXT_CUE + "<u>a</u> b\n\n"),
    "vtt: a line shown on": Hostile("WEBVTT\n\n", _NEXT_CUE + "a b c d e f g h i j k l m n o\n\n"),
    "vtt: commas": Hostile("WEBVTT\n\n", "00:01,000 --> 00:01,000\na\n\n"),
    "vtt: damaged cues": Hostile("WEBVTT\n\n", f"0x:01,000 --> {_COMMA}\na\n\n"),
    "vtt: notes": Hostile("WEBVTT\n\n", "NOTE\n\n"),
    "vtt: blocks": Hostile("WEBVTT\n\n", "STYLE\na\n\nREGION\nb\n\n"),
    "vtt: identifiers": Hostile("WEBVTT\n\n", "ab\n\n"),
    "vtt: header": Hostile("WEBVTT\n", "ab\n"),
    "vtt: arrows": Hostile("WEBVTT\n\n", "-->\n"),
    "vtt: segments": Hostile(_SEGMENT, _SEGMENT),
    "vtt: plain segments": Hostile(_SEGMENT, "\nWEBVTT\n\n"),
    "vtt: segments with cues": Hostile("", _SEGMENT + _CUE + "a\n\n"),
    "vtt: maps": Hostile("WEBVTT\n", "X-TIMESTAMP-MAP=,\n"),
    "vtt: carriage returns": Hostile("WEBVTT\r\r", _NEXT_CUE.replace("\n", "\r") + "a\r\r"),
    "srt: cues": Hostile("", "1\n" + _NEXT_SRT_CUE + "a\n\n"),
    "srt: numbered cues": Hostile("", f"{_SECOND_END}\n{_NEXT_SRT_CUE}a b\n\n"),
    "srt: copies": Hostile("", "1\n" + _SRT_CUE + "a\n\n"),
    "srt: cues without line breaks": Hostile("", f"1 {_COMMA} --> {_COMMA_END} a "),
    "srt: two languages": Hostile("", f"{_NEXT_SRT_CUE}ab cd\n\u0430\u0431 \u0432\u0433\n\n"),
    "srt: timing lines": Hostile("", _NEXT_SRT_CUE),
    "srt: short times": Hostile("", "0:0->0:0\n"),
    "srt: short cues": Hostile("", "0:0->0:0\na@\n"),
    "srt: numbers": Hostile("1\n" + _SRT_CUE + "a\n", "7\n", "\n" + _SRT_CUE + "b\n"),
    "srt: numbers first": Hostile("", "7\n", "\n" + _SRT_CUE + "b\n"),
    "srt: half times": Hostile("", "00:00:01,000 --> \n", _SRT_CUE + "b\n"),
    "srt: spaces before times": Hostile("0:0->0:0\n", "          \n"),
    "srt: digits": Hostile("0:0->0:0\n", "1:11111111111\n"),
    "srt: utf-16": Hostile("\ufeff", _SRT_CUE + "a\n", encoding="utf-16-le"),
    "srt: utf-32": Hostile("\ufeff", _SRT_CUE + "a\n", encoding="utf-32-be"),
    "srt: latin-1": Hostile("", _NEXT_SRT_CUE + "\xe9\xe8\xfc\n", encoding="latin-1"),
    "srt: one emoji": Hostile(_SRT_CUE + "\U0001f600\n\n", "1\n" + _SRT_CUE + "abc\n\n"),
    "sbv: cues": Hostile("", f"{_DOT},{_DOT_END}\na\n\n"),
    "sbv: timing lines": Hostile("", "0:0:0.0,0:0:0.0\n"),
    "sbv: broken times": Hostile(_SBV_CUE, "0:x,0:x\n"),
    "lrc: stamps": Hostile("", "[00:01.00]"),
    "lrc: stamped lines": Hostile("", "[0:1]\n"),
    "lrc: lines": Hostile("", f"[{_STAMP}.00]a\n"),
    "lrc: hundred stamps": Hostile("", "[0:1]" * 100 + "abc" * 100 + "\n"),
    "lrc: word times": Hostile("", f"[{_STAMP}.00]<{_STAMP}.00>a <{_STAMP}.50>b\n"),
    "lrc: stamps and a long line": Hostile("[0:1]" * 100, "ab "),
    "lrc: words in brackets": Hostile("", f"[{_STAMP}.00]a [{_STAMP}.30]b [{_STAMP}.60]c\n"),
    "lrc: one line of words": Hostile("[0:1]", "[00:01.00]a"),
    "lrc: half a time": Hostile("[0:1]a", "[00:0"),
    "lrc: offsets": Hostile("[0:1]a\n", "[offset:1]\n"),
    "ass: dialogues": Hostile("[Events]\n", f"Dialogue: 0,{_DOT},{_DOT_END},,,,,,,a\n"),
    "ass: empty dialogues": Hostile("[Events]\n", "Dialogue: 0,0:0,0:0\n"),
    "ass: formats": Hostile("[Events]\nDialogue: 0,0:0,0:0,,,,,,,a\n", "Format: text,start\n"),
    "ass: commas": Hostile("[Events]\nFormat: ", ",", "\nDialogue: 0,0:0,0:0,,,,,,,a\n"),
    "ass: styles": Hostile("[V4+ Styles]\n", "Style: a,b\n"),
    "ass: sections": Hostile("[Events]\n", "[a]\n"),
    "ass: drawings": Hostile("[Events]\nDialogue: 0,0:0,0:0,,,,,,,", "{\\p1}a"),
    "ass: karaoke": Hostile("[Events]\nDialogue: 0,0:0,0:9,,,,,,,", "{\\k1}a "),
    "ass: karaoke tags": Hostile("[Events]\nDialogue: 0,0:0,0:9,,,,,,,{", "\\k1", "}a\n"),
    "ass: long names": Hostile("[Events]\n", "Dialogue: 0,0:0,0:0,," + "n" * 3000 + "@,,,,,a\n"),
    "sami: times": Hostile("<SAMI><BODY>", "<SYNC Start=1>"),
    "sami: cues": Hostile("<SAMI><BODY>", f"<SYNC Start={_MS}><P>a"),
    "sami: classes": Hostile("<SAMI><BODY>", f"<SYNC Start={_MS}><P Class=c@>a"),
    "sami: paragraphs": Hostile("<SAMI><BODY><SYNC Start=1>", "<P>a"),
    "sami: paragraph starts": Hostile("<SAMI><BODY><SYNC Start=1>", "<P "),
    "sami: starts": Hostile("<SAMI><BODY>", "<SYNC start start start start start   "),
    "microdvd: cues": Hostile("", f"{{{_SECOND}}}{{{_SECOND_END}}}a\n"),
    "microdvd: empty cues": Hostile("", "{1}{}\n"),
    "microdvd: bars": Hostile("{1}{1}a\n", "|"),
    "ttml: paragraphs": Hostile("<tt><body>", f'<p begin="{_SECOND}s">a</p>', "</body></tt>"),
    "ttml: bare paragraphs": Hostile("<tt><body>", "<p/>", "</body></tt>"),
    "ttml: elements": Hostile("<tt>", "<a/>", "</tt>"),
    "ttml: divs": Hostile("<tt><body>", '<div begin="1s">', "<p>a</p></body></tt>"),
    "ttml: empty divs": Hostile("<tt><body>", "<div/>", "<p>a</p></body></tt>"),
    "ttml: styles": Hostile("<tt><head>", '<style xml:id="s@" style="s@"/>', '</head><body><p begin="1s">a</p></body></tt>'),  # noqa: E501
    "ttml: regions": Hostile("<tt><head>", '<region xml:id="r@" begin="1s"/>', '</head><body><p begin="1s">a</p></body></tt>'),  # noqa: E501
    "ttml: hidden styles": Hostile("<tt><head>", '<style xml:id="s@" display="none"/>', '</head><body><p begin="1s">a</p></body></tt>'),  # noqa: E501
    "ttml: hidden paragraphs": Hostile("<tt><body>", '<p begin="1s" display="none">a</p>', "</body></tt>"),
    "ttml: sequence": Hostile('<tt><body timeContainer="seq">', '<p dur="1s">a</p>', "</body></tt>"),
    "ttml: programme starts": Hostile("<tt><head>", "<documentStartOfProgramme>10:00:00:00", "</head></tt>"),
    "ttml: agents": Hostile("<tt><head>", '<agent xml:id="s@">n</agent>', '</head><body><p begin="1s">a</p></body></tt>'),  # noqa: E501
    "ttml: nested agents": Hostile("<tt><head>", '<agent xml:id="s">n', "</head></tt>"),
    "ttml: attributes": Hostile("<tt><body><p ", 'a@="" ', ">a</p></body></tt>"),
    "ttml: equal attributes": Hostile("<tt><body><p ", 'a="" ', ">a</p></body></tt>"),
    "ttml: namespaces": Hostile("<tt><body><p ", 'xmlns:a@="b@" ', ">a</p></body></tt>"),
    "ttml: namespaced elements": Hostile("<tt><body>", '<a@:p xmlns:a@="b@"/>', "</body></tt>"),
    "ttml: nested namespaces": Hostile("<tt><body>", '<p xmlns:a@="b@">', "</body></tt>"),
    "ttml: spans": Hostile('<tt><body><p begin="1s">', '<span begin="1s">a</span>', "</p></body></tt>"),
    "ttml: timed paragraphs": Hostile("<tt><body>", '<p><span begin="1s">a</span><span begin="2s">b</span></p>', "</body></tt>"),  # noqa: E501
    "ttml: comments": Hostile("<tt><body>", "<!---->", "<p>a</p></body></tt>"),
    "ttml: instructions": Hostile("<tt><body>", "<?a?>", "<p>a</p></body></tt>"),
    "ttml: entity declarations": Hostile("<!DOCTYPE tt [", '<!ENTITY a@ "b@">', "]><tt><body><p>&a1;</p></body></tt>"),
    "ttml: laughs": Hostile(
        '<!DOCTYPE tt [<!ENTITY a "aaaaaaaaaa">' + "".join(f'<!ENTITY a{n} "{f"&a{n - 1};" * 10}">' for n in range(1, 10)).replace("&a0;", "&a;") + "]><tt><body><p begin=\"1s\">",  # noqa: E501
        "&a9;", "</p></body></tt>"),
    "ttml: late laughs": Hostile(
        "<!--" + "x" * 5000 + '--><!DOCTYPE tt [<!ENTITY a "aaaaaaaaaa">' + "".join(f'<!ENTITY a{n} "{f"&a{n - 1};" * 10}">' for n in range(1, 10)).replace("&a0;", "&a;") + "]><tt><body><p begin=\"1s\">",  # noqa: E501
        "&a9;", "</p></body></tt>"),
    "ttml: declaration": Hostile("<?xml ", "a", "?><tt><body><p>a</p></body></tt>"),
    "ttml: unclosed paragraphs": Hostile("<tt><body>", '<p begin="1s">a', "</body></tt>"),
    "srv: texts": Hostile("<transcript>", f'<text start="{_SECOND}" dur="2">a</text>', "</transcript>"),
    "srv: short texts": Hostile("<transcript>", "<text start='1'>a</text>", "</transcript>"),
    "srv: bare texts": Hostile("<transcript>", "<text/>", "</transcript>"),
    "srv: paragraphs": Hostile("<timedtext><body>", f'<p t="{_MS}"><s t="1">a</s></p>', "</body></timedtext>"),
    "srv: nested paragraphs": Hostile("<timedtext><body>" + '<p t="1">' * 200, "<s/>", "</body></timedtext>"),
    "srv: unclosed paragraphs": Hostile("<timedtext><body>", '<p t="1">a', "</body></timedtext>"),
    "srv: segments": Hostile('<timedtext><body><p t="1">', '<s t="1">a</s>', "</p></body></timedtext>"),
    "json3: events": Hostile('{"events":[', '{"segs":[{"utf8":"a"}]},', "{}]}"),
    "json3: timed events": Hostile('{"events":[', f'{{"tStartMs":{_MS},"segs":[{{"utf8":"a"}}]}},', "{}]}"),
    "json3: segments": Hostile('{"events":[{"segs":[', '{"utf8":"a"},', '{"utf8":"a","tOffsetMs":1}]}]}'),
    "json3: timed segments": Hostile('{"events":[{"segs":[', '{"utf8":"a ","tOffsetMs":1},', '{"utf8":"a"}]}]}'),
    "json3: empty objects": Hostile('{"events":[', "{},", "{}]}"),
    "json3: empty arrays": Hostile('{"events":[', "[],", "[]]}"),
    "json3: filled objects": Hostile('{"events":[', '{"a":1},', "{}]}"),
    "json3: keys": Hostile('{"events":[{', '"k@":1,', '"a":1}]}'),
    "json3: equal keys": Hostile('{"events":[{', '"k":1,', '"a":1}]}'),
    "json3: repeated lists": Hostile("{", '"events":[{"segs":[{"utf8":"a"}]}],', '"a":1}'),
    "json3: other lists": Hostile('{"a":[', "[],", '[]],"events":[{"segs":[{"utf8":"a"}]}]}'),
    "json3: nesting": Hostile('{"events":', "[", ""),
    "json3: object nesting": Hostile('{"events":', '{"a":', ""),
    "json3: digits": Hostile('{"events":[', "9", "]}"),
    "json3: floats": Hostile('{"events":[', "1e1,", "1]}"),
    "json3: strings": Hostile('{"events":[', '"ab",', "1]}"),
    "json3: documents": Hostile("", '{"events":[{"segs":[{"utf8":"a"}]}]}'),
    "json3: unfinished": Hostile('{"events":[', '{"segs":[{"utf8":"a"}]},', ""),
    "json3: time digits": Hostile('{"events":[{"tStartMs":"', "9", '","segs":[{"utf8":"a"}]}]}'),
    "whisper: segments": Hostile('{"segments":[', f'{{"start":{_SECOND},"end":{_SECOND_END},"text":"a"}},', "{}]}"),
    "whisper: bare list": Hostile("[", '{"start":1,"text":"a"},', "{}]"),
    "whisper: words": Hostile('{"segments":[{"start":1,"end":1,"text":"a","words":[', '{"word":"a"},', "{}]}]}"),
    "whisper: long speakers": Hostile('{"segments":[', '{"start":1,"text":"a","speaker":"' + "n" * 3000 + '@"},', "{}]}"),  # noqa: E501
    "whisper: unequal text": Hostile('{"segments":[{"start":1,"text":"' + "!" * 3000 + 'a","words":[', '{"word":",","start":1},', "{}]}]}"),  # noqa: E501
    "whisper: long text": Hostile('{"segments":[{"start":1,"text":"' + "!" * 30_000 + '","words":[', '{"word":" !","start":1},', "{}]}]}"),  # noqa: E501
    "whisper: cut words": Hostile('{"segments":[', '{"start":1,"end":1,"text":" a b"},{"start":1,"end":1,"text":"c"},', "{}]}"),  # noqa: E501
    "json: words": Hostile('{"words":[', f'{{"text":"ab","start":{_SECOND},"end":{_SECOND_END}}},', "{}]}"),
    "json: pieces": Hostile('{"words":[{"text":" ab","start":1},', '{"text":"ab","start":1,"end":2},', '{"text":" ab"}]}'),  # noqa: E501
    "json: nested words": Hostile('{"results":{"channels":[{"alternatives":[{"words":[', '{"word":"ab","start":1},', "{}]}]}]}}"),  # noqa: E501
    "json: nested texts": Hostile('{"results":[', '{"alternatives":[{"transcript":"ab"}],"resultEndTime":"2s"},', "{}]}"),  # noqa: E501
    "json: punctuation": Hostile('{"items":[{"start":1,"text":"a"},', '{"type":"punctuation","text":"."},', "{}]}"),
    "json: columns": Hostile('{"end":[1],"start":[1],"text":[', '"a",', '"a"]}'),
    "json: documents": Hostile("", '{"result":[{"start":1,"word":"a"}]}\n'),
    "json: lists": Hostile("[[[{}],", '[{"start":1,"text":"a"}],', "[]]]"),
    "json: keys": Hostile('{"a":{', '"k@":{},', '"a":{}}}'),
    "json: nesting": Hostile('{"a":', '{"a":', ""),
    "json: references": Hostile('[{"start":1,"text":"', "&amp;lt;i ", '"}]'),
    "json: tags": Hostile('[{"start":1,"text":"', "<rt><i ", '"}]'),
    "srt: spaced cues": Hostile("", _NEXT_SRT_CUE + " ab c\n\n" + _NEXT_SRT_CUE + "d\n\n"),
    "srt: decimal reference": Hostile(_SRT_CUE + "&#", "9", ";"),
    "srt: hexadecimal reference": Hostile(_SRT_CUE + "&#x", "f", ";"),
    "srt: late emoji": Hostile(_SRT_CUE, "1\n" + _SRT_CUE + "abc\n\n", "\U0001f600"),
    "mpl2: cues": Hostile("", f"[{_SECOND}][{_SECOND_END}]a\n"),
    "mpl2: lines without times": Hostile("[1][2]a\n", "a\n"),
    "tmplayer: cues": Hostile("", f"00:{_STAMP}:a\n"),
    "tmplayer: empty cues": Hostile("", "00:00:01:\n"),
    "scc: captions": Hostile("Scenarist_SCC V1.0\n\n", f"00:{_STAMP}:00\t9420 9470 c845 942f\n"),
    "scc: rows that roll up": Hostile("Scenarist_SCC V1.0\n\n", "00:00:01:00\t9425 94ad c845\n"),
    "scc: one line": Hostile("Scenarist_SCC V1.0\n\n00:00:01:00\t9420 ", "c845 ", "942f\n"),
    "scc: many captions in one line": Hostile("Scenarist_SCC V1.0\n\n00:00:01:00\t", "9420 c845 942f "),
    "scc: addresses": Hostile("Scenarist_SCC V1.0\n\n00:00:01:00\t9420 ", "9470 94d0 ", "942f\n"),
    "scc: backspaces": Hostile("Scenarist_SCC V1.0\n\n00:00:01:00\t9420 ", "c845 94a1 ", "942f\n"),
    "scc: second channel": Hostile("Scenarist_SCC V1.0\n\n", f"00:{_STAMP}:00\t1c20 1c70 c845 1c2f\n"),
    "scc: damaged lines": Hostile("Scenarist_SCC V1.0\n\n", "00:00:01:00\t942\n"),
    "scc: a damaged end": Hostile("Scenarist_SCC V1.0\n\n00:00:01:00\t", "c845 ", "x"),
    "mcc: packets": Hostile(
        "File Format=MacCaption_MCC V1.0\n", f"00:{_STAMP}:00\tT52S524F67ZZ72F4FC9420FCC845FC942FFF\n"
    ),
    "mcc: damaged lines": Hostile("File Format=MacCaption_MCC V1.0\n", "00:00:01:00\tT5x\n"),
    "mcc: one line": Hostile("File Format=MacCaption_MCC V1.0\n00:00:01:00\tT52S", "O"),
    "pjs: cues": Hostile("", f'{_SECOND},{_SECOND_END},"a"\n'),
    "pjs: quotation marks": Hostile('1,2,"a"\n3,4,"', '" ', "x"),
    "subviewer: cues": Hostile("[BEGIN]\n", f"[00:{_STAMP}]\na\n"),
    "subviewer: starts": Hostile("[00:00:01]\n", "[BEGIN]\n***"),
    "ebu stl: blocks": Hostile(_EBU_STL_HEADER, (_EBU_STL_BLOCK + "a").ljust(128, "\x8f"), encoding="latin-1"),
    "ebu stl: extensions": Hostile(_EBU_STL_HEADER, (_EBU_STL_BLOCK.replace("\xff", "\1") + "a").ljust(128), encoding="latin-1"),  # noqa: E501
    "ebu stl: accents": Hostile(_EBU_STL_HEADER, (_EBU_STL_BLOCK + "\xc1" * 112), encoding="latin-1"),
    "spruce stl: cues": Hostile("", f"00:{_STAMP}:00 , 00:{_STAMP}:20 , a\n"),
    "spruce stl: other lines": Hostile("00:00:01:00 , 00:00:02:00 , a\n", "$a\n"),
    "table: rows": Hostile("start,end,text\n", f"{_SECOND},{_SECOND_END},a\n"),
    "table: columns": Hostile("start,end,text", ",a", "\n1,2,a\n"),
    "table: cells": Hostile("start,end,text\n1,2", ",a", "\n"),
    "table: quotation marks": Hostile("start,end,text\n", f'{_SECOND},{_SECOND_END},"a""\n'),
    "table: labels": Hostile("", f"{_SECOND}.000\t{_SECOND_END}.000\ta\n"),
    "qttext: times": Hostile("{QTtext}\n", f"[00:{_STAMP}.00]{{a}}\n"),
    "qttext: braces": Hostile("{QTtext}\n[00:00:01.00]\n", "{a:"),
    "timed text: times": Hostile("", "0:01\n", hint="txt"),
    "timed text: cues": Hostile("", f"{_STAMP}\na\n", hint="txt"),
    "timed text: names": Hostile("", "Ann Lee  0:01\na\n\n", hint="txt"),
    "timed text: names above": Hostile("", "Ann\n0:01\na\n\n", hint="txt"),
    "timed text: labels": Hostile("", "[0:01:01] Ann: a\n", hint="txt"),
    "timed text: colons": Hostile("0:01\na\n0:02\n", "a:1:", hint="txt"),
    "timed text: half times": Hostile("0:01\na\n0:02\n", "Ann Lee Ann 1:1:1:\n", hint="txt"),
    "timed text: inline times": Hostile("0:01\na\n0:02\n", "a (0:02) ", hint="txt"),
    "timed text: seconds": Hostile("0:01\na\n0:02\n", "1 minute 2 seconds\n", hint="txt"),
    "timed text: links": Hostile("0:01\na\n0:02\n", "[0:01](a ", hint="txt"),
    "timed text: lines first": Hostile("", "a\n", "0:01\na\n0:02\n", hint="txt"),
    "html: cites": Hostile("<time>0:01</time>", "<cite>a</cite>a", hint="html"),
    "html: times": Hostile("", f"<time>{_STAMP}</time>a", hint="html"),
    "html: blocks": Hostile("<time>0:01</time>", "<p>a", hint="html"),
    "html: open headings": Hostile("<time>0:01</time>", "<h1>", hint="html"),
    "html: long names": Hostile("<time>0:01</time><cite>", "a&amp;", hint="html"),
    "html: spaces": Hostile("<time>0:01</time><p>a", " ", "b", hint="html"),
    "html: no times": Hostile("<p>", "a<br>", hint="html"),
    "html: comments": Hostile("", "<!--a-->", hint="html"),
    "plain: lines": Hostile("", "ab\n", hint="txt"),
    "plain: vertical tabs": Hostile("", "ab\x0b", hint="txt"),
}  # fmt: skip
"""Whole files, by format and shape."""


CUES: dict[str, tuple[str, str, str, str]] = {
    "vtt": ("WEBVTT\n\n", _NEXT_CUE, "\n\n", ""),
    "srt": ("", f"{_SECOND_END}\n{_NEXT_SRT_CUE}", "\n\n", ""),
    "ttml": ("<tt><body><div>", f'<p begin="{_SECOND}s" end="{_SECOND_END}s">', "</p>", "</div></body></tt>"),
    "srv": ("<timedtext><body>", f'<p t="{_MS}" d="1000">', "</p>", "</body></timedtext>"),
    "ass": ("[Events]\n", f"Dialogue: 0,{_DOT},{_DOT_END},,,,,,,", "\n", ""),
    "json3": ('{"events":[', f'{{"tStartMs":{_MS},"dDurationMs":1000,"segs":[{{"utf8":"', '"}]},', "{}]}"),
}
"""For each format the start of a file, of a cue, the end of a cue and of the file; each cue has its own time."""


def hostile_files() -> dict[str, Hostile]:
    """Return every hostile file.

    These are the whole ones, each unit of text in one cue that is too long, in cues that are just not too long, and in
    as many cues as there may be.
    """
    files = dict(FILES)
    for format_name, (head, tail) in HEADS.items():
        for name, unit in TEXTS.items():
            hint = "txt" if format_name in ("plain", "timed text") else ""
            files[f"{format_name} text: {name}"] = Hostile(head, _escape_json(format_name, unit), tail, hint=hint)
    for format_name, (head, start, end, tail) in CUES.items():
        for name, unit in TEXTS.items():
            text = _escape_json(format_name, unit)
            for kind, chars in (("long", 900_000), ("short", 40)):
                files[f"{format_name} {kind} cues: {name}"] = Hostile(
                    head, text, tail, cue=(start, end), cue_chars=chars
                )
    for name, unit in TEXTS.items():
        files[f"vtt cues together: {name}"] = Hostile("WEBVTT\n\n", unit, cue=(_CUE, "\n\n"), cue_chars=40)
    return files


def _escape_json(format_name: str, unit: str) -> str:
    if format_name not in ("json3", "whisper") or unit in ('\\"', "\\ud800"):
        return unit
    return json.dumps(unit, ensure_ascii=False)[1:-1]
