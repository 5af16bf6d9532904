"""In the student's process: reads the notebook, then answers requests one by one.

Everything here runs beside untrusted code and may be changed by it. So nothing here decides a mark: replies are data.
"""

import gc
import json
import os
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from types import MethodType
from typing import Any

import torch
from safetensors.torch import save

from autograder.notebook import stand_ins
from autograder.notebook.claims.reader import claims
from autograder.notebook.execution import Execution
from autograder.notebook.notebook import Notebook, read
from autograder.notebook.outline import Outline
from autograder.protocol import frames
from autograder.protocol.operation import Operation
from autograder.worker.accelerator import stand_in_for_accelerators
from autograder.worker.errors import explain
from autograder.worker.event_loop import wake_loops_by_pipes
from autograder.worker.full_run import FullRun
from autograder.worker.layers import forbidden_layers, kinds_of
from autograder.worker.machine import (
    print_little,
    reset_torch,
    stand_in_for_colab,
    switches,
    without_loader_processes,
    without_widgets,
)
from autograder.worker.namespace import LazyNamespace
from autograder.worker.optimizers import keep_compiler_out_of_optimizers
from autograder.worker.ordered import OrderedNamespace
from autograder.worker.places import keep_files_in_scratch, stand_in_for_programs
from autograder.worker.torch_calls import TorchCalls
from autograder.worker.weights import gradients, load, restore, tensors_of

Reply = tuple[dict[str, Any], dict[str, torch.Tensor]]
_NO_TENSORS: dict[str, torch.Tensor] = {}
# One for all children: to watch changes nearly every class of torch, which each child would copy.
_recorder = TorchCalls()
# Whose blob is a file's content, not tensors.
_WITH_FILE = (Operation.READ_NOTEBOOK, Operation.READ_AGAIN, Operation.ADD_PIECE, Operation.READ_WEIGHTS)
_WARM_UP = (
    b'{"nbformat": 4, "nbformat_minor": 5, "metadata": {}, "cells": [{"cell_type": "code", "source": '
    b'"import torch\\nclass A(torch.nn.Module):\\n    pass\\ndef f(x):\\n    '
    b'return torch.sigmoid(x @ x.T).sum(0) * x.mean()"}]}'
)


def _offered(name: str) -> Any:
    """What the course's package `data` offers under a name (autograder/course/data_package.py), None if nothing."""
    return getattr(sys.modules.get("data"), name, None)


def prepare() -> None:
    """What must be there before any fork, for a child has no part in it."""
    stand_in_for_accelerators()
    keep_compiler_out_of_optimizers()
    _recorder.watch()
    if prepare_worker := _offered("prepare_worker"):
        prepare_worker()


def warm_up() -> None:
    """What every worker would otherwise do at its first requests; called once, before the first of many forks.

    A small notebook goes through all that a submission goes through, so that code paths and caches are there.
    """
    main = sys.modules["__main__"]
    worker = Worker(_recorder)
    worker.read_notebook({"filename": "warm-up.ipynb"}, _WARM_UP)
    request = {"forbid": ["torch.gru*"], "allow_layers": None, "seed": 0, "execution": Execution.LAZY.value}
    worker.begin_check(request, None)
    arguments = frames.Encoder()
    message = {"name": "f", "inference": False, "arguments": arguments.encode([torch.ones(2, 3, dtype=torch.float64)])}
    frame = frames.pack(message, arguments.tensors)
    length, body = frames.lengths(frame[: frames.HEADER.size])[0], frame[frames.HEADER.size :]
    for _ in range(2):
        worker.call(*frames.unpack(body[:length], body[length:]))
    sys.modules["__main__"] = main


