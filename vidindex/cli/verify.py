"""`vidindex verify`: check quotes against the captions."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field, replace
from datetime import datetime
from importlib.metadata import version
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal, get_args

import click

from ..errors import NotIndexedError
from .context import CommandContext
from .shared_options import render_option
from .terminal import json_line, write_output

if TYPE_CHECKING:
    from ..ingest.claims import ClaimDocument
    from ..library import Index
    from ..model import Article, Review
    from ..verify.claims import Claim
    from ..verify.reports.wording import ReportHead
    from ..verify.verdicts import Verdict

_FailureName = Literal["altered", "spliced", "contradicted", "partial", "not_found", "faithful", "verbatim"]
_FAILURE_NAMES: tuple[_FailureName, ...] = get_args(_FailureName)
_MAX_REPORTED = 5_000
_OutputForm = Literal["table", "json", "markdown"]


def _parse_failures(ctx: click.Context, param: click.Parameter, value: str | None) -> frozenset[str] | None:
    """Parse a list of verdicts, separated by commas."""
    if value is None:
        return None
    names = [each.strip().lower().replace("-", "_").replace(" ", "_") for each in value.split(",")]
    for name in names:
        if name not in _FAILURE_NAMES:
            raise click.BadParameter(f"unknown verdict {name!r}; choose from {', '.join(_FAILURE_NAMES)}", ctx, param)
    return frozenset(names)


@dataclass(frozen=True, slots=True)
class VerifyOutput:
    """How the verdicts are shown, and which of them make the command fail."""

    form: _OutputForm = "table"
    html: Path | None = None
    failures: frozenset[str] | None = None

    def exit_code(self, verdicts: Iterable[Verdict]) -> int:
        """Return 1 if a verdict is one of the failures; if none are given, 1 if nothing was found."""
        is_found = has_failed = False
        for verdict in verdicts:  # all of them: the caller may print each
            is_found = is_found or verdict.hit is not None
            has_failed = has_failed or is_failure(verdict, self.failures or frozenset())
        return int(not is_found if self.failures is None else has_failed)


@dataclass(frozen=True, slots=True)
class GivenClaim:
    """What the options state about quotes; with *render*, the scripts of articles run that are empty without them."""

    quotes: tuple[str, ...] = ()
    who: str = ""
    video: str = ""
    article: str = ""
    render: bool = False

    def complete(self, claim: Claim) -> Claim:
        """Return *claim* with what it does not state itself."""
        article = claim.article or ("" if claim.video or self.video else self.article)
        return replace(claim, who=claim.who or self.who, video=claim.video or self.video, article=article)


@dataclass(slots=True)
class _Sources:
    """The documents of one run; their claims are read one after the other."""

    documents: list[ClaimDocument] = field(default_factory=list)

    @property
    def title(self) -> str:
        return self.documents[0].title if len(self.documents) == 1 else ""

    @property
    def url(self) -> str:
        article = self.documents[0].article if len(self.documents) == 1 else None
        return article.url if article else ""


def is_failure(verdict: Verdict, names: frozenset[str]) -> bool:
    """Return whether *verdict* is one of *names*."""
    return verdict.verdict in names or ("contradicted" in names and verdict.speaker_check == "contradicted")


def _output_options(command: Callable[..., Any]) -> Callable[..., Any]:
    options = [
        click.option("--json", "form", flag_value="json", help="Print JSON Lines."),
        click.option("--markdown", "form", flag_value="markdown", help="Print Markdown."),
        click.option(
            "--html",
            type=click.Path(dir_okay=False, path_type=Path),
            metavar="FILE",
            help="Write a report with links to FILE.",
        ),
        click.option(
            "--fail-on",
            "failures",
            callback=_parse_failures,
            metavar="VERDICTS",
            help="Exit with 1 if a quote has one of these verdicts, such as altered,spliced,contradicted; else with 0.",
        ),
    ]
    for option in reversed(options):
        command = option(command)
    return command


@click.command(no_args_is_help=True)
@click.argument("targets", nargs=-1, metavar="[TARGET…]")
@click.option("--quote", "texts", multiple=True, metavar="TEXT", help="A quote to verify; repeatable.")
@click.option("--who", default="", metavar="NAME", help="Who is said to have said it.")
@click.option("--video", default="", metavar="ID", help="Id or URL of the video in which it is said to have been said.")
@click.option("--article", default="", metavar="URL", help="Article in the index that embeds the video.")
@render_option
@_output_options
@click.pass_obj
def verify(session: CommandContext, /, targets: tuple[str, ...], texts: tuple[str, ...], **params: Any) -> int:
    """Check quotes against the captions: were they said, by whom, and is the meaning unchanged?

    TARGET is the URL of an article, a saved page, a text, a Markdown or Word document (DOCX), JSON Lines with the
    fields quote, who, video, article and id, or - for standard input. --who, --video and --article apply to quotes that
    do not state it themselves. Each verdict is verbatim, faithful, altered, spliced, partial or not found.

    \b
      vidindex verify https://example.org/2009/09/late-night.html
      vidindex verify draft.docx --html report.html
      vidindex verify --quote "I never took the time off" --who Vale
      vidindex verify claims.jsonl --json
      vidindex verify draft.md --fail-on altered,spliced,contradicted
    """
    if not targets and not texts:
        raise click.UsageError("give a TARGET or a --quote")
    given = GivenClaim(texts, params["who"], params["video"], params["article"], params["render"])
    output = VerifyOutput(params["form"] or "table", params["html"], params["failures"])
    return _verify(session, targets, given, output)


@click.command(no_args_is_help=True)
@click.argument("article")
@render_option
@_output_options
@click.pass_obj
def quotes(session: CommandContext, /, article: str, render: bool, **params: Any) -> int:
    """Check the quotations printed in ARTICLE: the same as `vidindex verify ARTICLE`.

    Add the article first, so that its videos are known.

    \b
      vidindex quotes https://example.org/2009/09/late-night.html
      vidindex quotes saved.html --html report.html
    """
    output = VerifyOutput(params["form"] or "table", params["html"], params["failures"])
    return _verify(session, (article,), GivenClaim(render=render), output)


def _verify(session: CommandContext, targets: tuple[str, ...], given: GivenClaim, output: VerifyOutput) -> int:
    from ..verify.claims import Claim

    with session.open() as index:
        sources = _Sources()
        claims = [given.complete(Claim(text)) for text in given.quotes]
        verdicts = index.verify(_read_claims(index, targets, claims, given, sources))
        if output.form == "json" and output.html is None:
            return output.exit_code(_print_json(verdicts, index))
        collected = _collect(verdicts)
        _warn_of_unknown_articles(sources, index)
        return _show(collected, _make_head(sources, index.engine), output, index)


def _read_claims(
    index: Index, targets: tuple[str, ...], claims: list[Claim], given: GivenClaim, sources: _Sources
) -> Iterator[Claim]:
    """Yield *claims* and those of *targets*; each target is read when it is reached."""
    from ..ingest.claims import read_claims

    yield from claims
    for target in targets:
        document = read_claims(
            target, find_article=lambda name: _find_article(index, name), stdin=sys.stdin.buffer, render=given.render
        )
        sources.documents.append(document)
        yield from map(given.complete, document.claims)


def _find_article(index: Index, name: str) -> Article | None:
    try:
        return index.article(name)
    except NotIndexedError:
        return None


def _collect(verdicts: Iterator[Verdict]) -> list[Verdict]:
    collected = list(islice(verdicts, _MAX_REPORTED + 1))
    if len(collected) > _MAX_REPORTED:
        raise click.ClickException(f"more than {_MAX_REPORTED:,} quotes: use --json, which prints each at once")
    return collected


def _print_json(verdicts: Iterable[Verdict], index: Index) -> Iterator[Verdict]:
    from ..server.serialize import serialize_review, serialize_verdict

    find_review = _ReviewFinder(index)
    for verdict in verdicts:
        review = find_review(verdict.claim)
        fields = {**serialize_verdict(verdict), **({"review": serialize_review(review)} if review else {})}
        click.echo(json_line(fields))
        yield verdict


class _ReviewFinder:
    """Finds what was noted about quotations; reads the reviews of each article once."""

    def __init__(self, index: Index) -> None:
        self._index = index
        self._reviews: dict[str, dict[str, Review]] = {}

    def __call__(self, claim: Claim) -> Review | None:
        if claim.article not in self._reviews:
            article = _find_article(self._index, claim.article) if claim.article else None
            found = self._index.reviews(article.url) if article else []
            self._reviews[claim.article] = {review.quote: review for review in found if not review.is_empty}
        return self._reviews[claim.article].get(claim.quote)


def _warn_of_unknown_articles(sources: _Sources, index: Index) -> None:
    for document in sources.documents:
        if document.article is not None and _find_article(index, document.article.url) is None:
            click.echo("this article is not in the index; its quotations are searched in all videos", err=True)


def _show(verdicts: list[Verdict], head: ReportHead, output: VerifyOutput, index: Index) -> int:
    from ..verify.reports.html import render_html
    from ..verify.reports.markdown import render_markdown
    from .verdict_table import print_verdicts

    if output.html is not None:
        _write_report(output.html, render_html(verdicts, head))
    if output.form == "json":
        list(_print_json(verdicts, index))
    elif output.form == "markdown":
        click.echo(render_markdown(verdicts, head), nl=False)
    elif not verdicts:
        click.echo("no quotes found; a quote stands in quotation marks, or give it with --quote", err=True)
    elif output.html is None:
        print_verdicts(verdicts, head)
    return output.exit_code(verdicts)


def _make_head(sources: _Sources, engine: str) -> ReportHead:
    from ..verify.reports.wording import ReportHead

    today = datetime.now().astimezone().strftime("%Y-%m-%d")
    return ReportHead(sources.title, sources.url, f"{version('vidindex')} with {engine}", today)


def _write_report(path: Path, text: str) -> None:
    write_output(text, path)
    click.echo(f"wrote {path}", err=True)
