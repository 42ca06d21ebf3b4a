"""A WSGI application that does what the path says: /cpu:0.005/io:0.04 computes for 5 ms, then
sleeps for 40 ms.

Computing is counted in CPU time of the thread that serves the request, so a request that is kept
from its core takes longer instead of doing less; it is plain Python and holds the lock (GIL). The
answer tells when the handler began and ended on CLOCK_MONOTONIC, which the load generator reads
too, and the process that served.
"""

import os
import time

monotonic, thread_time = time.monotonic, time.thread_time


def compute(seconds):
    end = thread_time() + seconds
    while thread_time() < end:
        for _ in range(200):  # Some 5 us between two looks at the clock.
            pass


def app(environ, start_response):
    began = monotonic()
    for phase in environ["PATH_INFO"].split("/"):
        kind, _, seconds = phase.partition(":")
        if kind == "cpu":
            compute(float(seconds))
        elif kind == "io":
            time.sleep(float(seconds))  # By this name: gevent puts its own in its place.
    body = b"done\n"
    start_response(
        "200 OK",
        [
            ("Content-Type", "text/plain"),
            ("Content-Length", str(len(body))),
            ("X-Process", str(os.getpid())),
            ("X-Began", f"{began:.6f}"),
            ("X-Ended", f"{monotonic():.6f}"),
        ],
    )
    return [body]
