"""A proof about the course, those that held before, and how many are made at once."""

import sqlite3
from collections.abc import Callable, Generator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import AbstractContextManager, closing
from dataclasses import dataclass
from pathlib import Path
from queue import SimpleQueue
from typing import Self

from autograder.sandbox import Sandbox

FOLDER = ".autograder"


@dataclass(frozen=True)
class Proof:
    """Something that has to hold. `prove` says what is wrong, "" if nothing is.

    `key` is the hash of all that the result depends on; "" for what is cheap, needs no sandbox and is always proven.
    """

    name: str
    prove: Callable[[Sandbox | None], str]
    key: str = ""


@dataclass(frozen=True)
class ProofResult:
    """What came of a proof: what is wrong, "" if nothing, and whether that was known from before."""

    name: str
    problem: str
    remembered: bool = False


class ProofCache(AbstractContextManager["ProofCache"]):
    """The keys of proofs that held, in an ignored folder of the course; a damaged file begins anew."""

    def __init__(self, root: Path) -> None:
        folder = root / FOLDER
        folder.mkdir(exist_ok=True)
        (folder / ".gitignore").write_text("*\n", encoding="utf-8")
        self._connection = _open(folder / "proofs.sqlite")

    def __contains__(self, key: str) -> bool:
        return self._connection.execute("SELECT 1 FROM proofs WHERE key = ?", [key]).fetchone() is not None

    def add(self, key: str) -> None:
        """Remembers a proof that held."""
        with self._connection:
            self._connection.execute("INSERT OR IGNORE INTO proofs VALUES (?)", [key])

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._connection.close()


def _open(path: Path) -> sqlite3.Connection:
    connection = sqlite3.connect(path)
    try:
        with connection:
            connection.execute("CREATE TABLE IF NOT EXISTS proofs (key TEXT PRIMARY KEY) WITHOUT ROWID")
    except sqlite3.DatabaseError:
        connection.close()
        path.unlink()
        return _open(path)
    return connection


def prove_all(
    proofs: Sequence[Proof],
    open_sandboxes: Callable[[], AbstractContextManager[Sequence[Sandbox]]],
    cache: ProofCache,
    trust: bool = True,
) -> Generator[ProofResult, None, None]:
    """The results of proofs, in order; as many at once as there are sandboxes, and none opened if nothing needs one.

    Without `trust`, what is remembered is proven again. Closing the iterator drops what has not begun.
    """
    remembered = {proof.key for proof in proofs if trust and proof.key and proof.key in cache}
    if all(not proof.key or proof.key in remembered for proof in proofs):
        for proof in proofs:
            yield ProofResult(proof.name, "", True) if proof.key else ProofResult(proof.name, proof.prove(None))
        return
    with open_sandboxes() as sandboxes, closing(_prove_at_once(proofs, sandboxes, remembered)) as results:
        for proof, result in zip(proofs, results, strict=True):
            if proof.key and not result.problem:
                cache.add(proof.key)
            yield result


def _prove_at_once(
    proofs: Sequence[Proof], sandboxes: Sequence[Sandbox], remembered: set[str]
) -> Generator[ProofResult, None, None]:
    free: SimpleQueue[Sandbox] = SimpleQueue()
    for sandbox in sandboxes:
        free.put(sandbox)

    def run(proof: Proof) -> str:
        sandbox = free.get()
        try:
            return proof.prove(sandbox)
        finally:
            free.put(sandbox)

    pool = ThreadPoolExecutor(len(sandboxes))
    try:
        futures: list[Future[str] | None] = [
            None if proof.key in remembered else pool.submit(run, proof) for proof in proofs
        ]
        for proof, future in zip(proofs, futures, strict=True):
            yield ProofResult(proof.name, future.result() if future else "", future is None)
    finally:
        pool.shutdown(cancel_futures=True)
