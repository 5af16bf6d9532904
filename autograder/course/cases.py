"""The cases of an assignment by name: public ones from files, secret ones from recipes, some when first asked for."""

import threading
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Protocol

from autograder.checks.case import Case, Recipe, collect_recipes
from autograder.course.data_package import import_data
from autograder.course.fingerprints import fingerprint, module_version, of_files
from autograder.course.manifest import Assignment

FindCases = Callable[[str], Sequence[Case]]


class LazyCases(Mapping[str, Sequence[Case]]):
    """Cases by name; `find` reads or makes those of a name when some thread first asks for them."""

    def __init__(self, names: Iterable[str], find: FindCases) -> None:
        self._find = find
        self._found: dict[str, Sequence[Case] | None] = dict.fromkeys(names)
        self._mutex = threading.Lock()

    def __getitem__(self, name: str) -> Sequence[Case]:
        cases = self._found[name]
        if cases is None:
            with self._mutex:
                cases = self._found[name]
                if cases is None:
                    cases = self._found[name] = self._find(name)
        return cases

    def __iter__(self) -> Iterator[str]:
        return iter(self._found)

    def __len__(self) -> int:
        return len(self._found)


class CaseKeeper(Protocol):
    """Keeps secret cases, which take some recipes many seconds to make."""

    def kept_cases(self, version: str, /) -> dict[str, list[tuple[str, bytes]]]:
        """What was kept under this version, by name of the recipe: the names and bytes of its cases."""

    def keep_cases(self, version: str, cases: Mapping[str, Sequence[tuple[str, bytes]]], /) -> None:
        """Keeps these beside others of this version, and in place of those of all other versions."""


def secret_cases(
    root: Path, assignment: Assignment, names: Sequence[str], seed: int, keeper: CaseKeeper | None
) -> FindCases:
    """What finds the secret cases of each of these names: with `keeper`, or else by their recipe.

    Raises FileNotFoundError for a name that nobody keeps and no recipe makes.
    """
    version = fingerprint(_recipes_version(root), str(seed))
    kept = keeper.kept_cases(version) if keeper else {}
    left = [name for name in names if name not in kept]
    recipes = load_recipes(root, assignment) if left else {}
    if missing := [name for name in left if name not in recipes]:
        raise FileNotFoundError(f"no recipe of {root / 'staff' / 'cases'} makes the cases {', '.join(missing)}")

    def find(name: str) -> list[Case]:
        if name in kept:
            return [Case.from_bytes(data, case, secret=True) for case, data in kept[name]]
        made = list(recipes[name].cases(seed))
        if keeper:
            keeper.keep_cases(version, {name: [(one.name, one.to_bytes()) for one in made]})
        return made

    return find


def _recipes_version(root: Path) -> str:
    """The hash of all that secret cases depend on beside their seed."""
    helpers = [path for path in (root / "tests").glob("*.py") if not path.stem.startswith("test_")]
    recipes = of_files([*(root / "staff" / "cases").glob("*.py"), *helpers])
    return fingerprint(recipes, module_version("autograder.checks.case"))


def load_recipes(root: Path, assignment: Assignment) -> dict[str, Recipe]:
    """The recipes of every topic of an assignment, by the name of their cases."""
    import_data(root)
    recipes: dict[str, Recipe] = {}
    for topic in (topic for topics in assignment.notebooks.values() for topic in topics):
        path = root / "staff" / "cases" / f"{topic}.py"
        if path.exists():
            recipes |= collect_recipes(path)
    return recipes
