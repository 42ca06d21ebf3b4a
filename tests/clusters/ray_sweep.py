#!/usr/bin/env python3
"""A sweep on two Ray workers, one of which is killed: the same bytes as in one process.

Exit 0 shown, 1 failed, 3 Ray is not installed.
"""

import os
import signal
import sys

import simsrv

try:
    import ray
except ImportError:
    print("skipped: Ray is not installed")
    sys.exit(3)


class Answer:
    """What ``simsrv.run(client=...)`` asks for a result."""

    def __init__(self, reference):
        self.reference = reference

    def result(self):
        return ray.get(self.reference)


class OnRay:
    """Gives parts to Ray, which runs a task again whose worker has died."""

    def submit(self, function, *arguments):
        return Answer(ray.remote(function).options(max_retries=3).remote(*arguments))


class Killing(OnRay):
    """Kills the worker of a task after half of the parts have been given out."""

    def __init__(self):
        self.killed = False

    def submit(self, function, *arguments):
        if arguments[1] == 9 and not self.killed:
            try:
                ray.get(ray.remote(lambda: os.kill(os.getpid(), signal.SIGKILL)).options(max_retries=0).remote())
            except ray.exceptions.WorkerCrashedError:
                self.killed = True
        return super().submit(function, *arguments)


def main():
    sweep = {"workers": [2, 3, 4, 5], "cpu": "exp(10ms)", "io": "exp(40ms)", "rate": "30/s"}
    sweep["requests"] = 40_000
    whole = simsrv.run(**sweep).to_csv()
    ray.init(num_cpus=2, include_dashboard=False, log_to_driver=False, logging_level="ERROR")
    client = Killing()
    divided = simsrv.run(client=client, parts=16, **sweep).to_csv()
    ray.shutdown()
    assert client.killed and divided == whole
    print("Ray: the parts equal the whole; one worker was killed")


if __name__ == "__main__":
    main()
