"""Which cluster marks a class, and whether its address may be used. Imports no Dask."""

import ipaddress
from contextlib import suppress
from dataclasses import dataclass
from urllib.parse import SplitResult, urlsplit


class ClusterError(Exception):
    """The cluster cannot be used, or cannot go on; the message says why."""


@dataclass(frozen=True)
class ClusterChoice:
    """Where a class is marked: by workers of a scheduler at `address`, by so many on this machine, or as Slurm's jobs.

    `unencrypted` allows a scheduler on another machine without TLS.
    """

    address: str = ""
    local_workers: int = 0
    slurm_workers: int = 0
    unencrypted: bool = False

    def require_address(self) -> None:
        """Raises ClusterError for an address that is none, or that everybody on the way could listen to."""
        parts, port = _parts(self.address)
        if parts.scheme not in ("tcp", "tls") or not parts.hostname or not port:
            raise ClusterError(f"{self.address}: expected the address of a Dask scheduler, such as tls://10.0.0.5:8786")
        if parts.scheme == "tcp" and not self.unencrypted and not _is_loopback(parts.hostname):
            raise ClusterError(
                f"{self.address}: without TLS everybody on the way reads notebooks and secret cases, and runs code on "
                "the workers; use tls:// (docs/scale.md), or give --unencrypted"
            )


def _parts(address: str) -> tuple[SplitResult, int | None]:
    parts = urlsplit(address if "://" in address else f"tcp://{address}")
    with suppress(ValueError):  # a port that is no number
        return parts, parts.port
    return parts, None


def _is_loopback(host: str) -> bool:
    with suppress(ValueError):
        return ipaddress.ip_address(host).is_loopback
    return host == "localhost"
