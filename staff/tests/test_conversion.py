"""Words that commands take as they are: what they become, and that typer's slow conversion is not imported for them."""

import os
import subprocess
import sys
from pathlib import Path
from typing import Annotated, Any

import pytest
import typer
from typer.testing import CliRunner

from autograder.cli.conversion import Command, Group

QUIET = """
import atexit, sys
atexit.register(lambda: print("pydantic" in sys.modules))
sys.argv = ["autograder", *{words!r}]
from autograder.cli.start import main
main()
"""
RUN = CliRunner()


def run(words: list[str], **environment: str) -> str:
    """The last line of a command that says at its end whether pydantic was imported."""
    command = [sys.executable, "-c", QUIET.format(words=words)]
    done = subprocess.run(command, capture_output=True, text=True, env=os.environ | environment, check=False)
    return done.stdout.splitlines()[-1]


@pytest.mark.parametrize(
    "words",
    [
        ["--help"],
        ["grade", "--help"],
        ["appeal", "list", "--help"],
        ["check", "none.ipynb"],
        ["grade", "none", "--jobs", "2", "--assignment", "x", "--out", "none", "--limit-seconds", "9"],
    ],
)
def test_help_and_plain_words_import_no_pydantic(words: list[str]) -> None:
    assert run(words) == "False"


@pytest.mark.parametrize("words", [["ch"], ["grade", "x", "--jobs", "2", "--assignment", "h"], ["mark", "x", "y", "1"]])
def test_completion_imports_no_pydantic(words: list[str]) -> None:
    line = " ".join(["autograder", *words])
    asked = {"_AUTOGRADER_COMPLETE": "complete_bash", "COMP_WORDS": line, "COMP_CWORD": str(len(words))}
    assert run([], **asked) == "False"


def said(*words: str) -> tuple[int, Any]:
    """The exit code of a command with each kind of parameter, and the values that its function got, or what is said."""
    app, got = typer.Typer(cls=Group, rich_markup_mode=None), list[object]()

    @app.callback()
    def main(loud: Annotated[bool, typer.Option("--loud", callback=lambda value: not value)] = False) -> None:
        got.append(loud)

    @app.command(cls=Command)
    def run(
        path: Path,
        others: Annotated[list[Path] | None, typer.Argument()] = None,
        text: str = "",
        maybe: Path | None = None,
        number: Annotated[int, typer.Option(min=1)] = 2,
        share: float | None = None,
        every: Annotated[list[str] | None, typer.Option()] = None,
        flag: bool = False,
    ) -> None:
        got.extend([path, others or [], text, maybe, number, share, every or [], flag])

    done = RUN.invoke(app, words)
    return done.exit_code, got if done.exit_code == 0 else done.output


def test_defaults_stay_what_they_are() -> None:
    assert said("run", "a") == (0, [True, Path("a"), [], "", None, 2, None, [], False])


def test_every_kind_of_word_is_converted() -> None:
    words = ["--text", "7", "--maybe", "b", "--number", "3", "--share", "1", "--every", "x", "--every", "y", "--flag"]
    assert said("--loud", "run", "1", "2", "3", *words) == (
        0,
        [False, Path("1"), [Path("2"), Path("3")], "7", Path("b"), 3, 1.0, ["x", "y"], True],
    )


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (["run"], "Missing argument"),
        (["run", "a", "--number", "0"], "'--number'"),
        (["run", "a", "--number", "9" * 5000], "'--number'"),
        (["run", "a", "--number", "1.5"], "'--number'"),
        (["run", "a", "--share", "much"], "'--share'"),
        (["run", "a", "--no-such"], "No such option"),
    ],
)
def test_what_is_wrong_is_said_by_typer(words: list[str], message: str) -> None:
    code, output = said(*words)
    assert code == 2 and message in output