def serve(requests: int, replies: int) -> None:
    """Answers framed requests from one descriptor on another until the first is closed."""
    print_little()
    stand_in_for_colab()
    keep_files_in_scratch()
    stand_in_for_programs()
    without_loader_processes()
    without_widgets()
    wake_loops_by_pipes()
    if (use_directory := _offered("use_directory")) and (samples := _offered("SAMPLES")):
        use_directory(samples)  # so that no code tries a download
    _recorder.watch()
    worker = Worker(_recorder)
    with os.fdopen(requests, "rb", buffering=0) as source:
        number = source.fileno()
        while header := _read(number, frames.REQUEST_HEADER.size):
            operation, text, blob = frames.REQUEST_HEADER.unpack(header)
            # No name holds the blob, which may be a whole model, or the answer, whose tensors the next code would find.
            reply = memoryview(frames.pack(*worker.answer(operation, _read(number, text), _read(number, blob))))
            while reply:
                reply = reply[os.write(replies, reply) :]


def _read(descriptor: int, size: int) -> bytes:
    received = bytearray()
    while len(received) < size:
        chunk = os.read(descriptor, size - len(received))
        if not chunk:
            return b""
        received += chunk
    return bytes(received)


@contextmanager
def _no_collection() -> Iterator[None]:
    """Looks for no garbage among what is made in the block, then or later.

    Syntax trees are many objects that stay: to look through them is a tenth of the work.
    """
    gc.disable()
    try:
        yield
    finally:
        gc.freeze()
        gc.enable()


class Missing(Exception):
    """A name that the notebook does not bind."""


