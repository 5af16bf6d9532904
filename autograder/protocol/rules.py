"""Finds what a question forbids in the code that its answer reaches; in the grader, on what `usage` extracted.

Only reachable code counts: the top-level statements that bind the names asked for, those that bind what these
mention, and so on. A gradient check in another cell is nobody's business; names in comments and strings are none
either, but for constant strings that are executed (`exec`, `eval`) or looked up (`getattr`, `import_module`,
`__import__`, `vars`, `sys.modules`).

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
from collections.abc import Container, Iterable, Sequence
from dataclasses import dataclass
from fnmatch import fnmatchcase
from functools import lru_cache
from types import ModuleType

from autograder.notebook.findings import ADDITIONAL_MODULE, FORBIDDEN_CALL, BrokenRule
from autograder.notebook.scopes import UNKNOWN
from autograder.notebook.usage import Usage, Use


@dataclass(frozen=True)
class Rules:
    """What a check allows.

    forbid: patterns of dotted names. "torch.nn.GRU*" matches torch.nn.GRUCell under every alias; "torch.autograd.*"
    also torch.autograd itself; "*.backward" an attribute of anything; "*.requires_grad*" also `requires_grad=` in a
    call, unless it is False. A pattern that matches `a.b` matches all below it. Builtins go by their bare name
    ("exec").
    allow_layers: patterns of the only classes of `torch.nn` that modules may contain; None allows all.
    allow_modules: top-level packages that may be used; any other breaks the rule "additional module"; None allows all.
    """

    forbid: tuple[str, ...] = ()
    allow_layers: tuple[str, ...] | None = None
    allow_modules: tuple[str, ...] | None = None


def find_forbidden(
    usages: Iterable[Usage], names: Iterable[str], rules: Rules, given: Container[str]
) -> list[BrokenRule]:
    """What the code of `names` uses against the rules, in the order of the notebook.

    given: names that do not come from the notebook.
    """
    makers: dict[str, list[Usage]] = {}
    for usage in usages:
        for name in usage.names:
            makers.setdefault(name, []).append(usage)
    broken: set[BrokenRule] = set()
    asked, visited = {name for name in names if name not in given}, set[str]()
    while asked:
        name = asked.pop()
        visited.add(name)
        for usage in makers.get(name, ()):
            asked.update(other for other in usage.asks if other not in visited and other not in given)
            for use in usage.uses:
                if use.spelled.split(".")[0] not in given:
                    for call, rule in _broken(use, rules.forbid, rules.allow_modules):
                        diagnosis = ADDITIONAL_MODULE if rule == ADDITIONAL_MODULE else FORBIDDEN_CALL
                        broken.add(BrokenRule(usage.cell, use.line, call, rule, use.text, diagnosis))
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


def _broken(use: Use, forbid: Sequence[str], allow: Sequence[str] | None) -> Iterable[tuple[str, str]]:
    """The rules that a use breaks, each with the name to show."""
    for origin in use.origins:
        package = origin.split(".")[0]
        shown = use.spelled if package == UNKNOWN else origin
        for rule in _rules_against(origin, tuple(forbid)):
            yield shown.removeprefix("builtins."), rule
        if allow is not None and package not in (UNKNOWN, "builtins", "__future__", *allow):
            yield shown, ADDITIONAL_MODULE


@lru_cache(maxsize=20_000)  # a class uses the same names over and over
def _rules_against(origin: str, forbid: tuple[str, ...]) -> tuple[str, ...]:
    candidates = {origin.removeprefix("builtins."), canonical(origin)}
    return tuple(rule for rule in forbid if any(matches(candidate, rule) for candidate in candidates))


def _shorter(rule: BrokenRule, broken: Iterable[BrokenRule]) -> bool:
    """Whether the line has a longer name of the same rule: `torch.autograd` in `torch.autograd.grad`."""
    return any(
        (other.cell, other.line, other.rule) == (rule.cell, rule.line, rule.rule)
        and other.call.startswith(f"{rule.call}.")
        for other in broken
    )
