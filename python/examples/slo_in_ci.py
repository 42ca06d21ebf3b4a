#!/usr/bin/env python3
"""Fails a pipeline when the number of workers that is deployed misses the service level objective.

    WORKERS=6 python slo_in_ci.py

Exit 0: met; 1: missed, or so near that the run cannot tell.
"""

import os
import sys

import simsrv


def main(workers):
    result = simsrv.run(
        workers=workers,
        cpu="exp(10ms)",
        io="exp(70ms)",
        rate="40/s",
        slo="p95<=400ms",
        requests=20_000,
    )
    row = result.rows[0]
    upper = row["response_p95_s"] + (row["response_p95_s_ci"] or 0.0)
    print(f"{workers} workers: 95 % of responses within {upper:.3f} s at most; wanted: 0.4 s")
    return 0 if upper <= 0.4 else 1


if __name__ == "__main__":
    sys.exit(main(int(os.environ.get("WORKERS", "6"))))
