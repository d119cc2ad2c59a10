"""The claims in articles, texts, Markdown, Word documents and JSON Lines."""

from __future__ import annotations

import io
import json
import os
import threading
import zipfile
from pathlib import Path

import pytest

from vidindex.errors import TargetError
from vidindex.ingest.claims import ClaimDocument, read_claims
from vidindex.ingest.claims.docx import MAX_XML_BYTES

SAID = "“Nobody told me that the river had moved,” Ann Lee said."
QUOTE = "Nobody told me that the river had moved,"
WORD = "http://schemas.openxmlformats.org/wordprocessingml/2006/main"


def read(target: str | Path, stdin: bytes = b"") -> ClaimDocument:
    return read_claims(str(target), find_article=lambda name: None, stdin=io.BytesIO(stdin))


def read_quotes(target: str | Path, stdin: bytes = b"") -> list[tuple[str, str]]:
    return [(claim.quote, claim.who) for claim in read(target, stdin).claims]


def make_docx(body: str, *, part: str = "word/document.xml", before: str = "") -> bytes:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
        kind = "http://schemas.openxmlformats.org/officeDocument/2006/relationships/officeDocument"
        relation = f'<Relationship Id="r1" Type="{kind}" Target="{part}"/>'
        archive.writestr("_rels/.rels", f'<Relationships xmlns="x">{relation}</Relationships>')
        document = f'<w:document xmlns:w="{WORD}" xmlns:mc="m"><w:body>{body}</w:body></w:document>'
        archive.writestr(part, before + document)
    return file.getvalue()


def paragraph(*runs: str, style: str = "") -> str:
    stated = f'<w:pPr><w:pStyle w:val="{style}"/></w:pPr>' if style else ""
    return f"<w:p>{stated}{''.join(f'<w:r><w:t>{run}</w:t></w:r>' for run in runs)}</w:p>"


@pytest.mark.parametrize("name", ["draft.txt", "draft.md", "draft", "-"])
def test_a_text_is_read_from_a_file_of_any_name_or_from_standard_input(tmp_path: Path, name: str) -> None:
    text = f"\ufeffFirst line.\n\n{SAID}\n".encode()
    target = name if name == "-" else tmp_path / name
    if name != "-":
        Path(target).write_bytes(text)
    assert read_quotes(target, text) == [(QUOTE, "Ann Lee")]


def test_lines_that_an_editor_broke_are_joined() -> None:
    text = "He waited for a very long time. “Nobody told me that the\nriver had moved,” Ann Lee said.\n"
    assert read_quotes("-", text.encode()) == [(QUOTE, "Ann Lee")]


def test_a_list_of_quotes_stays_a_list() -> None:
    text = "“We counted forty boats that day,” said Bob Ray.\n“Nothing was left of the old pier,” said Ann Lee.\n"
    assert [who for _, who in read_quotes("-", text.encode())] == ["Bob Ray", "Ann Lee"]


def test_markup_of_markdown_is_removed() -> None:
    text = (
        "---\ntitle: “a title is not a quote at all”\n---\n# Rivers\n\n"
        "- “Nobody told me that the *river* had [moved](https://example.org/a_(b)),” **Ann Lee** said.\n\n"
        "> I never wanted the job,\n> and I told them so.\n\n```\n“code is not a quote at all,” Bob Ray said\n```\n"
    )
    quotes = [quote for quote, _ in read_quotes("-", text.encode())]
    assert quotes == [QUOTE, "I never wanted the job, and I told them so."]


def test_a_word_document_is_read_as_it_is_shown() -> None:
    """Runs split words, deleted text is left out, inserted text is not, and text boxes stand there twice."""
    deleted = "<w:del><w:r><w:t>never </w:t><w:delText>x</w:delText></w:r></w:del>"
    inserted = "<w:ins><w:r><w:t>told</w:t></w:r></w:ins>"
    box = f"<mc:Choice>{paragraph('“We counted forty boats that day,” Bob Ray said.')}</mc:Choice>"
    body = (
        f"<w:p><w:r><w:t>“Nob</w:t></w:r><w:r><w:t>ody </w:t></w:r>{deleted}{inserted}<w:r><w:t> me that the</w:t>"
        f"<w:br/><w:t>river had moved,” Ann Lee said.</w:t></w:r></w:p>"
        f"<w:p><w:r>{box}{box.replace('Choice', 'Fallback')}</w:r></w:p>"
        + paragraph("I never wanted the job, and I told them so.", style="Quote")
    )
    quotes = [(QUOTE, "Ann Lee"), ("We counted forty boats that day,", "Bob Ray")]
    assert read_quotes("-", make_docx(body)) == [*quotes, ("I never wanted the job, and I told them so.", "")]
    assert read_quotes("-", make_docx(body, part="word/document2.xml"))[:2] == quotes


