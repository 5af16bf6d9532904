"""The command for what only a person can mark: an app in the browser, or the same in the terminal."""

from typing import Annotated

import typer

from autograder.cli.common import console, course_root, graders_packages, language_named, prepare_process
from autograder.cli.graded import Grades, graded_class
from autograder.cli.marks import As
from autograder.messages import LANGUAGES


def review(
    grades: Grades,
    port: Annotated[int, typer.Option(min=0, max=65535, help="Where it listens; 0 is any that is free.")] = 0,
    terminal: Annotated[bool, typer.Option("--terminal", help="Here in the terminal, without a browser.")] = False,
    by: As = "",
    lang: Annotated[
        str, typer.Option("--lang", help=f"The page's words: {', '.join(LANGUAGES)}; otherwise as the course says.")
    ] = "",
) -> None:
    """Shows what needs a person, with the student's code beside it, to be marked by keys."""
    prepare_process()
    from autograder.desk.review.graded import GradedClass
    from autograder.gradebook.history import login_name

    if terminal:
        from autograder.desk.review.terminal import Terminal

        with graded_class(grades, OSError) as gradebook, GradedClass(course_root(), gradebook) as graded:
            language = language_named(course_root(), lang) if lang else gradebook.assignment.language
            Terminal(graded, console(), by or login_name(), language, console().input).run()
        return
    with graders_packages():
        from autograder.desk.review.serve import serve

    def tell(address: str) -> None:
        console().print(address, markup=False, soft_wrap=True, highlight=False)
        console().print("Open this address; Ctrl-C ends it. Others need it, too.", markup=False, highlight=False)

    with graded_class(grades, OSError) as gradebook, GradedClass(course_root(), gradebook) as graded:
        language = language_named(course_root(), lang) if lang else gradebook.assignment.language
        serve(graded, port, by or login_name(), language, tell)
