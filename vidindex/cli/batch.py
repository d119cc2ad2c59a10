"""`vidindex batch` and `vidindex refresh`: process lists of links, and update indexed videos."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager, suppress
from typing import TYPE_CHECKING, Any

import click

from ..errors import IndexLocationError
from ..store.tasks import describe_queue
from .asr_options import pop_asr_options
from .context import CommandContext
from .shared_options import content_options, network_options, pop_fields, pop_resolve_options
from .terminal import format_pause, one_line, pluralize

if TYPE_CHECKING:
    from ..ingest.batch import BatchOptions, BatchReport
    from ..ingest.lists import ListEntry
    from ..library import Index

_UNIT_SECONDS = {"s": 1, "m": 60, "h": 3600, "d": 86_400, "w": 604_800}
_DURATION_PATTERN = re.compile(r"(\d{1,9}(?:\.\d{1,3})?)([smhdw]?)")
DEFAULT_DELAY_S = 0.5
_PROVIDER_NAMES = {"youtube.com": "YouTube"}


class DurationParam(click.ParamType[float]):
    """A duration such as `90`, `90s`, `15m`, `8h`, `30d` or `2w`, in seconds."""

    name = "duration"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> float:
        if isinstance(value, (int, float)):
            return float(value)
        match = _DURATION_PATTERN.fullmatch(value)
        if not match:
            self.fail(f"{value!r} is not a duration: give 90s, 15m, 8h or 30d", param, ctx)
        return float(match[1]) * _UNIT_SECONDS[match[2] or "s"]


def run_options(command: Callable[..., Any]) -> Callable[..., Any]:
    """Add the options of commands that work through the queue."""
    options = [
        click.option(
            "--jobs",
            type=click.IntRange(1, 64),
            default=8,
            show_default=True,
            metavar="N",
            help="Number of concurrent tasks.",
        ),
        click.option(
            "--per-host",
            type=click.IntRange(1, 64),
            default=2,
            show_default=True,
            metavar="N",
            help="Maximum concurrent tasks per host.",
        ),
        click.option(
            "--wait",
            "wait_s",
            type=DurationParam(),
            default=600.0,
            metavar="TIME",
            help="Wait for retries that are due within this time: 0, 10m, 8h.  [default: 10m]",
        ),
        click.option(
            "--pace",
            type=click.FloatRange(0),
            metavar="N",
            help="Videos of YouTube to request in an hour, 0 for no limit.  [default: 300, with cookies 2000]",
        ),
        click.option("--fail-fast", is_flag=True, help="Stop at the first failure."),
        click.option(
            "--json-log",
            type=click.Path(dir_okay=False),
            metavar="FILE",
            help="Append each event to FILE as JSON Lines.",
        ),
        click.option("-q", "--quiet", is_flag=True, help="Print only the summary."),
    ]
    for option in reversed(options):
        command = option(command)
    return network_options(command)


@click.command()
@click.argument("files", metavar="[FILE…|-]", nargs=-1)
@click.option("--column", default="", metavar="NAME", help="Column of a CSV list with the links.")
@click.option(
    "--since", default="", metavar="DATE", help="Only entries that a feed or sitemap dates from DATE or later."
)
@click.option(
    "--max", "most", type=click.IntRange(1), metavar="N", help="Maximum number of links to start in this run."
)
@click.option("--dry-run", is_flag=True, help="Read the lists and show what would be done.")
@click.option(
    "--retry",
    type=click.Choice(["failed", "dead", "no-captions"]),
    multiple=True,
    help="Also retry links that failed, are unavailable, or had no captions; repeatable.",
)
@click.option(
    "--reread",
    "reread_s",
    type=DurationParam(),
    metavar="TIME",
    help="Read articles again that were read at least TIME ago, such as 7d.",
)
@click.option(
    "--report", "report_file", metavar="FILE", help="Write the outcome of each link to a .csv or .jsonl file."
)
@click.option("--ignore-robots", is_flag=True, help="Also read pages that robots.txt disallows.")
@click.option(
    "--playlist-max", "limit", type=click.IntRange(1), metavar="N", help="Maximum number of videos of a playlist."
)
@content_options
@run_options
@click.pass_obj
def batch(
    session: CommandContext,
    /,
    files: tuple[str, ...],
    column: str,
    since: str,
    dry_run: bool,
    retry: tuple[str, ...],
    reread_s: float | None,
    report_file: str | None,
    json_log: str | None,
    quiet: bool,
    **params: Any,
) -> int:
    """Add whole lists of links to the index, unattended.

    A FILE is a list of links to articles or videos: text with one link per line, CSV, OPML, browser bookmarks, JSON
    Lines, a feed or a sitemap. It may also be the URL of a list, or - for standard input. Each link is processed once:
    run the same command again to continue where it stopped, or run it without FILE to process what is left. Ctrl-C
    stops after the current tasks. Requests to one host are half a second apart unless --sleep is given, and videos of
    YouTube are requested at the pace that it bears unless --pace is given. An article is read again if a feed or
    sitemap states a later date than when it was read.

    \b
      vidindex batch links.txt --report report.csv
      vidindex batch https://example.org/feed.xml --since 2026-01-01
      vidindex batch --retry failed
    """
    from .batch_report import make_report_writer

    write = make_report_writer(report_file)
    options = _batch_options(params)
    listed = list(_read_lists(files, options, column=column, since=since))
    urls = list(dict.fromkeys(each.url for each in listed if not each.problem))
    problems = sum(bool(each.problem) for each in listed)
    if dry_run:
        return _show_dry_run(session, urls, options, problems=problems)
    requeue = {"retry": retry, "reread_s": reread_s, "changed": _list_changes(listed), "feeds": _list_feeds(listed)}
    with session.open(create=bool(urls)) as index:
        report = _run_batch(index, session, options, urls, requeue, json_log=json_log, quiet=quiet)
        if write is not None:
            write(index.report(*urls))
            click.echo(f"wrote the report to {one_line(str(report_file))}", err=True)
        return _print_summary(index, report, problems=problems)


@click.command()
@click.option(
    "--older-than",
    type=DurationParam(),
    default=0.0,
    metavar="TIME",
    help="Only videos that were last checked at least TIME ago, such as 30d.",
)
@run_options
@click.pass_obj
def refresh(session: CommandContext, /, older_than: float, json_log: str | None, quiet: bool, **params: Any) -> int:
    """Update the metadata and captions of the indexed videos.

    Changed metadata and captions are replaced, new captions are added. A video that is no longer available stays
    searchable and is marked as unavailable.

    \b
      vidindex refresh --older-than 30d
    """
    options = _batch_options(params)
    with session.open() as index:
        with _progress_callback(session, index, json_log, quiet, own=True) as tell:
            report = index.refresh(older_than_s=older_than, options=options, notify=tell)
        asked = pluralize(report.new + report.captioned + report.changed + report.unchanged, "video")
        click.echo(
            f"{asked} checked: {report.changed:,} changed, {report.captioned:,} with new captions, "
            f"{report.new:,} new, {report.unchanged:,} unchanged"
        )
        return _print_summary(index, report, problems=0, own=True)


def _batch_options(params: dict[str, Any]) -> BatchOptions:
    from ..ingest import AddOptions
    from ..ingest.batch import BatchOptions

    by_hand = click.get_current_context().get_parameter_source("sleep_s") is not click.core.ParameterSource.DEFAULT
    resolve = pop_resolve_options(params)
    asr = pop_asr_options(params, enabled=params.pop("recognize")) if "recognize" in params else None
    robots = not params.pop("ignore_robots", False)
    adding = AddOptions(**pop_fields(AddOptions, params), resolve=resolve, asr=asr)
    delay_s = resolve.sleep_s if by_hand else DEFAULT_DELAY_S
    return BatchOptions(**pop_fields(BatchOptions, params), delay_s=delay_s, robots=robots, adding=adding)


def _read_lists(files: Iterable[str], options: BatchOptions, *, column: str, since: str) -> Iterator[ListEntry]:
    """Yield the entries of all lists; print those that are not links, which count as failures."""
    from ..ingest import fetch_options
    from ..ingest.lists import read_list
    from ..net.throttle import HostThrottle

    fetching = fetch_options(options.adding.resolve, throttle=HostThrottle(delay_s=options.delay_s))
    for file in files:
        for each in read_list(file, column=column, since=since, fetching=fetching):
            if each.problem:
                place = f"line {each.line}" if each.line else one_line(each.url)
                click.echo(f"{one_line(file)}, {place}: {one_line(each.problem)}", err=True)
            yield each


def _list_changes(listed: Iterable[ListEntry]) -> dict[str, str]:
    """Return the latest date that the lists state for each link, as they write it."""
    from ..ingest.lists.changes import later_date

    changes: dict[str, str] = {}
    for entry in listed:
        if entry.changed and not entry.problem:
            changes[entry.url] = later_date(changes.get(entry.url, ""), entry.changed)
    return changes


def _list_feeds(listed: Iterable[ListEntry]) -> dict[str, str]:
    """Return the podcast feed of each link that is an episode."""
    return {entry.url: entry.feed for entry in listed if entry.feed and not entry.problem}


def _show_dry_run(session: CommandContext, urls: list[str], options: BatchOptions, *, problems: int) -> int:
    known: dict[str, int] = {}
    finished: set[str] = set()
    with suppress(IndexLocationError), session.open() as index:  # the first run creates it
        for each in index.report(*urls):
            known[each.state] = known.get(each.state, 0) + 1
            if each.state in ("done", "gone", "failed"):
                finished.add(each.link)
    new = len(urls) - sum(known.values())
    parts = [f"{new:,} new", *(f"{count:,} {state}" for state, count in known.items())]
    click.echo(f"{pluralize(len(urls), 'link')}: {', '.join(parts)}; nothing was added")
    for line in _estimate_lines([url for url in urls if url not in finished], options):
        click.echo(line)
    return 1 if problems else 0


def _estimate_lines(urls: Iterable[str], options: BatchOptions) -> Iterator[str]:
    """Yield how long the links of each provider take that limits its visitors."""
    from ..net.pace import estimate_hours, videos_per_hour
    from ..net.traffic import site_of

    resolve = options.adding.resolve
    has_account = bool(resolve.cookies or resolve.cookies_from_browser)
    paces = videos_per_hour(has_account=has_account, override=options.pace)
    counts = Counter(map(site_of, urls))
    for site, pace in paces.items():
        if count := counts[site]:
            name = _PROVIDER_NAMES.get(site, site)
            took = _format_estimate(estimate_hours(count, pace))
            visitor = "as you ask" if options.pace else "with an account" if has_account else "for guests"
            yield f"{pluralize(count, f'{name} link')}: {took} ({pace:,g} videos an hour {visitor})"


def _format_estimate(hours: float) -> str:
    if hours < 1 / 60:
        return "less than a minute"
    if hours < 2:
        return f"about {pluralize(max(round(60 * hours), 1), 'minute')}"
    return f"about {hours:,.0f} hours"


def _run_batch(
    index: Index,
    session: CommandContext,
    options: BatchOptions,
    urls: list[str],
    requeue: dict[str, Any],
    *,
    json_log: str | None,
    quiet: bool,
) -> BatchReport:
    with _progress_callback(session, index, json_log, quiet) as tell:
        return index.batch(*urls, options=options, **requeue, notify=tell)


@contextmanager
def _progress_callback(
    session: CommandContext, index: Index, json_log: str | None, quiet: bool, *, own: bool = False
) -> Iterator[Callable[[Any], None]]:
    """Yield a callback that prints and logs each event.  *own*: the run is not about the whole queue."""
    from .batch_progress import BatchLog, BatchProgress, sigterm_as_interrupt

    with (
        BatchProgress(None if own else index.status, verbose=session.verbose, quiet=quiet) as board,
        BatchLog(json_log) as log,
        sigterm_as_interrupt(),
    ):

        def handle_event(step: Any) -> None:
            log.write_event(step)
            board.show_event(step)

        yield handle_event


def _print_summary(index: Index, report: BatchReport, *, problems: int, own: bool = False) -> int:
    """Print the outcome of the run, the whole queue unless the run was about its *own* tasks, and the next step.

    Return 0 if nothing failed, 1 if a part failed, 2 if everything failed, 130 after an interrupt.
    """
    later, left = report.later, report.left
    if not own:
        status = index.status()
        later, left = status.count("later"), status.count("waiting")
    parts = [f"{report.done:,} done", f"{report.gone:,} unavailable", f"{report.failed:,} failed"]
    parts += [f"{later:,} will retry"] * bool(later) + [f"{left:,} left"] * bool(left)
    click.echo(", ".join(parts) + f" in {_format_duration(report.seconds)}")
    if not own:
        click.echo(f"queue: {describe_queue(status)}")
    for pause in report.paused:
        click.echo(format_pause(pause))
    if report.offline:
        click.echo("the network is down: the links that it failed for have kept their tries")
    if report.failed or report.gone:
        click.echo("see `vidindex list failures` for the reasons", err=True)
    if report.interrupted or left or later:
        prefix = "interrupted; " if report.interrupted else ""
        click.echo(f"{prefix}run the same command again, or `vidindex batch`, to continue", err=True)
    if report.interrupted:
        return 130
    failed = report.failed + report.gone + report.later + problems
    if not failed:
        return 1 if report.paused or report.offline else 0
    return 1 if report.done else 2


def _format_duration(seconds: float) -> str:
    minutes, rest = divmod(round(seconds), 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours} h {minutes} min" if hours else f"{minutes} min {rest} s" if minutes else f"{rest} s"
