"""What the authors of checks and recipes import: `from autograder.checks import question, expect, Mistake`.

Nothing else of the package is theirs: `autograder verify` refuses any other import in `tests/` and `staff/cases/`.
"""

from autograder.checks import expect
from autograder.checks.case import Case, Outputs, load_module, mistake_key, recipe
from autograder.checks.claims import Claims
from autograder.checks.mistakes import Mismatch, Mistake
from autograder.checks.parameters import assign, outside_layers
from autograder.checks.question import question
from autograder.checks.retraining import retraining
from autograder.checks.rng import Rng
from autograder.checks.robust import learnable, learnable_by_slope, repeatable, robust, still_right
from autograder.checks.saved_model import Checkpoint, TestSet
from autograder.messages import join, say
from autograder.protocol.faults import StudentError
from autograder.protocol.operations import Part
from autograder.protocol.student import Handle, Student, attempt

__all__ = [
    "Case",
    "Checkpoint",
    "Claims",
    "Handle",
    "Mismatch",
    "Mistake",
    "Outputs",
    "Part",
    "Rng",
    "Student",
    "StudentError",
    "TestSet",
    "assign",
    "attempt",
    "expect",
    "join",
    "learnable",
    "learnable_by_slope",
    "load_module",
    "mistake_key",
    "outside_layers",
    "question",
    "recipe",
    "repeatable",
    "retraining",
    "robust",
    "say",
    "still_right",
]
