"""The command line.  The module of a command is imported only when the command runs, to keep start-up fast."""

from __future__ import annotations

import sys
from contextlib import suppress
from importlib import import_module
from typing import Any

import click

from ..config import read_color_preference
from ..errors import VidindexError, explain_too_many_files
from .context import CommandContext
from .process import prepare_command
from .terminal import strip_controls

_COMMANDS = {
    "add": ("add", "Add articles, videos, saved pages or caption files."),
    "batch": ("batch", "Add whole lists of links, unattended."),
    "transcribe": ("transcribe", "Recognize the speech of videos without captions."),
    "search": ("search", "Find the moment when something was said."),
    "trend": ("trend", "Show how often something was said over time."),
    "verify": ("verify", "Check quotes: were they said, by whom, unchanged?"),
    "quotes": ("verify", "Check the quotations printed in an article."),
    "serve": ("serve", "Serve the index as a web page and a JSON API."),
    "mcp": ("mcp", "Serve the index to language models (MCP)."),
    "show": ("show", "Show a video and its transcript."),
    "export": ("export", "Write a transcript to a file."),
    "transcript": ("export", "Print a transcript of a caption file or a video, without an index."),
    "clip": ("clip", "Cut moments out of films, each into a file."),
    "supercut": ("supercut", "Make one film of many moments."),
    "edit-list": ("edit_list", "List moments for an editor to cut: EDL, FCPXML, OTIO and others."),
    "embeds": ("embeds", "Show the videos that a page embeds."),
    "attach": ("add", "Replace an unavailable embed by a video or captions."),
    "list": ("list", "List articles, videos, unavailable embeds or failures."),
    "status": ("status", "Show the progress of the work queue."),
    "refresh": ("batch", "Update the metadata and captions of indexed videos."),
    "stats": ("maintenance", "Show the size of the index."),
    "remove": ("maintenance", "Remove articles or videos from the index."),
    "rebuild": ("maintenance", "Rebuild the search engine from the store, offline."),
    "migrate": ("migrate", "Copy an index to or from a folder or a cluster."),
    "backup": ("backup", "Write an index to one file."),
    "restore": ("backup", "Restore an index from a backup."),
    "doctor": ("maintenance", "Check versions, engines and the health of the index."),
}
"""Command: its module and its line of help, so that `vidindex --help` imports no command."""

_RESUMABLE_COMMANDS = frozenset({"add", "clip", "migrate", "rebuild", "supercut", "transcribe"})