class Worker:
    """The state of one student's process: the notebook, a namespace for the present question, and objects that stay.

    It has a method for each operation, of the same name; `protocol.operations` says what they are given and answer.
    """

    def __init__(self, recorder: TorchCalls | None = None) -> None:
        self.filename = ""
        self.notebook = Notebook([])
        self.execution = Execution.LAZY
        self.namespace: LazyNamespace | OrderedNamespace | FullRun | None = None
        self.given: dict[str, object] = {}
        self.rules: dict[str, Any] = {}  # of the present check
        self.objects: list[Any] = []
        self.recorder = recorder or TorchCalls()
        self.pieces: list[bytes] = []  # of a file of weights
        self.weights = b""  # as safetensors

    def answer(self, tag: int, text: bytes, blob: bytes) -> Reply:
        """The reply to one request; an exception of any kind becomes an error reply."""
        try:
            operation = Operation(tag)
            method: Callable[..., Reply] = getattr(self, operation.name.lower())
            if operation in _WITH_FILE:
                return method(json.loads(text), blob)
            reply, tensors = method(*frames.unpack(text, blob))
            return {**reply, "evidence": self._has_evidence()}, tensors
        except Missing as missing:
            return {"error": {"kind": "missing", "message": str(missing)}}, _NO_TENSORS
        except BaseException as error:
            return {"error": explain(error)}, _NO_TENSORS

    def read_notebook(self, request: dict[str, Any], content: bytes) -> Reply:
        """Reads the notebook's bytes; no student code runs."""
        with _no_collection():
            self.take_in(request["filename"], content)
            return Outline.of(self.notebook).to_wire(), _NO_TENSORS

    def read_again(self, request: dict[str, Any], content: bytes) -> Reply:
        """Reads the bytes of a notebook whose outline the grader has; no student code runs."""
        with _no_collection():
            self.take_in(request["filename"], content)
        return {}, _NO_TENSORS

    def take_in(self, filename: str, content: bytes) -> None:
        """Has the notebook in the bytes from now on."""
        self.filename, self.notebook = filename, read(content)

    def begin_check(self, request: dict[str, Any], _: object) -> Reply:
        """Prepares for one question: a fresh namespace, random numbers, torch's global switches, an empty record."""
        self.given, self.objects, self.rules = {}, [], request
        reset_torch(request["seed"])
        self.recorder.reset(request["forbid"], request["allow_layers"])
        self.execution = Execution(request["execution"])
        self.namespace = self._fresh_namespace()
        return {"threads": threading.active_count()}, _NO_TENSORS

    def define_stand_ins(self, request: dict[str, Any], _: object) -> Reply:
        """Defines stand-ins, and starts the namespace anew so that nothing was built with the notebook's own."""
        self.given |= stand_ins.stand_ins(request["sources"])
        self.namespace = self._fresh_namespace()
        return {}, _NO_TENSORS

    def call(self, request: dict[str, Any], tensors: dict[str, torch.Tensor]) -> Reply:
        """Calls a name of the notebook, or an object that stayed here, under the record."""
        arguments = frames.decode(request["arguments"], tensors, lambda found: self.objects[found.number])
        self._switch_torch(request)
        with torch.inference_mode(request["inference"]), self.recorder:
            recorded = len(self.recorder.findings)
            target = self._target(request)
            if self.execution is not Execution.LAZY:  # what ran in order is for the most part no part of the answer
                del self.recorder.findings[recorded:]
            self.recorder.start()
            before = switches(target)
            value = target(*arguments)
            self.recorder.see_switches(before, switches(target))
        self.recorder.see_result(value)
        return self._value(value)

    def find_gradients(self, request: dict[str, Any], tensors: dict[str, torch.Tensor]) -> Reply:
        """Calls a module under the record, and goes back through it outside of the record, since that is our doing."""
        module = self.objects[request["handle"]]
        arguments = frames.decode(request["arguments"], tensors)
        given = {str(i): one for i, one in enumerate(arguments) if isinstance(one, torch.Tensor)}
        leaves = {name: one.requires_grad_() for name, one in given.items() if one.is_floating_point()}
        self._switch_torch(request)
        with self.recorder:
            # What is no leaf may be changed in place.
            value = module(*(one.clone() if isinstance(one, torch.Tensor) else one for one in arguments))
        wanted = dict(torch.nn.Module.named_parameters(module)) | leaves
        found = gradients(wanted, frames.floating_tensors(value), frames.decode(request["weights"], tensors))
        encoder = frames.Encoder()
        return {"gradients": encoder.encode(found)}, encoder.tensors

    def get_attribute(self, request: dict[str, Any], _: object) -> Reply:
        """An attribute of an object that stayed here."""
        owner, name = self.objects[request["handle"]], request["name"]
        if not hasattr(owner, name):
            raise AttributeError(f"{type(owner).__name__} has no attribute {name}")
        return self._value(getattr(owner, name))

    def list_modules(self, request: dict[str, Any], _: object) -> Reply:
        """Names, classes and parameter shapes of a module and all inside it."""
        entries = [
            {
                "name": name,
                "kinds": kinds_of(type(module)),
                "parameters": {key: list(value.shape) for key, value in module.named_parameters(recurse=False)},
            }
            for name, module in self.objects[request["handle"]].named_modules()
        ]
        return {"inventory": entries}, _NO_TENSORS

    def load_parameters(self, request: dict[str, Any], tensors: dict[str, torch.Tensor]) -> Reply:
        """Copies tensors into named parameters, which take their shapes if that is asked for."""
        load(self.objects[request["handle"]], frames.decode(request["parameters"], tensors), request["reshape"])
        return {}, _NO_TENSORS

    def add_piece(self, _: object, content: bytes) -> Reply:
        """Keeps a piece of a file."""
        self.pieces.append(content)
        return {}, _NO_TENSORS

    def read_weights(self, request: dict[str, Any], content: bytes) -> Reply:
        """Reads a `.pt` file. For a process in which no student code has run: what comes is taken for true."""
        file = b"".join([*self.pieces, content])
        self.pieces.clear()
        found = tensors_of(file, request["most"])
        del file  # before the tensors are copied once more
        if isinstance(found, str):
            return {"problem": found}, _NO_TENSORS
        self.weights = save(found)
        return {"size": len(self.weights)}, _NO_TENSORS

    def take_piece(self, request: dict[str, Any], _: object) -> Reply:
        """Some bytes of the weights that were read."""
        content = bytearray(self.weights[request["begin"] : request["begin"] + request["size"]])
        encoder = frames.Encoder()
        return {"piece": encoder.encode(torch.frombuffer(content, dtype=torch.uint8))}, encoder.tensors

    def restore_weights(self, request: dict[str, Any], tensors: dict[str, torch.Tensor]) -> Reply:
        """Puts saved weights into a module, if all of them fit."""
        weights = frames.decode(request["weights"], tensors)
        return {"misfit": restore(self.objects[request["handle"]], weights)}, _NO_TENSORS

    def full_run(self, request: dict[str, Any], _: object) -> Reply:
        """Runs the whole notebook on a data directory; its globals answer calls from then on, until `begin`."""
        if use_directory := _offered("use_directory"):
            use_directory(request["data"])
        run = FullRun(self.notebook, self.filename)
        with self.recorder:
            run.run(request["seconds"])
        self.namespace = run
        models = frames.Encoder(self._refer).encode(run.models(request["kinds"]))
        told = {"stopped": run.stopped, "errors": run.errors[:50], "printed": run.printed(), "models": models}
        return told | {"saved": claims(self.notebook).to_wire()}, _NO_TENSORS

    def set_training(self, request: dict[str, Any], _: object) -> Reply:
        """Switches a module between training and evaluation."""
        self.objects[request["handle"]].train(request["training"])
        return {}, _NO_TENSORS

    def count_calls(self, request: dict[str, Any], _: object) -> Reply:
        """How many calls of functions and layers the last call made whose dotted names match."""
        return {"number": self.recorder.ran(request["patterns"])}, _NO_TENSORS

    def report_broken_rules(self, *_: object) -> Reply:
        """What the layers of the modules made here, and the record of calls, say about broken rules."""
        modules = [one for one in self.objects if isinstance(one, torch.nn.Module)]
        layers = forbidden_layers(modules, self.rules["forbid"], self.rules["allow_layers"])
        findings = [*layers, *self.recorder.findings]
        return {"findings": [finding.to_wire() for finding in findings[:50]]}, _NO_TENSORS

    def _has_evidence(self) -> bool:
        """Whether `report_broken_rules` may have anything to say."""
        return bool(self.recorder.findings) or any(isinstance(one, torch.nn.Module) for one in self.objects)

    def list_unknown_names(self, *_: object) -> Reply:
        """The names whose value a run in order could not know, each with its cell."""
        return {"unknown": getattr(self.namespace, "unknown", {})}, _NO_TENSORS

    def _fresh_namespace(self) -> LazyNamespace | OrderedNamespace:
        if self.execution is Execution.LAZY:
            return LazyNamespace(self.notebook, self.given, self.filename)
        return OrderedNamespace(self.notebook, self.given, self.filename, self.execution is Execution.TO_END)

    def _target(self, request: dict[str, Any]) -> Any:
        if "handle" in request:
            return self.objects[request["handle"]]
        assert self.namespace is not None
        try:
            return self.namespace.definition(request["name"])
        except KeyError:
            raise Missing(request["name"]) from None

    def _switch_torch(self, request: dict[str, Any]) -> None:
        """Switches torch as the notebook has it where the function or class of what is called is defined."""
        if isinstance(self.namespace, LazyNamespace):
            owner = self.objects[request["handle"]] if "handle" in request else None
            name = request.get("name") or type(getattr(owner, "__self__", owner)).__name__
            self.namespace.switch_torch(name)

    def _value(self, value: object) -> Reply:
        encoder = frames.Encoder(self._refer)
        return {"value": encoder.encode(value)}, encoder.tensors

    def _refer(self, value: object) -> int | None:
        if not isinstance(value, (torch.nn.Module, MethodType)) and type(value).__module__ != stand_ins.MODULE:
            return None
        self.objects.append(value)
        return len(self.objects) - 1
