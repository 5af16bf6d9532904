"""Finds what a question forbids in the code that its answer reaches; in the grader, on what `usage` extracted.

Only reachable code counts (see `reached`). A gradient check in another cell is nobody's business; names in comments and
strings are none either, but for constant strings that are executed (`exec`, `eval`) or looked up (`getattr`,
`import_module`, `__import__`, `vars`, `sys.modules`).

A finding is certain if the name's origin is known: `torch.nn.GRU` under any alias. What only spells like a forbidden
name is not: `layer.backward` of an object that the syntax tree does not know, `partial(step, backward=True)`, a class
that is merely compared with, an alias that may be something else, a method that may be called by a name made at run
time. Neither is what a question lists as suspect, nor what looks into other code's variables. Such a finding costs
nothing: what ran decides.

What the syntax tree cannot show, so that the record of calls that really ran has to:
- names made at run time: `getattr(torch, name)`, `exec(text)`, `globals()[name]`,
  `operator.attrgetter("autograd.grad")`
- modules and functions that travel through objects: arguments, return values, attributes (`self.lib = torch.nn`),
  containers, loops
- what library functions do inside, and code in strings that are not constant, in files and in `%%writefile` cells
- methods of the notebook's own classes count as harmless on `self`, on the class and on names assigned from it
  (`cell.backward()`), though any object may be passed there
- more than a hundred aliases of aliases for one name
"""

import sys
from collections.abc import Container, Iterable, Iterator
from dataclasses import dataclass, replace
from fnmatch import fnmatchcase
from functools import lru_cache
from types import ModuleType

from autograder.notebook.findings import ADDITIONAL_MODULE, FORBIDDEN_CALL, BrokenRule, names_without_underscores
from autograder.notebook.scopes import UNKNOWN
from autograder.notebook.usage import Usage, Use
from autograder.protocol.reached import Reach

# What looks into other code's variables, or finds objects that nobody handed over.
PRYING = ("sys._getframe", "sys._current_frames", "sys.modules", "inspect.currentframe", "inspect.stack", "gc.*")

_AGAIN = ("ops", "onnx", "export")  # packages in which torch names its own functions once more, beside private ones


@dataclass(frozen=True)
class Rules:
    """What a check allows.

    forbid: patterns of dotted names. "torch.nn.GRU*" matches torch.nn.GRUCell under every alias; "torch.autograd.*"
    also torch.autograd itself; "*.backward" an attribute of anything; "*.requires_grad*" also `requires_grad=` in a
    call, unless it is False. A pattern that matches `a.b` matches all below it. Builtins go by their bare name
    ("exec").
    suspect: patterns like these, of what is no proof and shown to a person.
    allow_layers: patterns of the only classes of `torch.nn` that modules may contain; None allows all.
    allow_modules: top-level packages that may be used; any other breaks the rule "additional module"; None allows all.
    """

    forbid: tuple[str, ...] = ()
    allow_layers: tuple[str, ...] | None = None
    allow_modules: tuple[str, ...] | None = None
    suspect: tuple[str, ...] = ()


def find_forbidden(
    usages: Iterable[Usage], names: Iterable[str], rules: Rules, given: Container[str]
) -> list[BrokenRule]:
    """What the code of `names` uses against the rules, in the order of the notebook.

    names: what the check asked for, ".name" for attributes. given: names that do not come from the notebook.
    """
    if not rules.forbid and not rules.suspect and rules.allow_modules is None:
        return []
    reach = Reach(usages, names, given)
    certain = {one for usage in reach.certain for one in _broken_by(usage, rules, given)}
    possible = {replace(one, certain=False) for usage in reach.possible for one in _broken_by(usage, rules, given)}
    broken = certain | possible
    return sorted(one for one in broken if not _shorter(one, broken))


def matches(origin: str, pattern: str) -> bool:
    """Whether a dotted name, or what it is part of, is meant by a pattern."""
    parts = origin.split(".")
    beginnings = [".".join(parts[:length]) for length in range(1, len(parts) + 1)]
    return any(fnmatchcase(one, pattern) or f"{one}.*" == pattern for one in beginnings)


def canonical(origin: str) -> str:
    """The name that a module or a layer is documented under: "torch.nn.modules.rnn.GRU" is "torch.nn.GRU".

    Modules reached through others (`torch.nn.functional.torch`) are looked up among those that are loaded.
    """
    parts = origin.split(".")
    name, used = parts[0], 1
    module = sys.modules.get(name)
    while isinstance(module, ModuleType) and used < len(parts):
        module = vars(module).get(parts[used])
        if isinstance(module, ModuleType):
            name, used = module.__name__, used + 1
    rest = parts[used:]
    if rest and (f"{name}.").startswith("torch.nn.modules."):
        name = "torch.nn"
    return ".".join([name, *rest])


def _broken_by(usage: Usage, rules: Rules, given: Container[str]) -> Iterator[BrokenRule]:
    """The rules that a part of the notebook breaks."""
    for use in usage.uses:
        if use.spelled.split(".")[0] in given:
            continue
        for call, rule, certain in _broken(use, rules):
            diagnosis = ADDITIONAL_MODULE if rule == ADDITIONAL_MODULE else FORBIDDEN_CALL
            yield BrokenRule(usage.cell, use.line, call, rule, use.text, diagnosis, certain)


def _broken(use: Use, rules: Rules) -> Iterator[tuple[str, str, bool]]:
    """The rules that a use breaks, each with the name to show, and whether it is certain."""
    known = not any(origin.split(".")[0] == UNKNOWN for origin in use.origins)
    suspect = (*rules.suspect, *PRYING) if rules.forbid else rules.suspect
    for origin in use.origins:
        package = origin.split(".")[0]
        shown = (use.spelled if package == UNKNOWN else origin).removeprefix("builtins.")
        for rule in _rules_against(origin, rules.forbid):
            yield shown, rule, known and not use.merely_named
        for rule in _rules_against(origin, suspect):
            yield shown, rule, False
        if rules.allow_modules is not None and package not in (
            UNKNOWN,
            "builtins",
            "__future__",
            *rules.allow_modules,
        ):
            yield shown, ADDITIONAL_MODULE, True


@lru_cache(maxsize=20_000)  # a class uses the same names over and over
def _rules_against(origin: str, forbid: tuple[str, ...]) -> tuple[str, ...]:
    candidates = {origin.removeprefix("builtins."), canonical(origin), *_public_names(origin)}
    return tuple(rule for rule in forbid if any(matches(candidate, rule) for candidate in candidates))


def _public_names(origin: str) -> list[str]:
    """The public names of what a private module or an operator of torch does: `torch._refs.nn.functional.nll_loss`."""
    package, *parts = origin.split(".")
    private = package == "torch" and any(part.startswith("_") or part in _AGAIN for part in parts)
    return names_without_underscores(parts[-1]) if private else []


def _shorter(rule: BrokenRule, broken: Iterable[BrokenRule]) -> bool:
    """Whether the line has a longer name of the same rule: `torch.autograd` in `torch.autograd.grad`."""
    return any(
        (other.cell, other.line, other.rule) == (rule.cell, rule.line, rule.rule)
        and other.call.startswith(f"{rule.call}.")
        for other in broken
    )
