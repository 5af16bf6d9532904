"""A second assistant at another machine: a review through a real ssh tunnel, whose port is another one."""

import http.client
import json
import os
import shutil
import socket
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from review_class import STUDENTS, make_class
from test_review_door import ask_at
from test_review_in_browser import App

SSHD = shutil.which("sshd", path=f"{os.environ['PATH']}:/usr/sbin")
PATIENCE = 60.0  # seconds for what has to come, on a busy machine


def free_port() -> int:
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return int(listener.getsockname()[1])


def wait_for(port: int, process: "subprocess.Popen[bytes]") -> None:
    """Waits until something listens at a port, or fails with what the process says."""
    until = time.monotonic() + PATIENCE
    while time.monotonic() < until and process.poll() is None:
        with socket.socket() as one:
            if one.connect_ex(("127.0.0.1", port)) == 0:
                return
        time.sleep(0.1)
    process.kill()
    raise AssertionError(process.communicate()[1].decode())


@pytest.fixture
def server(tmp_path: Path) -> Iterator[list[str]]:
    """An sshd of our own with keys to throw away; the ssh command that reaches it."""
    if SSHD is None or shutil.which("ssh") is None:
        pytest.skip("sshd or ssh is missing: Debian's packages openssh-server and openssh-client have them")
    tmp_path.chmod(0o700)
    host, mine, port = tmp_path / "host", tmp_path / "mine", free_port()
    for key in (host, mine):
        subprocess.run(["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", str(key)], check=True)
    if os.getuid() == 0:
        Path("/run/sshd").mkdir(mode=0o755, exist_ok=True)  # where it drops its rights
    options = {
        "ListenAddress": f"127.0.0.1:{port}",
        "AuthorizedKeysFile": f"{mine}.pub",
        "PidFile": "none",
        "UsePAM": "no",
        "StrictModes": "no",
        "PasswordAuthentication": "no",
        "PermitRootLogin": "prohibit-password",
    }
    command = [SSHD, "-D", "-e", "-f", os.devnull, "-h", str(host)]
    command += [word for name, value in options.items() for word in ("-o", f"{name}={value}")]
    with subprocess.Popen(command, stderr=subprocess.PIPE) as process:
        wait_for(port, process)
        known = ["-o", "StrictHostKeyChecking=no", "-o", f"UserKnownHostsFile={tmp_path / 'known'}"]
        yield ["ssh", "-F", os.devnull, "-i", str(mine), "-p", str(port), "-o", "BatchMode=yes", *known, "127.0.0.1"]
        process.kill()


@pytest.mark.nightly
def test_a_review_goes_through_an_ssh_tunnel(server: list[str], tmp_path: Path) -> None:
    app, far = App(make_class(tmp_path / "class", STUDENTS[8:12])), free_port()
    near = app.origin.rpartition(":")[2]
    tunnel = [*server[:-1], "-N", "-o", "ExitOnForwardFailure=yes", "-L", f"{far}:127.0.0.1:{near}", server[-1]]
    with subprocess.Popen(tunnel, stderr=subprocess.PIPE) as process:
        wait_for(far, process)
        host = f"localhost:{far}"
        status, headers, _ = ask_at(far, f"/?token={app.token}", host=host)
        assert status == 303 and headers["set-cookie"].startswith(f"autograder_review_{far}=")
        cookie = headers["set-cookie"].partition(";")[0]
        status, headers, text = ask_at(far, "/", host=host, cookie=cookie)
        assert status == 200 and "to look at" in text
        assert f"http://{host}/own/review.js" in headers["content-security-policy"]

        def tell(who: str, **headers: str) -> int:
            sent = {"content_type": "application/json", "host": host, "cookie": cookie, **headers}
            return ask_at(far, "/me", "POST", json.dumps({"who": who}), **sent)[0]

        assert tell("lee", origin=f"http://{host}") == 200
        assert tell("eve", origin=f"http://localhost:{near}") == 403  # the app's own port is another page's, from here
        assert tell("eve", origin="http://evil.example") == 403
        assert ask_at(far, "/", host=f"evil.example:{far}", cookie=cookie)[0] == 403
        process.kill()
    with pytest.raises((http.client.HTTPException, OSError)):
        ask_at(far, "/", host=host, cookie=cookie)
    app.end()
