"""Connections to a Dask cluster: one that is there, or one that is started here."""

import logging
from collections.abc import Iterator
from contextlib import contextmanager

from distributed import Client, LocalCluster
from distributed.security import Security

from autograder.classroom.cluster.choice import ClusterChoice, ClusterError

CONNECT_SECONDS = 30


@contextmanager
def connect(choice: ClusterChoice) -> Iterator[Client]:
    """A client of the cluster until the block's end. Raises ClusterError."""
    if choice.local_workers:
        with _local(choice.local_workers) as cluster, Client(cluster) as client:
            yield client
        return
    choice.require_address()
    try:
        client = Client(choice.address, timeout=CONNECT_SECONDS)
    except Exception as error:  # of the network, of TLS, of Dask
        raise ClusterError(f"{choice.address}: no scheduler can be reached: {error}") from None
    with client:
        yield client


def _local(workers: int) -> LocalCluster:
    # Whoever reaches a scheduler without TLS runs code as its owner: so would other users of this machine.
    security, addresses = Security.temporary(), {"protocol": "tls://", "dashboard_address": None}
    quiet = {"silence_logs": logging.CRITICAL}  # what is lost is told by us
    return LocalCluster(n_workers=workers, threads_per_worker=1, security=security, **addresses, **quiet)
