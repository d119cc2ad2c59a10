"""Links in text with one per line, and in tables."""

from __future__ import annotations

import io
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from vidindex.errors import ListError
from vidindex.ingest.lists import ListEntry, read_list
from vidindex.ingest.lists.spelling import spelling_key

A, B, C = "https://a.example/1", "https://b.example/2?x=1,2#part", "https://c.example/3"


def urls(path: Path, **options: str) -> list[str]:
    found = list(read_list(path, **options))  # type: ignore[arg-type] # fetching is never among them
    assert [each.problem for each in found if each.problem] == []
    return [each.url for each in found]


def write(folder: Path, text: str, name: str = "links.txt", encoding: str = "utf-8") -> Path:
    path = folder / name
    path.write_bytes(text.encode(encoding))
    return path


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be", "cp1252"])
@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
def test_lines_come_in_any_encoding_and_with_any_end(tmp_path: Path, encoding: str, end: str) -> None:
    text = end.join(["# links of May, for Zoë", "", A, f"  <{B}>  ", f"{C} # the last", f"{A} # again", ""])
    assert urls(write(tmp_path, text, encoding=encoding)) == [A, B, C]


def test_each_link_has_its_line_and_title(tmp_path: Path) -> None:
    assert list(read_list(write(tmp_path, f"\n{A} A <b>kettle</b> &amp; more # note\n{B}"))) == [
        ListEntry(A, 2, "A kettle & more"),
        ListEntry(B, 3),
    ]


def test_files_are_found_beside_their_list(tmp_path: Path) -> None:
    (tmp_path / "my page.html").write_text("<html>")
    path = write(tmp_path, f"my page.html\n{(tmp_path / 'my page.html').as_uri()}")
    assert urls(path) == [str(tmp_path / "my page.html"), (tmp_path / "my page.html").as_uri()]


@pytest.mark.parametrize(
    ("line", "says"),
    [
        ("a kettle", "not a link"),
        ("www.example.org/a", "not a link"),
        ("ftp://a.example/x", "not supported"),
        ("https://", "host"),
        ("http://[::1", "host"),
        ("https://a.example/" + "x" * 9000, "longer"),
        ("mailto:a@b.example", "not a link"),
        ("\0", ""),
    ],
)
def test_a_line_that_is_not_a_link_is_reported_and_the_rest_is_read(tmp_path: Path, line: str, says: str) -> None:
    first, second, third = read_list(write(tmp_path, f"{A}\n{line}\n" + f"{C}\n" * 20))
    assert (first.url, third.url) == (A, C)
    assert says in second.problem
    assert (bool(second.problem), second.line) == (True, 2)


def test_a_line_without_end_is_read_in_parts(tmp_path: Path) -> None:
    found = list(read_list(write(tmp_path, f"{A}\n" + "x" * 5_000_000)))
    assert found[0].url == A
    assert all(len(each.url) <= 200 and each.problem for each in found[1:])


