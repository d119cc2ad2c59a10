"""The command line.  Each command's file is imported only when it runs: start-up counts."""

from __future__ import annotations

import sys
from dataclasses import replace
from importlib import import_module

import click

from ..config import read_color_preference
from ..errors import VidindexError
from .context import CommandContext
from .terminal import strip_controls

_COMMANDS = {
    "add": ("add", "Add articles, videos, saved pages or captions."),
    "batch": ("batch", "Add lists of links, many at once, to be left alone."),
    "transcribe": ("transcribe", "Recognise the speech of videos without captions."),
    "search": ("search", "Find the moment in which words were said."),
    "quotes": ("quotes", "Check the quotations printed in an article."),
    "serve": ("serve", "Show the index as a web page."),
    "show": ("show", "Show a video and what is said in it."),
    "export": ("show", "Write a clean transcript to a file."),
    "embeds": ("embeds", "Show the videos that a page embeds."),
    "attach": ("add", "Give a dead embed a video or captions by hand."),
    "list": ("list", "List articles, videos or dead embeds."),
    "status": ("status", "Show how far the work queue is."),
    "refresh": ("batch", "Ask for the indexed videos again: what changed, what is gone."),
    "stats": ("maintenance", "Count what the index holds."),
    "remove": ("maintenance", "Forget an article or a video."),
    "rebuild": ("maintenance", "Make the engine again from the store, without the network."),
    "migrate": ("migrate", "Copy an index to another folder, to a cluster or from one."),
    "doctor": ("maintenance", "Check versions, engines and the health of the index."),
}
"""Command: the file it is in and its one line of help, so that `--help` imports none of them."""


class LazyGroup(click.Group):
    """A group that imports a command's file when it is asked for."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        return list(_COMMANDS)

    def get_command(self, ctx: click.Context, name: str) -> click.Command | None:
        if name not in _COMMANDS:
            return None
        module = import_module(f".{_COMMANDS[name][0]}", __package__)
        found: click.Command = getattr(module, "list_" if name == "list" else name)
        if not any(option.name == "index" for option in found.params):
            found.params.append(_make_index_option())
        return found

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        with formatter.section("Commands"):
            formatter.write_dl([(name, summary) for name, (_, summary) in _COMMANDS.items()])


def _make_index_option() -> click.Option:
    """Make `--index` for a command, so that it may stand after the command's name too."""

    def set_index(ctx: click.Context, param: click.Parameter, given: str | None) -> None:
        if given is not None:
            ctx.obj = replace(ctx.obj, index=given)

    return click.Option(
        ["--index"], metavar="PLACE", expose_value=False, callback=set_index, help="Where the index lives."
    )


@click.group(
    cls=LazyGroup,
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100},
    epilog="Each command has more to say: vidindex COMMAND --help",
)
@click.option(
    "--index",
    metavar="PLACE",
    help="Where the index lives: a folder, or opensearch+https://USER@HOST:9200/NAME.  "
    "[default: $VIDINDEX_INDEX, else ./index]",
)
@click.option("-v", "--verbose", is_flag=True, help="Say more; show where an error comes from.")
@click.version_option(package_name="vidindex", message="vidindex %(version)s")
@click.pass_context
def vidindex(ctx: click.Context, index: str | None, verbose: bool) -> None:
    """Find the moment in which a quote was spoken, in the videos that articles embed.

    \b
      vidindex add https://example.org/2009/09/late-night.html
      vidindex search never took the time off
      vidindex quotes https://example.org/2009/09/late-night.html
    """
    ctx.obj = CommandContext(index, verbose)
    ctx.color = read_color_preference()


def main() -> None:
    """Run the command line; exit codes are 0 for hits or all done, 1 for none or part failed, 2 for an error."""
    try:
        status = vidindex.main(standalone_mode=False, prog_name="vidindex")
        sys.stdout.flush()  # here, where a failure can still be told
    except VidindexError as exc:
        click.echo(f"error: {strip_controls(str(exc))}", err=True)
        if "-v" in sys.argv or "--verbose" in sys.argv:
            raise
        sys.exit(2)
    except click.ClickException as exc:
        exc.show()
        sys.exit(exc.exit_code)
    except (click.Abort, KeyboardInterrupt):
        adding = not {"add", "migrate", "rebuild", "transcribe"}.isdisjoint(sys.argv[1:])
        click.echo("stopped" + "; what was added is kept, the same command goes on from there" * adding, err=True)
        sys.exit(130)
    except BrokenPipeError:
        # The reader (head, less) has seen enough.
        _discard_output()
        sys.exit(0)
    except OSError as exc:  # a full disk behind `> file`
        click.echo(f"error: cannot write the output: {strip_controls(exc.strerror or str(exc)).lower()}", err=True)
        _discard_output()
        sys.exit(2)
    sys.exit(status if isinstance(status, int) else 0)


def _discard_output() -> None:
    """Lead standard output nowhere, so that Python does not fail again over what is left in its buffer."""
    import os

    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
