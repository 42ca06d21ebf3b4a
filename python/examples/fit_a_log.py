#!/usr/bin/env python3
"""From an access log to a number of workers.

    python fit_a_log.py access.log 4
"""

import sys

import simsrv


def main(log, workers, **options):
    learned = simsrv.fit(log, workers=workers, **options)
    print(learned.text)
    return simsrv.run(scenario=learned.scenario, workers=list(range(1, 2 * int(workers) + 1)))


if __name__ == "__main__":
    if len(sys.argv) != 3:
        sys.exit("usage: fit_a_log.py LOG WORKERS")
    print(main(*sys.argv[1:]).answer)