class LazyGroup(click.Group):
    """A group that imports the module of a command when the command runs."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        return [*_COMMANDS]  # `list` is a submodule here once that command has run

    def get_command(self, ctx: click.Context, name: str) -> click.Command | None:
        if name not in _COMMANDS:
            return None
        module = import_module(f".{_COMMANDS[name][0]}", __package__)
        command: click.Command = getattr(module, "list_" if name == "list" else name.replace("-", "_"))
        if not any(option.name == "index" for option in command.params):
            command.params.append(_make_index_option())
        return command

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        if args and not args[0].startswith("-") and args[0] not in _COMMANDS:
            ctx.fail(f"No such command {args[0]!r}.{_suggest_command(args[0])}")
        return super().resolve_command(ctx, args)

    def invoke(self, ctx: click.Context) -> Any:
        try:
            return super().invoke(ctx)
        except BrokenPipeError:
            if not _is_output_closed():
                raise
            _discard_output()  # the reader (head, less) needs no more; click would exit with 1
            return 0

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        with formatter.section("Commands"):
            formatter.write_dl([(name, summary) for name, (_, summary) in _COMMANDS.items()])


def _suggest_command(name: str) -> str:
    """Return a hint in the style of the one that click gives for a mistyped option."""
    from difflib import get_close_matches

    matches = [repr(match) for match in get_close_matches(name, _COMMANDS, cutoff=0.65)]
    if not matches:
        return ""
    return f" (Did you mean {matches[0]}?)" if len(matches) == 1 else f" (Did you mean one of: {', '.join(matches)}?)"


def _make_index_option() -> click.Option:
    """Return `--index` as an option of a command, so that it may also follow the name of the command."""

    def set_index(ctx: click.Context, param: click.Parameter, value: str | None) -> None:
        if value is not None:
            ctx.obj.index = value

    return click.Option(
        ["--index"], metavar="LOCATION", expose_value=False, callback=set_index, help="Folder or URL of the index."
    )


@click.group(
    cls=LazyGroup,
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100},
    epilog="Run `vidindex COMMAND --help` for the options of a command.",
)
@click.option(
    "--index",
    metavar="LOCATION",
    help="Folder of the index, or opensearch+https://USER@HOST:9200/NAME.  [default: $VIDINDEX_INDEX, else ./index]",
)
@click.option("-v", "--verbose", is_flag=True, help="Show more detail, and the traceback of an error.")
@click.version_option(package_name="vidindex", message="vidindex %(version)s", help="Show the version and exit.")
@click.help_option("-h", "--help", help="Show this message and exit.")
@click.pass_context
def vidindex(ctx: click.Context, index: str | None, verbose: bool) -> None:
    """Find the moment when a quote was spoken, in the videos that articles embed.

    \b
      vidindex add https://example.org/2009/09/late-night.html
      vidindex search never took the time off
      vidindex verify https://example.org/2009/09/late-night.html
    """
    context = ctx.ensure_object(CommandContext)
    context.command, context.index, context.verbose = ctx.invoked_subcommand or "", index, verbose
    prepare_command(context.command)
    ctx.color = read_color_preference()


def main(context: CommandContext | None = None) -> None:
    """Run the command line, and note in *context* what was chosen.

    Exit codes: 0 for hits or complete success, 1 for no hits or partial failure, 2 for an error, 130 for an interrupt.
    """
    context = context or CommandContext()
    try:
        status = vidindex.main(standalone_mode=False, prog_name="vidindex", obj=context)
        sys.stdout.flush()  # while a failure can still be reported
    except VidindexError as exc:
        _print_error(str(exc))
        if context.verbose:
            raise
        sys.exit(2)
    except click.UsageError as exc:
        _print_usage(exc)
        sys.exit(exc.exit_code)
    except click.ClickException as exc:
        _print_error(exc.format_message())
        sys.exit(2)
    except (click.Abort, KeyboardInterrupt):
        hint = "; run the same command again to continue" if context.command in _RESUMABLE_COMMANDS else ""
        click.echo(f"interrupted{hint}", err=True)
        sys.exit(130)
    except BrokenPipeError:
        # The reader (head, less) needs no more.
        _discard_output()
        sys.exit(0)
    except OSError as exc:  # a full disk behind `> file`
        reason = (exc.strerror or str(exc)).lower()
        explained = explain_too_many_files(reason)
        _print_error(explained if explained != reason else f"cannot write the output: {reason}")
        _discard_output()
        sys.exit(2)
    sys.exit(status if isinstance(status, int) else 0)


def _print_error(message: str) -> None:
    click.echo(f"error: {strip_controls(message)}", err=True)


def _print_usage(error: click.UsageError) -> None:
    """Print the usage of the command, where to find help, and the error in the style of our own errors."""
    if isinstance(error, click.exceptions.NoArgsIsHelpError):
        error.show()
        return
    if error.ctx is not None:
        click.echo(error.ctx.get_usage(), err=True)
        click.echo(f"Try '{error.ctx.command_path} --help' for help.", err=True)
    message = error.format_message().rstrip(".").replace("a valid integer range", "a valid integer")
    _print_error(message[:1].lower() + message[1:])


def _is_output_closed() -> bool:
    """Return whether nobody reads standard output or standard error any more."""
    import select

    poller = select.poll()
    for stream in (sys.stdout, sys.stderr):
        poller.register(stream.fileno(), 0)
    return any(events & (select.POLLERR | select.POLLHUP) for _, events in poller.poll(0))


def _discard_output() -> None:
    """Redirect what cannot be written to the null device, so that Python does not fail again when it flushes it."""
    import os

    null = os.open(os.devnull, os.O_WRONLY)
    for stream in (sys.stdout, sys.stderr):
        with suppress(OSError):
            stream.flush()
        os.dup2(null, stream.fileno())
