"""A student's notebook as an object in the grader: its calls cross into a sandboxed worker.

`Student` is what a check gets, and `Handle` stands for an object that lives in the worker: a module, one of its
methods, or an instance of a stand-in's class. Handles may be passed on as arguments. Everything that comes back is
untrusted data.
"""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import torch

from autograder.protocol import operations
from autograder.protocol.faults import StudentError
from autograder.protocol.frames import Reference
from autograder.protocol.inquiry import Inquiry
from autograder.protocol.operations import Part
from autograder.protocol.transcript import Target, Transcript


class Student:
    """What a check sees of a submission: `student.convolve(x)` calls the notebook's `convolve`."""

    def __init__(self, inquiry: Inquiry) -> None:
        self._inquiry = inquiry

    def given(self, **sources: str) -> None:
        """Supplies stand-ins for this question: Python source that defines each name, stronger than the notebook's."""
        self._inquiry.stand_in(sources)

    def infer(self, name: str, *arguments: Any) -> Any:
        """A call of the notebook's or a stand-in's function `name` without anything that training needs."""
        return _call(self._inquiry, name, arguments, name, inference=True)

    def ran(self, *patterns: str) -> int:
        """How many calls the last call made of functions and layers with such names, as its record tells.

        "*conv*" is any convolution, "torch.nn.Conv2d" a layer of that class or one that extends it. The record lies in
        the student's process: that something ran is evidence, and so is a record that shows everything else.
        """
        return self._inquiry.exchange(operations.count_calls(patterns))

    def uses(self, attribute: str, *, of: str) -> bool:
        """Whether code of the notebook uses an attribute of this name outside of the class `of`, which defines it.

        It need not run, nor does the object have to be of that class: only that there is none is certain. True for a
        notebook without that class.
        """
        attributes = self._inquiry.session.outline.attributes
        return of not in attributes or any(attribute in names for place, names in attributes.items() if place != of)

    def flag(self, reason: str) -> None:
        """Leaves something to a person; it costs nothing, and is shown once if the question earns points."""
        if reason not in self._inquiry.flags:
            self._inquiry.flags.append(reason)

    def __getattr__(self, name: str) -> Callable[..., Any]:
        if name.startswith("__"):
            raise AttributeError(name)
        return lambda *arguments: _call(self._inquiry, name, arguments, name)


