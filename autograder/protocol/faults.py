"""Whose fault it is that a question has no answer, and where in the notebook that shows.

Every error on the way from a child to a verdict. What stands below an error becomes that error in `Session`:

  the student's fault: FAIL, or points in part
  - StudentError            no value came: `diagnosis` says why
    x ChildTimeout            "time limit"
    x ChildEnded              "crash", or the limit that ended it
    x MalformedFrame          "malformed reply"
  - Mismatch                a value came, and it is wrong
  the grader's fault, or nobody's: UNGRADED, never 0
  - WorkerFailure           asked again, TRIES times in all
    x SandboxUnavailable      no child can be had
    x ChildEnded              with the reason "setup", or killed although no limit says why
  - Ungraded                the check cannot decide
  - Unrecorded              a regrade asks what no recording holds: the code has to run again

An error of any other kind in a check is the grader's fault, too. Before a class is graded, SandboxUnavailable ends the
command in one line, as do the errors of manifest, roster and gradebook.
"""

TIME_LIMIT = "time limit"
# How often a failing sandbox is tried: a warm process that is killed may first lose its child, then a fork, and is then
# started anew.
TRIES = 3


class StudentError(Exception):
    """The student's code did not give a value: it is missing, raised, hung or crashed.

    `diagnosis` is a short key; `cell`, `line` and `text` say where in the notebook, when that is known.
    """

    def __init__(self, message: str, diagnosis: str, cell: int = 0, line: int = 0, text: str = "") -> None:
        super().__init__(message)
        self.diagnosis = diagnosis
        self.cell = cell
        self.line = line
        self.text = text

    @property
    def ended(self) -> bool:
        """Whether the student's process ended with it, so that it answers nothing more in this question."""
        return self.diagnosis in {TIME_LIMIT, "crash", "malformed reply"}


class WorkerFailure(Exception):
    """The sandbox or our part of the worker failed: the grader's fault, never the student's."""
