#!/usr/bin/env python3
"""A sweep as a data frame and as a plot: how response times fall with workers. Needs pandas and
matplotlib.

    python sweep_to_plot.py responses.png
"""

import sys

import matplotlib

matplotlib.use("Agg")

import simsrv


def main(path, requests=None):
    result = simsrv.run(
        workers=list(range(4, 11)),
        cpu="exp(10ms)",
        io="exp(70ms)",
        rate=["30/s", "40/s"],
        requests=requests,
    )
    frame = result.to_pandas()
    wide = frame.pivot(index="workers", columns="rate_per_s", values="response_p95_s")
    axes = wide.plot(marker="o", logy=True)
    axes.set_ylabel("95 % of responses are within (s)")
    axes.figure.savefig(path)
    return wide


if __name__ == "__main__":
    if len(sys.argv) != 2:
        sys.exit("usage: sweep_to_plot.py PICTURE.png")
    print(main(*sys.argv[1:]))