class Handle:
    """An object in the student's process. What its attributes and calls yield are copies or handles, and untrusted.

    `made_by` is the name that was called for it, or for what it is a part of, `method` what calling it calls.
    """

    def __init__(self, inquiry: Inquiry, reference: Reference, made_by: str, method: str = "forward") -> None:
        self._inquiry = inquiry
        self._number = reference.number
        self._kind = reference.kind
        self._made_by = made_by
        self._method = method

    @staticmethod
    def number_of(value: object) -> int | None:
        """The number by which the student's process knows the object of a handle; None for any other value."""
        return value._number if isinstance(value, Handle) else None

    def __repr__(self) -> str:
        return f"<{self._kind} of the student>"

    @staticmethod
    def kind_of(value: "Handle") -> str:
        """The class name of the object. No attribute, as these are the student's."""
        return value._kind

    def __call__(self, *arguments: Any) -> Any:
        """What the object yields when it is called. Raises StudentError."""
        self._enter_call()
        return _call(self._inquiry, self._number, arguments, self._made_by, self._method)

    def __getattr__(self, name: str) -> Any:
        if name.startswith("_"):
            raise AttributeError(name)
        self._inquiry.enter_attribute(name)
        stand_for = _handles(self._inquiry, self._made_by, name)
        value = self._inquiry.exchange(operations.get_attribute(self._number, name, stand_for))
        transcript = self._inquiry.transcript

        def note() -> None:
            owner = transcript.handle(self._number)
            expression = f"{owner}.{name}" if owner else ""
            transcript.read(value, expression)
            _hold(transcript, value, expression)

        transcript.later(note)
        return value

    def inventory(self) -> list[Part]:
        """Every module inside, the root (named "") first, in the order of `named_modules`. Raises StudentError."""
        return self._inquiry.exchange(operations.list_modules(self._number))

    def load(
        self,
        parameters: Mapping[str, torch.Tensor],
        reshape: bool = False,
        roles: Mapping[str, torch.Tensor] | None = None,
    ) -> None:
        """Copies tensors into the parameters of these dotted names; the others stay. Raises StudentError.

        With `reshape` the parameters take the tensors' shapes; otherwise they must have them. `roles` is what
        the parameters are those of, where `example.assign` of a student's own kernel takes them from it as well.
        """
        transcript = self._inquiry.transcript
        transcript.later(lambda: transcript.load(self._number, roles))
        self._inquiry.exchange(operations.load_parameters(self._number, parameters, reshape))

    def number_parts(self, kind: str) -> None:
        """Sets the parameter `number` of each module of this class inside to its place among them, from 0.

        Raises StudentError.
        """
        parts = [entry.name for entry in self.inventory() if entry.kind == kind]
        numbers = {f"{name}.number": torch.tensor(float(place)) for place, name in enumerate(parts)}
        self._note_chain(f'example.number_parts({{}}, "{kind}")')
        self._inquiry.exchange(operations.load_parameters(self._number, numbers, reshape=False))

    def restore(self, weights: Mapping[str, torch.Tensor]) -> str:
        """Puts saved weights into the parameters and buffers of the same keys, if all of them fit.

        Returns the first key that is missing, unknown or of another shape, in words; "" if there is none.
        """
        self._note_chain("")
        return self._inquiry.exchange(operations.restore_weights(self._number, weights))

    def infer(self, *arguments: Any) -> Any:
        """A call without anything that training needs."""
        self._enter_call()
        return _call(self._inquiry, self._number, arguments, self._made_by, self._method, inference=True)

    def gradients(self, weights: Sequence[torch.Tensor], *arguments: object) -> dict[str, torch.Tensor | None]:
        """A call, and the way back from the floating tensors in its result, each times its `weights`.

        The gradients of parameters by dotted name; those of floating arguments stand under "0", "1", ...; None where no
        gradient arrives. Raises StudentError.
        """
        self._enter_call()
        self._inquiry.enter(self._made_by, self._method)
        transcript, target = self._inquiry.transcript, (self._made_by, self._method)
        transcript.later(lambda: transcript.called("", (), target))
        return self._inquiry.exchange(operations.find_gradients(self._number, weights, arguments))

    def _note_chain(self, form: str) -> None:
        """Notes what is done to the object, in the form that `Transcript.chain` takes."""
        transcript = self._inquiry.transcript
        transcript.later(lambda: transcript.chain(self._number, form))

    def _enter_call(self) -> None:
        """Notes that the object is called; a method is named already."""
        if self._kind != "method":
            self._inquiry.enter_attribute("__call__")

    def train(self) -> None:
        """Switches dropout and batch statistics on."""
        self._note_chain("{}.train()")
        self._inquiry.exchange(operations.set_training(self._number, True))

    def eval(self) -> None:
        """Switches dropout and batch statistics off."""
        self._note_chain("{}.eval()")
        self._inquiry.exchange(operations.set_training(self._number, False))


def attempt(call: Callable[..., Any], *arguments: Any) -> Any:
    """What a call into the student's process yields, or the StudentError that it raised.

    Raises the error if the process ended with it, since every further call would fail for that.
    """
    try:
        return call(*arguments)
    except StudentError as error:
        if error.ended:
            raise
        return error


def _call(
    inquiry: Inquiry,
    target: str | int,
    arguments: tuple[Any, ...],
    name: str,
    method: str = "",
    inference: bool = False,
) -> Any:
    """What a call yields, of code that the notebook's `name` is asked for."""
    inquiry.enter(name, method)
    transcript = inquiry.transcript
    transcript.later(lambda: _note_call(transcript, target, arguments, (name, method)))
    request = operations.call(target, arguments, Handle.number_of, _handles(inquiry, name), inference=inference)
    try:
        value = inquiry.exchange(request)
    except StudentError as error:
        raised = error
        transcript.later(lambda: transcript.returned(raised))
        raise
    transcript.later(lambda: _note_result(transcript, value))
    return value


def _note_call(transcript: Transcript, target: str | int, arguments: Sequence[object], about: Target) -> None:
    function = target if isinstance(target, str) else transcript.handle(target)
    transcript.called(function, [_written(transcript, one) for one in arguments], about)


def _note_result(transcript: Transcript, value: object) -> None:
    transcript.returned(value)
    call = transcript.calls[-1].expression
    if isinstance(value, tuple):
        for place, one in enumerate(value):
            _hold(transcript, one, f"{transcript.result_of_last()}[{place}]" if call else "")
    _hold(transcript, value, call)


def _written(transcript: Transcript, argument: object) -> str:
    """What to write for an argument; "" for unknown."""
    number = Handle.number_of(argument)
    return transcript.write(argument) if number is None else transcript.handle(number)


def _hold(transcript: Transcript, value: object, expression: str) -> None:
    """Remembers what to write for a value that came back, if it stands for an object."""
    number = Handle.number_of(value)
    if number is not None:
        transcript.hold(number, expression)


def _handles(inquiry: Inquiry, made_by: str, method: str = "forward") -> Callable[[Reference], Handle]:
    return lambda reference: Handle(inquiry, reference, made_by, method)
