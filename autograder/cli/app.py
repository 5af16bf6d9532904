"""The commands of the console script `autograder`."""

from importlib.util import find_spec
from typing import Annotated

import typer

from autograder import __version__
from autograder.cli import students
from autograder.cli.conversion import Command, Group

app = typer.Typer(
    cls=Group,
    help="Marks the notebooks of a deep-learning course.",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,  # rich's frames around the help take as long as all the rest
)


def _print_version(asked: bool) -> None:
    if asked:
        typer.echo(f"autograder {__version__}")
        raise typer.Exit


@app.callback()
def _main(
    version: Annotated[
        bool, typer.Option("--version", callback=_print_version, is_eager=True, help="Show the version and exit.")
    ] = False,
) -> None:
    """Marks the notebooks of a deep-learning course."""


app.command(cls=Command)(students.check)
if find_spec("autograder.cli.assistants"):  # a bundle for students ends here
    from autograder.cli import appeals, assistants, authors, exports, gradescope, marks, review, similarity, stats

    for command in (
        *(assistants.intake, assistants.grade, assistants.regrade, assistants.doctor),
        *(marks.mark, marks.adjust, marks.extend, marks.assign, marks.excuse, marks.history, marks.undo),
        *(marks.marks, marks.explain, marks.forget, exports.export, exports.feedback, similarity.similar),
        *(authors.new, authors.build, authors.cases, authors.verify, authors.run, authors.release),
        *(gradescope.gradescope, review.review, stats.stats),
    ):
        app.command(cls=Command)(command)
    app.add_typer(appeals.app, name="appeal")