def test_links_are_read_from_standard_input(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sys.stdin", io.TextIOWrapper(io.BytesIO(f"{A}\n{B}".encode())))
    assert [each.url for each in read_list("-")] == [A, B]


def test_links_are_read_lazily(tmp_path: Path) -> None:
    found = read_list(write(tmp_path, "".join(f"https://a.example/{at}\n" for at in range(20_000))))
    assert next(found).url == "https://a.example/0"
    assert sum(1 for _ in found) == 19_999


def test_a_missing_file_is_an_error(tmp_path: Path) -> None:
    for missing in (tmp_path / "none.txt", str(tmp_path / "none.txt"), "", "a\0b", tmp_path, "x" * 5000):
        with pytest.raises(ListError):
            list(read_list(missing))


def test_a_text_without_links_is_not_a_list(tmp_path: Path) -> None:
    with pytest.raises(ListError, match="first 50"):
        list(read_list(write(tmp_path, "It was a dark and stormy night.\n" * 1000)))


def test_an_empty_list_has_no_links(tmp_path: Path) -> None:
    assert urls(write(tmp_path, "")) == []
    assert urls(write(tmp_path, "", "links.csv")) == []


TABLES = {
    "a header": f"title,url,date\nKettles,{A},2021-05-06\nTides,{C},2021-06-07\n",
    "semicolons": f'url;title\n{A};"Kettles; boiling"\n{C};Tides\n',
    "tabs": f"Kettles boil\t{A}\t1\nTides\t{C}\t2\n",
    "bars": f"{A}|Kettles and pans\n{C}|Tides in May\n",
    "quotes": f'"{A}","He said ""no"""\n"{C}","two\nlines of it"\n',
    "no header": f"{A},Kettles and pans\n{C},Tides in May\n",
    "a date": f"{A},2021-05-06\n{C},2021-06-07\n",
    "links last": f"1,x,{A}\n2,y,{C}\n",
    "comments": f"# of May\nname,link\na,{A}\n\nb,{C}\n",
    "two links": f"name,url,image\nx,{A},https://img.example/1.png\ny,{C},https://img.example/2.png\n",
    "for Excel": f"sep=;\nurl;title\n{A};Kettles\n{C};Tides\n",
    "an image first": f"image,link\nhttps://img.example/1.png,{A}\nhttps://img.example/2.png,{C}\n",
    "some empty": f"n,url\n1,{A}\n2,\n3,{C}\n",
}


@pytest.mark.parametrize("text", [text for name, text in TABLES.items() if name != "some empty"])
@pytest.mark.parametrize("name", ["links.txt", "links.csv"])
@pytest.mark.parametrize("encoding", ["utf-8-sig", "utf-16"])
def test_the_links_of_a_table_are_found(tmp_path: Path, text: str, name: str, encoding: str) -> None:
    assert urls(write(tmp_path, text, name, encoding)) == [A, C]


def test_titles_dates_and_lines_come_from_a_table(tmp_path: Path) -> None:
    path = write(tmp_path, TABLES["a header"])
    assert list(read_list(path)) == [ListEntry(A, 2, "Kettles", "2021-05-06"), ListEntry(C, 3, "Tides", "2021-06-07")]
    assert urls(path, since="2021-06-01") == [C]


@pytest.mark.parametrize("column", ["image", "IMAGE", "3"])
def test_a_column_is_chosen_by_name_or_number(tmp_path: Path, column: str) -> None:
    path = write(tmp_path, TABLES["two links"])
    assert urls(path, column=column) == ["https://img.example/1.png", "https://img.example/2.png"]


@pytest.mark.parametrize("column", ["photo", "0", "4", "²"])
def test_a_missing_column_is_an_error_that_names_the_others(tmp_path: Path, column: str) -> None:
    with pytest.raises(ListError, match="name, url, image"):
        urls(write(tmp_path, TABLES["two links"]), column=column)


def test_a_table_without_links_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(ListError, match="--column"):
        urls(write(tmp_path, "a,b\n1,2\n3,4\n", "links.csv"))


def test_a_cell_that_is_not_a_link_is_reported(tmp_path: Path) -> None:
    found = list(read_list(write(tmp_path, TABLES["some empty"], "links.csv")))
    assert [(each.line, each.problem != "") for each in found] == [(2, False), (3, True), (4, False)]


def test_a_column_of_files_is_read(tmp_path: Path) -> None:
    (tmp_path / "a.html").write_text("<html>")
    path = write(tmp_path, "file,what\na.html,a page\n", "links.csv")
    assert urls(path, column="file") == [str(tmp_path / "a.html")]


@pytest.mark.parametrize(
    "text",
    [
        "https://a.example/artikel,100.html\nhttps://a.example/bericht,102.html\n",
        "https://a.example/a;b=1\nhttps://a.example/c;d=2\n",
        "https://a.example/?a|b\n",
    ],
)
def test_links_with_commas_are_not_a_table(tmp_path: Path, text: str) -> None:
    assert urls(write(tmp_path, text)) == text.split()


def test_an_unclosed_quote_does_not_exhaust_memory(tmp_path: Path) -> None:
    text = f'url,title\n{A},"Kettles\n' + f"{C},Tides\n" * 20_000
    with pytest.raises(ListError, match="quotes"):
        list(read_list(write(tmp_path, text, "links.csv")))


_LINKS = st.lists(
    st.text("abcdefghijklmnopqrstuvwxyz0123456789-._~/?&=,;|%#", max_size=30).map("https://a.example/{}".format),
    unique_by=spelling_key,
    max_size=20,
)


@given(_LINKS)
def test_links_written_as_text_are_read_back(tmp_path_factory: pytest.TempPathFactory, links: list[str]) -> None:
    assert urls(write(tmp_path_factory.getbasetemp(), "\n".join(links))) == links


# A short file that is full of control characters is refused as binary, whatever is between them.
_TITLES = st.text(
    st.characters(exclude_categories=["Cc"], exclude_characters="\ufffd", include_characters="\n\t"), max_size=10
)


@given(_LINKS, st.lists(_TITLES, min_size=20, max_size=20), st.sampled_from(",;\t|"))
def test_links_written_as_a_table_are_read_back(
    tmp_path_factory: pytest.TempPathFactory, links: list[str], titles: list[str], delimiter: str
) -> None:
    import csv

    written = io.StringIO()
    rows = csv.writer(written, delimiter=delimiter, quoting=csv.QUOTE_ALL)
    rows.writerow(["link", "title"])
    rows.writerows(zip(links, (title.encode("utf-8", "replace").decode() for title in titles), strict=False))
    path = write(tmp_path_factory.getbasetemp(), written.getvalue(), "table.csv")
    assert urls(path) == links


def test_the_download_archive_of_ytdlp_is_a_list(tmp_path: Path) -> None:
    archive = write(tmp_path, "youtube aB3dE6gH9jK\nvimeo 1084537\nunheard-of 12\n", "archive.txt")
    found = list(read_list(archive))
    assert [each.url for each in found[:2]] == [
        "https://www.youtube.com/watch?v=aB3dE6gH9jK",
        "https://vimeo.com/1084537",
    ]
    assert [bool(each.problem) for each in found] == [False, False, True]


@pytest.mark.parametrize(
    "line",
    [
        f"Please look at {A}, and ({C})!",
        f'@online{{a, url={{{A}}}, note="{C}"}}',
        f"UR  - {A}\nUR  - {C}",
        f"- url: {A}\n- url: {C}",
        f"2019-05-02 10:00 GET {A} 200\n2019-05-02 10:01 GET {C} 200",
    ],
)
def test_links_among_other_words_are_found(tmp_path: Path, line: str) -> None:
    assert urls(write(tmp_path, line)) == [A, C]


@pytest.mark.parametrize(
    "link",
    [
        "https://www.google.com/url?q=https%3A%2F%2Fa.example%2F1&sa=D&ust=1",
        "https://www.google.co.uk/amp/s/a.example/1",
        "https://l.facebook.com/l.php?u=https%3A%2F%2Fa.example%2F1&h=AT0",
        "https://www.youtube.com/redirect?event=video_description&q=https%3A%2F%2Fa.example%2F1&v=x",
        "https://eur01.safelinks.protection.outlook.com/?url=https%3A%2F%2Fa.example%2F1&data=05",
        "https://urldefense.com/v3/__https://a.example/1__;!!abc!def$",
        "https://urldefense.proofpoint.com/v2/url?u=https-3A__a.example_1&d=Dw",
        "https://out.reddit.com/t3?url=https%3A%2F%2Fl.facebook.com%2Fl.php%3Fu%3Dhttps%253A%252F%252Fa.example%252F1",
    ],
)
def test_a_link_through_a_redirecting_service_is_the_one_behind_it(tmp_path: Path, link: str) -> None:
    assert urls(write(tmp_path, f"{link}\n{A}")) == [A]


@pytest.mark.parametrize(
    "link",
    [
        "https://www.google.com/url?q=mayor",
        "https://www.google.com/url?q=https://[1",
        "https://a.example/url?q=https://b.example/2",
        "https://l.facebook.com/l.php?u=javascript:alert(1)",
    ],
)
def test_other_links_with_links_in_them_stay_as_they_are(tmp_path: Path, link: str) -> None:
    assert urls(write(tmp_path, link)) == [link]


def test_links_to_one_video_are_one_link(tmp_path: Path) -> None:
    first = "https://youtu.be/aB3dE6gH9jK?si=x"
    text = f"{first}\nhttps://m.youtube.com/watch?v=aB3dE6gH9jK&t=90s\nhttps://www.youtube.com/shorts/aB3dE6gH9jK"

    assert urls(write(tmp_path, text)) == [first]


def test_links_of_a_spreadsheet_are_read_from_their_formulas(tmp_path: Path) -> None:
    text = f'title,link\nOne,"=HYPERLINK(""{A}"",""One"")"\nTwo,"=HYPERLINK(""{C}"")"\n'

    assert urls(write(tmp_path, text, name="links.csv")) == [A, C]
