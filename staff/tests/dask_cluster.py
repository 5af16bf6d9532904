"""Dask's scheduler and workers as other people start them: by their commands, with TLS by an authority of one's own."""

import datetime
import json
import os
import re
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager, suppress
from ipaddress import ip_address
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID
from killing import descendants

Process = subprocess.Popen[bytes]


def wait_for(what: str, is_there: Callable[[], object], seconds: float = 240.0) -> None:
    """Waits until something is there; the limit is for what never comes."""
    end = time.monotonic() + seconds
    while not is_there():
        assert time.monotonic() < end, f"{what} never came"
        time.sleep(0.1)


class Authority:
    """A self-made certificate authority, and one certificate by it for every process of a cluster."""

    def __init__(self, folder: Path) -> None:
        folder.mkdir()
        self.ca, self.certificate, self.key = (folder / name for name in ("ca.pem", "certificate.pem", "key.pem"))
        root = ec.generate_private_key(ec.SECP256R1())
        own = ec.generate_private_key(ec.SECP256R1())
        issuer = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "our own authority")])
        self.ca.write_bytes(_certificate(issuer, issuer, root, root, is_authority=True))
        subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "a process of the cluster")])
        self.certificate.write_bytes(_certificate(subject, issuer, own, root, is_authority=False))
        plain = serialization.NoEncryption()
        form = serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8
        self.key.write_bytes(own.private_bytes(*form, plain))

    @property
    def options(self) -> list[str]:
        """What Dask's commands take."""
        return ["--tls-ca-file", str(self.ca), "--tls-cert", str(self.certificate), "--tls-key", str(self.key)]

    @property
    def environment(self) -> dict[str, str]:
        """What a client finds its certificate by."""
        client = "DASK_DISTRIBUTED__COMM__TLS__CLIENT__"
        files = {"DASK_DISTRIBUTED__COMM__TLS__CA_FILE": self.ca, f"{client}CERT": self.certificate}
        return {name: str(path) for name, path in {**files, f"{client}KEY": self.key}.items()}


def _certificate(
    subject: x509.Name,
    issuer: x509.Name,
    own: ec.EllipticCurvePrivateKey,
    root: ec.EllipticCurvePrivateKey,
    is_authority: bool,
) -> bytes:
    now = datetime.datetime.now(datetime.UTC)
    day = datetime.timedelta(days=1)
    builder = (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(issuer)
        .public_key(own.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - day)
        .not_valid_after(now + day)
        .add_extension(x509.BasicConstraints(ca=is_authority, path_length=None), critical=True)
        .add_extension(x509.SubjectAlternativeName([x509.IPAddress(ip_address("127.0.0.1"))]), critical=False)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(own.public_key()), critical=False)
        .add_extension(x509.AuthorityKeyIdentifier.from_issuer_public_key(root.public_key()), critical=False)
    )
    return builder.sign(root, hashes.SHA256()).public_bytes(serialization.Encoding.PEM)


class Cluster:
    """A scheduler at `host`, and the workers that are started for it; all end with the context."""

    def __init__(self, folder: Path, host: str, processes: ExitStack, authority: Authority | None = None) -> None:
        self._folder, self._processes = folder, processes
        self._tls = authority.options if authority else []
        self._scheduler = folder / "scheduler.json"
        where = ["--host", host, "--protocol", "tls" if authority else "tcp", "--port", "0", "--no-dashboard"]
        command = [sys.executable, "-m", "distributed.cli.dask_scheduler", "--no-show", *where, *self._tls]
        self._start("scheduler", [*command, "--scheduler-file", str(self._scheduler)])
        wait_for("the scheduler", lambda: self._scheduler.exists() and self._scheduler.stat().st_size)
        self.address: str = json.loads(self._scheduler.read_text())["address"]

    def start_worker(self, name: str, host: str, *options: str, before: Sequence[str] = ()) -> Process:
        """A worker of one thread, started by the command `before`, whose files lie in a folder of its name."""
        where = ["--host", host, "--scheduler-file", str(self._scheduler)]
        command = [sys.executable, "-m", "distributed.cli.dask_worker", "--nthreads", "1", "--no-dashboard", *where]
        folder = ["--local-directory", str(self._folder / name)]
        return self._start(name, [*before, *command, *folder, *self._tls, *options])

    def _start(self, name: str, command: Sequence[str]) -> Process:
        log = self._processes.enter_context((self._folder / f"{name}.log").open("wb"))
        process = subprocess.Popen(command, stdout=log, stderr=log, start_new_session=True)
        self._processes.callback(_end, process)
        return process


def _end(process: Process) -> None:
    """Ends a process with all that it has started."""
    for pid in [process.pid, *descendants(process.pid)]:
        with suppress(ProcessLookupError):
            os.kill(pid, signal.SIGKILL)
    process.wait()


def judges_of(pid: int) -> list[int]:
    """The judges below a process."""
    return [one for one in descendants(pid) if b"cluster.judge" in _read(one, "cmdline")]


def parent_of(pid: int) -> int:
    """The process that started one; 0 if it is gone."""
    status = re.search(rb"^PPid:\s*(\d+)", _read(pid, "status"), re.M)
    return int(status[1]) if status else 0


def _read(pid: int, name: str) -> bytes:
    with suppress(OSError):
        return Path(f"/proc/{pid}/{name}").read_bytes()
    return b""


# --- a network that can be cut ---


@contextmanager
def network() -> Iterator["Network | None"]:
    """A network namespace that is linked to this one; None, with a line that says so, where none can be made."""
    ip = shutil.which("ip")
    made = ip and os.geteuid() == 0 and subprocess.run([ip, "netns", "add", Network.NAME], capture_output=True)
    if not ip or not made or made.returncode:
        print("skipped: nothing is cut off, for no network namespace can be made here (CAP_NET_ADMIN, iproute2)")
        yield None
        return
    try:
        yield Network()
    finally:
        subprocess.run([ip, "link", "del", Network.LINK], capture_output=True, check=False)
        subprocess.run([ip, "netns", "del", Network.NAME], check=True)


class Network:
    """A namespace, and a link to it that can be cut."""

    NAME, LINK = f"grade{os.getpid()}", f"cut{os.getpid()}"
    HERE, THERE = "10.231.77.1", "10.231.77.2"

    def __init__(self) -> None:
        self.inside = ["ip", "netns", "exec", self.NAME]
        self._run("ip", "link", "add", self.LINK, "type", "veth", "peer", "name", "there", "netns", self.NAME)
        self._run("ip", "addr", "add", f"{self.HERE}/24", "dev", self.LINK)
        self._run("ip", "link", "set", self.LINK, "up")
        for command in (["addr", "add", f"{self.THERE}/24", "dev", "there"], ["link", "set", "there", "up"]):
            self._run(*self.inside, "ip", *command)
        self._run(*self.inside, "ip", "link", "set", "lo", "up")

    def cut(self) -> None:
        """From now on nothing passes the link."""
        self._run(*self.inside, "ip", "link", "set", "there", "down")

    def mend(self) -> None:
        """The link is as it was."""
        self._run(*self.inside, "ip", "link", "set", "there", "up")

    def _run(self, *command: str) -> None:
        subprocess.run(command, check=True)
