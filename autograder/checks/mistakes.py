"""What a check says of an answer: a known mistake, a mismatch, or that it cannot decide."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, NoReturn

from autograder.messages import join, say
from autograder.protocol.grid import Grid

if TYPE_CHECKING:
    import torch


@dataclass(frozen=True)
class Mistake:
    """A known wrong answer: what to call it, where to look, and the points that it still earns.

    A case holds what it gives under its name. A name of its own tells apart what the handout leaves open, behind a bar
    ("off by one | lengths rounded up"); several mistakes at once are joined by a plus ("log-softmax + off by one") and
    earn what the worst of them earns. With `in_cases=False` no case holds it: the check sees it in another way.
    """

    says: str
    look_at: str = ""
    earns: float = 0.0
    in_cases: bool = True

    def __post_init__(self) -> None:
        object.__setattr__(self, "says", say(self.says))
        object.__setattr__(self, "look_at", say(self.look_at))


class Mismatch(AssertionError):
    """What a student's code computed is not what was asked.

    `earns` is what the question still earns; `costs` maps each wrong part to the points it costs, where a question is
    marked part by part (then `earns` does not matter). `lines` are the message, most important first. `about` is the
    name in the notebook that is at fault, if it is not the one that was asked for last; `where` is a place in it.
    `got` is what is wrong, as a call gave it, or a part of that; `output` names what it differs from in the case, or it
    differs from `want`; `shows` is what of it is to be looked at, as Python in which {} stands for it; `second` says
    that it is right unless its object was called before. `pictures` makes pictures of where it differs, `to_paste` are
    the lines that repeat the call, once these are known: none where `got` is not given.
    """

    def __init__(
        self,
        *lines: str,
        diagnosis: str,
        earns: float = 0.0,
        costs: Mapping[str, float] | None = None,
        about: str = "",
        where: str = "",
        got: object = ...,
        output: str = "",
        want: "torch.Tensor | None" = None,
        shows: str = "",
        second: bool = False,
        pictures: Callable[[], Iterable[Grid]] | None = None,
    ) -> None:
        self.lines: list[str] = [say(line) for line in lines if line]
        super().__init__(join(self.lines))
        self.got, self.output, self.want, self.shows, self.second = got, output, want, shows, second
        self.pictures = pictures or tuple  # made of the one mismatch that is shown
        self.to_paste: tuple[str, ...] = ()
        self.diagnosis = diagnosis
        self.earns = earns
        self.costs = dict(costs or {})
        self.about = about
        self.where = where


class Ungraded(Exception):
    """The check cannot decide; a teaching assistant has to. `where` is the place in the notebook that is in doubt."""

    def __init__(self, *lines: str, diagnosis: str, where: str = "") -> None:
        self.lines: list[str] = [say(line) for line in lines if line]
        super().__init__(join(self.lines))
        self.diagnosis = diagnosis
        self.where = where


def named(key: str, mistakes: Mapping[str, Mistake]) -> Mistake | None:
    """The mistake of a name; of several that are joined by " + ", all of them as one. None if one is unknown."""
    parts = key.split(" + ")
    if not all(part in mistakes for part in parts):
        return None
    several = [mistakes[part] for part in parts]
    worst = min(several, key=lambda one: one.earns)
    return Mistake(join([one.says for one in several], "; "), worst.look_at, worst.earns)


def raise_mistake(what: str, key: str, mistakes: Mapping[str, Mistake], *lines: str, **shown: Any) -> NoReturn:
    """Says that `what` makes the mistake of a name, or several (see `named`); `lines` tell how it shows.

    `shown` is what Mismatch takes as got, output, want, shows, second. Raises Mismatch, KeyError for an unknown name.
    """
    mistake = named(key, mistakes)
    if mistake is None:
        raise KeyError(key)
    name = say(what) if " " in what else what  # without a blank it is a name of code
    says = say("{what}: {mistake}", what=name, mistake=mistake.says)
    raise Mismatch(says, *lines, to_look_at(mistake.look_at), diagnosis=key, earns=mistake.earns, **shown)


def to_look_at(hint: str) -> str:
    """The line of a message that says what to look at; "" for no hint."""
    return say("look at: {hint}", hint=say(hint)) if hint else ""
