"""The phases of a class that run on a cluster. Imports Dask once one of them begins: one machine does without."""

from collections.abc import Mapping, Sequence
from contextlib import ExitStack, closing
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

from rich.console import Console

from autograder.classroom.cluster.choice import ClusterChoice
from autograder.classroom.progress import ClassProgress
from autograder.gradebook.gradebook import Gradebook
from autograder.intake.attempts import Attempt
from autograder.sandbox.reader import Readers

if TYPE_CHECKING:
    from distributed import Client

    from autograder.course.course import Course
    from autograder.course.test_sets import TestSet


class ClusterPhases:
    """What a cluster does for a class. It is connected to once it is needed, until `resources` are closed.

    Every method raises ClusterError.
    """

    def __init__(
        self, choice: ClusterChoice, root: Path, gradebook: Gradebook, console: Console, resources: ExitStack
    ) -> None:
        self._choice, self._root, self._gradebook, self._console = choice, root, gradebook, console
        self._resources = resources

    @cached_property
    def _client(self) -> "Client":
        from autograder.classroom.cluster.connection import connect

        return self._resources.enter_context(connect(self._choice))

    def grade(
        self, course: "Course", imports: Sequence[str], attempts: Sequence[Attempt], progress: ClassProgress
    ) -> None:
        """Marks code; `imports` are the modules that notebooks of the class import first."""
        from autograder.classroom.cluster.class_run import ClusterRun

        given = self._client, self._root, course, self._gradebook, imports, self._console
        with closing(ClusterRun(*given)) as run:
            run.grade(attempts, progress)

    def measure(
        self,
        course: "Course",
        data: Mapping[str, "TestSet"],
        readers: Readers,
        attempts: Sequence[Attempt],
        progress: ClassProgress,
    ) -> list[Attempt]:
        """Measures saved models; the attempts whose models are left to this machine."""
        from autograder.classroom.cluster.model_run import ModelRun

        given = self._client, self._root, course, self._gradebook, data, self._console
        with closing(ModelRun(*given)) as run:
            return run.measure(attempts, readers, progress)
