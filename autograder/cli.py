"""The console script `autograder`."""

import typer

from autograder.commands import authoring, grading, student

app = typer.Typer(
    help="Marks the notebooks of a deep-learning course.", no_args_is_help=True, pretty_exceptions_enable=False
)
for command in (
    *(grading.intake, grading.grade, grading.regrade, grading.mark, grading.doctor),
    student.check,
    *(authoring.build, authoring.cases, authoring.verify, authoring.run, authoring.release),
):
    app.command()(command)
