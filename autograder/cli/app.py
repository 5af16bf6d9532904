"""The console script `autograder`."""

import typer

from autograder.cli import assistants, authors, students

app = typer.Typer(
    help="Marks the notebooks of a deep-learning course.", no_args_is_help=True, pretty_exceptions_enable=False
)
for command in (
    *(assistants.intake, assistants.grade, assistants.regrade, assistants.mark, assistants.doctor),
    students.check,
    *(authors.build, authors.cases, authors.verify, authors.run, authors.release),
):
    app.command()(command)
