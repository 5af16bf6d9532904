"""The command that writes the page of a class, or prints its figures."""

from typing import Annotated

import typer

from autograder.cli.common import Wrong, console, escape
from autograder.cli.graded import Grades, graded_class


def stats(
    grades: Grades,
    anonymous: Annotated[bool, typer.Option("--anonymous", help="Show pseudonyms, in a folder of their own.")] = False,
    section: Annotated[str, typer.Option(help="Only the students of this section, as the roster names it.")] = "",
    as_csv: Annotated[bool, typer.Option("--csv", help="Print a line for each question instead of a page.")] = False,
    as_json: Annotated[bool, typer.Option("--json", help="Print all figures as JSON instead of a page.")] = False,
) -> None:
    """Writes the page of a class: what needs a person, how the questions went, and all students."""
    from autograder.gradebook.snapshot import snapshot
    from autograder.pages.class_page import write_class_page
    from autograder.pages.figures_table import csv_figures, json_figures
    from autograder.pages.reports import catch_up
    from autograder.pages.roll import sections_of

    if as_csv and as_json:
        raise Wrong("--csv and --json cannot be combined")
    with graded_class(grades) as gradebook:
        sections = sections_of(gradebook)
        if section and section not in sections:
            there = f"there are: {', '.join(sections)}" if sections else "the roster names none"
            raise Wrong(f"no section {section!r} in {grades}; {there}")
        if not (as_csv or as_json or anonymous):
            gradebook.keep_section(section)
        catch_up(gradebook)
        with snapshot(gradebook) as still:
            if as_csv:
                typer.echo(csv_figures(still, section), nl=False)
            elif as_json:
                typer.echo(json_figures(still, section, anonymous), nl=False)
            else:
                path = write_class_page(still, section, anonymous)
                console().print(f"wrote {escape(str(path))}", soft_wrap=True, highlight=False)
