"""Questions whose points follow from saved models, as the manifest says."""

from dataclasses import dataclass, fields

from autograder.course.sizes import MAX_MODEL_MIB
from autograder.course.toml_section import Section


@dataclass(frozen=True)
class ModelQuestion:
    """A question whose points follow from how many test examples the student's saved models get right.

    `data` names the test set; `models` is a pattern of files below `folder`, with one model for each file that matches.
    A model reaches the `threshold` (percent of the test set) and earns all points, or is ranked and earns from
    `worst_share` to `best_share` of them; `distinct` different models are asked for. Of its right answers a model is
    expected to keep `keeps` percent once the inputs are changed a little; 0 expects nothing. `seconds` (wall time) and
    `memory_mib` (address space) limit the scoring of one model, `model_mib` the size of each file of weights.
    """

    data: str
    folder: str
    models: str
    threshold: int
    distinct: int
    best_share: float
    worst_share: float
    seconds: float
    memory_mib: int
    keeps: int = 0
    model_mib: int = MAX_MODEL_MIB


def model_questions_in(section: Section) -> dict[str, ModelQuestion]:
    """The questions of an assignment whose models are scored, in the manifest's order. Raises ManifestError."""
    table, questions = section.section("measured"), section.section("questions").values
    for question in table.values:
        if question not in questions:
            table.fail(question, "a label that stands in `questions` too", question)
    return {question: _model_question(table.section(question)) for question in table.values}


def _model_question(table: Section) -> ModelQuestion:
    table.only({one.name for one in fields(ModelQuestion)})
    question = ModelQuestion(
        data=table.text("data"),
        folder=table.path_below("folder", "a folder of the submission"),
        models=table.path_below("models", "a pattern of files such as '*.pt'"),
        threshold=table.whole("threshold"),
        distinct=table.whole("distinct"),
        best_share=table.share("best_share"),
        worst_share=table.share("worst_share"),
        seconds=table.number("seconds"),
        memory_mib=table.whole("memory_mib"),
        keeps=table.whole("keeps") if "keeps" in table.values else 0,
        model_mib=table.whole("model_mib") if "model_mib" in table.values else MAX_MODEL_MIB,
    )
    if question.model_mib > MAX_MODEL_MIB:
        table.fail("model_mib", f"at most {MAX_MODEL_MIB}", question.model_mib)
    if question.keeps > 100:
        table.fail("keeps", "a percentage of at most 100", question.keeps)
    if question.threshold > 100:
        table.fail("threshold", "a percentage of at most 100", question.threshold)
    if question.worst_share > question.best_share:
        table.fail("worst_share", f"at most best_share, {question.best_share:g}", question.worst_share)
    return question
