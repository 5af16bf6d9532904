"""`autograder doctor`: what this machine offers, and whether the hostile corpus stays inside of it."""

import sys
import time
from collections.abc import Sequence
from contextlib import ExitStack
from pathlib import Path

from rich.console import Console
from rich.markup import escape

from autograder.doctor import machine
from autograder.sandbox import Sandbox, SandboxUnavailable

CONTAINABLE = (1, 2)  # tiers that promise to contain student code


def examine(root: Path, tiers: Sequence[int], console: Console) -> bool:
    """Prints what the machine offers, then puts the corpus to each of `tiers`; whether everything was contained.

    A tier that the machine does not offer is said to be missing, and costs nothing; it is wrong if none is offered.
    """
    for name, text in machine.facts():
        console.print(f"{name:<14} {escape(text)}", soft_wrap=True, highlight=False)
    if sys.platform != "linux":
        console.print("The hostile cases can be put to a sandbox on Linux alone.")
        return False
    results = [_examine_tier(root, tier, console) for tier in tiers]
    tried = [result for result in results if result is not None]
    if not tried:
        console.print("[red]No tier holds here[/red]: only `--unsafe` can grade student code.", soft_wrap=True)
    return bool(tried) and all(tried)


def _examine_tier(root: Path, tier: int, console: Console) -> bool | None:
    """Whether this tier contained everything; None if the machine does not offer it."""
    from autograder.course.course import load_course  # imports torch, and facts() forks
    from autograder.course.manifest import load
    from autograder.doctor.corpus import load_corpus
    from autograder.doctor.trial import trial_of

    corpus = load_corpus(root)
    course = load_course(root, load(root)[corpus.assignment])
    with ExitStack() as stack:
        try:
            trial, sandbox = stack.enter_context(trial_of(root, tier, corpus, course))
        except SandboxUnavailable as error:
            console.print(f"\ntier {tier}: {escape(str(error))}", soft_wrap=True)
            return None
        if sandbox.tier != tier:
            console.print(f"\ntier {tier} does not hold: {escape(_missing())}", soft_wrap=True)
            return None
        named = layers_text(sandbox)
        console.print(f"\ntier {tier}: {named}", soft_wrap=True, highlight=False)
        begun, contained = time.monotonic(), 0
        for case in corpus.cases:
            outcome = trial.run(case)
            contained += outcome.contained
            mark = "[green]contained    [/green]" if outcome.contained else "[red]NOT contained[/red]"
            next_one = "[red]next wrong[/red]" if outcome.next_wrong else "next right"
            what = escape(_printable(f"{case.threat}: {case.name}"))
            console.print(f"{mark}  {next_one}  {what}", soft_wrap=True, highlight=False)
            for reason in (*outcome.escaped, outcome.next_wrong):
                if reason:
                    console.print(f"    {escape(_printable(reason))}", soft_wrap=True, highlight=False)
        seconds = time.monotonic() - begun
    total = len(corpus.cases)
    text = f"{contained} of {total} contained in tier {tier} ({named}), {seconds:.0f} s"
    console.print(text, soft_wrap=True, highlight=False)
    return contained == total


def layers_text(sandbox: Sandbox) -> str:
    """The layers that hold, and which of them limit memory."""
    memory = "RLIMIT_AS and a memory cgroup" if "memory cgroup" in sandbox.layers else "RLIMIT_AS alone"
    return f"{', '.join(sandbox.layers)}; memory is limited by {memory}"


def _missing() -> str:
    reason = f"no namespaces, for {machine.no_namespaces()}"
    if machine.is_weak_root():
        reason += "; this root user lacks CAP_SYS_ADMIN, so grading falls back to tier 2"
    return reason


def _printable(text: str) -> str:
    """One line without the control characters that hostile code may have put into it."""
    return "".join(character if character.isprintable() else "?" for character in text)[:500]
