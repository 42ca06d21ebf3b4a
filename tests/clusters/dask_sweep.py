#!/usr/bin/env python3
"""A sweep on two Dask workers, one of which is killed: the same bytes as in one process.

Exit 0 shown, 1 failed, 3 Dask is not installed.
"""

import os
import signal
import sys

import simsrv

try:
    from dask.distributed import Client, LocalCluster
except ImportError:
    print("skipped: Dask is not installed")
    sys.exit(3)


def main():
    sweep = {"workers": [2, 3, 4, 5], "cpu": "exp(10ms)", "io": "exp(40ms)", "rate": "30/s"}
    sweep["requests"] = 40_000
    whole = simsrv.run(**sweep).to_csv()
    with LocalCluster(n_workers=2, threads_per_worker=1, dashboard_address=None) as cluster:
        with Client(cluster) as client:
            killed = [False]

            class Killing:
                """Kills one worker after half of the parts have been given out."""

                def submit(self, *call):
                    if call[2] == 9 and not killed[0]:
                        pid = next(iter(client.run(os.getpid).values()))
                        os.kill(pid, signal.SIGKILL)
                        killed[0] = True
                    return client.submit(*call)

            divided = simsrv.run(client=Killing(), parts=16, **sweep).to_csv()
    assert killed[0] and divided == whole
    print("Dask: the parts equal the whole; one worker was killed")


if __name__ == "__main__":
    main()
