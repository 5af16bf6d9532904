"""What `autograder doctor` does with this folder: every hostile case is put to the sandbox, tier by tier."""

import sys
import time
from collections.abc import Sequence
from contextlib import ExitStack
from pathlib import Path

from corpus import Corpus, Hostile, load_corpus
from rich.console import Console
from rich.markup import escape
from trial import Trial, trial_of

from autograder.course.course import Course, load_course
from autograder.course.manifest import load
from autograder.sandbox import Sandbox, SandboxUnavailable
from autograder.sandbox.examination import why_no_tier_1


def examine(root: Path, tiers: Sequence[int], console: Console) -> bool:
    """Puts the corpus to each of `tiers` and prints what becomes of it; whether everything was contained.

    A tier that the machine does not offer is said to be missing, and costs nothing; it is wrong if none is offered.
    """
    if sys.platform != "linux":
        console.print("The hostile cases can be put to a sandbox on Linux alone.")
        return False
    corpus = load_corpus(root)
    course = load_course(root, load(root)[corpus.assignment])
    results = [_examine_tier(root, tier, corpus, course, console) for tier in tiers]
    tried = [result for result in results if result is not None]
    if not tried:
        advice = "Where neither 1 nor 2 does, run the grader in its container (docs/container.md)."
        console.print(f"[red]None of the tiers tried holds here.[/red] {advice}", soft_wrap=True)
    return bool(tried) and all(tried)


def _examine_tier(root: Path, tier: int, corpus: Corpus, course: Course, console: Console) -> bool | None:
    """Whether this tier contained everything; None if the machine does not offer it."""
    with ExitStack() as stack:
        try:
            trial, sandbox = stack.enter_context(trial_of(root, tier, corpus, course))
        except SandboxUnavailable as error:
            console.print(f"\ntier {tier}: {escape(str(error))}", soft_wrap=True)
            return None
        if sandbox.tier != tier:
            console.print(f"\ntier {tier} does not hold: {escape(why_no_tier_1())}", soft_wrap=True)
            return None
        named = _layers_text(sandbox)
        console.print(f"\ntier {tier}: {named}", soft_wrap=True, highlight=False)
        begun = time.monotonic()
        contained = sum(_try_case(trial, case, console) for case in corpus.cases)
        seconds = time.monotonic() - begun
    total = len(corpus.cases)
    text = f"{contained} of {total} contained in tier {tier} ({named}), {seconds:.0f} s"
    console.print(text, soft_wrap=True, highlight=False)
    return contained == total


def _try_case(trial: Trial, case: Hostile, console: Console) -> bool:
    """Whether one case was contained; prints that, and what got out."""
    outcome = trial.run(case)
    mark = "[green]contained    [/green]" if outcome.contained else "[red]NOT contained[/red]"
    next_one = "[red]next wrong[/red]" if outcome.next_wrong else "next right"
    what = escape(_printable(f"{case.threat}: {case.name}"))
    console.print(f"{mark}  {next_one}  {what}", soft_wrap=True, highlight=False)
    for reason in (*outcome.escaped, outcome.next_wrong):
        if reason:
            console.print(f"    {escape(_printable(reason))}", soft_wrap=True, highlight=False)
    return outcome.contained


def _layers_text(sandbox: Sandbox) -> str:
    """The layers that hold, and which of them limit memory."""
    memory = "RLIMIT_AS and a memory cgroup" if "memory cgroup" in sandbox.layers else "RLIMIT_AS alone"
    return f"{', '.join(sandbox.layers)}; memory is limited by {memory}"


def _printable(text: str) -> str:
    """One line without the control characters that hostile code may have put into it."""
    return "".join(character if character.isprintable() else "?" for character in text)[:500]
