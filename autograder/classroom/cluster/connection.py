"""Connections to a Dask cluster: one that is there, or one that is started here or by Slurm."""

import logging
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

import dask.config
from dask.utils import format_bytes, parse_bytes
from distributed import Client, LocalCluster
from distributed.security import Security

from autograder.classroom.cluster.choice import ClusterChoice, ClusterError

if TYPE_CHECKING:
    from dask_jobqueue.slurm import SLURMCluster

CONNECT_SECONDS = 30
_MEMORY = "4 GiB"  # of a worker: the judge, its warm process, a student's limit
_LOG_LEVEL = logging.CRITICAL  # what is lost is told by us
# Dask looks at itself up to a hundred times a second, which takes 40 ms of CPU a second in each of its processes.
SETTINGS: dict[str, str | bool] = {
    "distributed.worker.profile.enabled": False,
    "distributed.admin.tick.interval": "500ms",
    "distributed.admin.system-monitor.interval": "5s",
    "distributed.worker.memory.monitor-interval": "1s",
    "distributed.admin.large-graph-warning-threshold": "1GB",  # a test set is large, and travels once
}


@contextmanager
def connect(choice: ClusterChoice) -> Iterator[Client]:
    """A client of the cluster until the block's end. Raises ClusterError."""
    with dask.config.set(SETTINGS):
        yield from _connections(choice)


def _connections(choice: ClusterChoice) -> Iterator[Client]:
    if choice.local_workers:
        with _local(choice.local_workers) as cluster, Client(cluster) as client:
            yield client
    elif choice.slurm_workers:
        with slurm_cluster() as cluster, Client(cluster) as client:
            cluster.scale(choice.slurm_workers)
            yield client
    else:
        with _client(choice) as client:
            yield client


def _client(choice: ClusterChoice) -> Client:
    choice.require_address()
    try:
        return Client(choice.address, timeout=CONNECT_SECONDS)
    except Exception as error:  # of the network, of TLS, of Dask
        raise ClusterError(f"{choice.address}: no scheduler can be reached: {error}") from None


def _local(workers: int) -> LocalCluster:
    # Whoever reaches a scheduler without TLS runs code as its owner: so would other users of this machine.
    security, addresses = Security.temporary(), {"protocol": "tls://", "dashboard_address": None}
    return LocalCluster(
        n_workers=workers, threads_per_worker=1, security=security, silence_logs=_LOG_LEVEL, **addresses
    )


@contextmanager
def slurm_cluster() -> Iterator["SLURMCluster"]:
    """A scheduler here whose workers are to be jobs of Slurm, of one thread each; it has none yet.

    Queue, account, time, memory and cores of a job are Dask's configuration (`jobqueue.slurm`). Raises ClusterError.
    """
    from dask_jobqueue.slurm import SLURMCluster

    cores = dask.config.get("jobqueue.slurm.cores", None) or 1
    memory = dask.config.get("jobqueue.slurm.memory", None) or format_bytes(cores * parse_bytes(_MEMORY))
    place = dask.config.get("jobqueue.slurm.shared-temp-directory", None) or Path.home()
    before = dask.config.get("jobqueue.slurm.job-script-prologue", None) or []
    with (
        tempfile.TemporaryDirectory(prefix="autograder-tls-", dir=Path(place).expanduser()) as shared,
        dask.config.set({"distributed.scheduler.http.routes": []}),  # pages that everybody could read
    ):
        try:
            cluster = SLURMCluster(
                cores=cores,
                processes=cores,
                memory=memory,
                job_script_prologue=[*before, *(f"export {_variable(name)}={SETTINGS[name]}" for name in SETTINGS)],
                security=Security.temporary(),
                shared_temp_directory=shared,  # where the nodes find the certificate; nobody else may read it
                scheduler_options={"dashboard_address": None},
                silence_logs=_LOG_LEVEL,
            )
        except Exception as error:  # of the configuration, of the network
            raise ClusterError(f"no cluster by Slurm: {error}") from None
        with cluster:
            yield cluster


def _variable(setting: str) -> str:
    """The name of a setting in the environment of a worker."""
    return "DASK_" + setting.upper().replace(".", "__").replace("-", "_")