@pytest.mark.parametrize("style", ["Quote", "IntenseQuote", "Quotations", "Zitat", "Citation"])
def test_a_paragraph_in_the_style_of_a_quote_is_a_quote(style: str) -> None:
    body = paragraph("I never wanted the job, and I told them so.", style=style) + paragraph("He left.", style="Title")
    assert read_quotes("-", make_docx(body)) == [("I never wanted the job, and I told them so.", "")]


def test_a_word_document_is_recognized_under_any_name(tmp_path: Path) -> None:
    """Its first bytes may look like a page, if the archive is not compressed."""
    for name in ("draft.docx", "draft.html.docx", "draft"):
        (tmp_path / name).write_bytes(make_docx(paragraph(SAID) + "<!-- <html><body> -->"))
        assert read_quotes(tmp_path / name) == [(QUOTE, "Ann Lee")]


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (make_docx(paragraph("a" * (MAX_XML_BYTES + 1))), "more than 40 MB"),
        (make_docx("".join(f"<w:n{at}/>" for at in range(10_000))), "too many names"),
        (make_docx("<w:p>" * 5000), "too deeply"),
        (make_docx(paragraph("&lol;"), before='<!DOCTYPE w [<!ENTITY lol "lol">]>'), "entities"),
        (make_docx(paragraph("x"))[:150], "damaged"),
        (make_docx("<w:p>"), "damaged"),
        (make_docx("", part="xl/workbook.xml"), "not a Word document"),
        (b"%PDF-1.7", "save it as DOCX"),
        (b"{\\rtf1", "save it as DOCX"),
        (b"\x7fELF\0\0\0", "not a text"),
        (b'{"quote": "a", "who": "b"}\n{"quote": 1}\n', "line 2"),
        (b'{"quote": "a"}\n\n["a"]\n', "line 3"),
        (b'{"qoute": "a"}\n', "qoute"),
        (b'{"quote": "' + b"a" * 1_000_001 + b'"}\n', "line 1 is longer"),
    ],
    ids=["bomb", "names", "deep", "entities", "cut", "open", "sheet", "pdf", "rtf", "binary", "number", "list", "field",
         "long"],
)  # fmt: skip
def test_a_hostile_or_wrong_document_is_an_error_that_says_why(content: bytes, reason: str) -> None:
    with pytest.raises(TargetError, match=reason):
        read_quotes("-", content)


def test_json_lines_have_the_fields_of_claims() -> None:
    lines = [{"quote": "a b", "who": "Ann", "video": "v", "article": "u", "id": "7"}, {"quote": "c d", "who": None}]
    text = "\n\n".join(map(json.dumps, lines)).encode()
    claims = list(read("-", text).claims)
    assert [(each.quote, each.who, each.video, each.article, each.id) for each in claims] == [
        ("a b", "Ann", "v", "u", "7"),
        ("c d", "", "", "", ""),
    ]


def test_a_claim_of_json_lines_is_there_before_the_next_one_is_written() -> None:
    """A program may write a claim only after it has read the verdict of the last one."""
    reading, writing = os.pipe()
    with os.fdopen(reading, "rb") as source, os.fdopen(writing, "wb", buffering=0) as pipe:
        threading.Timer(0, pipe.write, [b'{"quote": "first"}\n']).start()
        claims = iter(read_claims("-", find_article=lambda name: None, stdin=source).claims)
        assert next(claims).quote == "first"
        pipe.write(b'{"quote": "second"}\n')
        assert next(claims).quote == "second"


def test_a_saved_page_makes_the_claims_of_its_article(tmp_path: Path) -> None:
    page = tmp_path / "page.html"
    page.write_text(f"<html><title>Rivers</title><body><p>{SAID}</p></body></html>", encoding="utf-8")
    document = read(page)
    assert document.title == "Rivers"
    assert [(claim.quote, claim.article) for claim in document.claims] == [(QUOTE, page.as_uri())]
    assert read_quotes("-", page.read_bytes()) == [(QUOTE, "Ann Lee")]


@pytest.mark.parametrize(
    "text",
    ["[" * 90_000, "*a" * 45_000, "<a" * 45_000, "> " * 45_000, "a\n" * 45_000, "[a](" * 30_000],
    ids=["brackets", "emphasis", "tags", "quotes", "lines", "links"],
)
def test_hostile_markdown_is_read_in_linear_time(text: str) -> None:
    assert isinstance(read_quotes("-", text.encode()), list)
