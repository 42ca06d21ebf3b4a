#!/usr/bin/env python3
"""A sweep on the workers of a Dask cluster: here two processes of this machine; give the address of
a scheduler for a real one.

    python dask_sweep.py tcp://scheduler:8786
"""

import sys

import simsrv
from dask.distributed import Client, LocalCluster

SWEEP = {"workers": list(range(1, 13)), "cpu": "exp(10ms)", "io": "exp(40ms)", "rate": "60/s"}


def main(address=None, **options):
    cluster = address or LocalCluster(n_workers=2, threads_per_worker=1, dashboard_address=None)
    with Client(cluster) as client:
        return simsrv.run(client=client, parts=8, **{**SWEEP, **options})


if __name__ == "__main__":
    print(main(*sys.argv[1:]).text)
