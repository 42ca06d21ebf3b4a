"""What is asked of the real server and of the model: schedules, drawn before anything runs, and
one description of the server for each of the two."""

import random
from dataclasses import dataclass


@dataclass
class Scenario:
    """One server under one load."""

    name: str
    about: str
    # Gunicorn's own options.
    server: str
    # The same server in simsrv's words. All servers here have one core.
    model: str
    # (time, phases); in a closed loop (think time, phases).
    lines: list
    # How near the prediction should come on a quiet machine; none where chance decides.
    aim: str = ""
    # The same in the short form, where runs are short and the machine does other things.
    wide: str = ""
    clients: int = 0
    seconds: float = 0.0
    # CPU quota in cores, with periods of 100 ms; 0 for none.
    quota: float = 0.0
    # What of the recorded chance the replay takes over (`simsrv validate --split`).
    split: str = ""


def microseconds(value):
    """As it will stand in the recording."""
    return round(value, 6)


class Draw:
    """Arrivals and demands, all of them from one seed and the scenario's name."""

    def __init__(self, name, seed):
        self.random = random.Random(f"{name} {seed}")

    def exp(self, mean):
        return microseconds(self.random.expovariate(1 / mean)) or 1e-6

    def phases(self, *means):
        """Exponential demands: `("io", 0.05)`."""
        return " ".join(f"{kind}:{self.exp(mean):.6f}" for kind, mean in means)

    def poisson(self, rate, seconds, *means):
        lines, now = [], 0.0
        while True:
            now = microseconds(now + self.random.expovariate(rate))
            if now >= seconds:
                return lines
            lines.append((now, self.phases(*means)))


MIXED = (("cpu", 0.005), ("io", 0.040), ("cpu", 0.005))


def constant(phases, times):
    return [(at, phases) for at in times]


def open_(name, about, server, model, rate, means, aim, draw, seconds):
    lines = draw(name).poisson(rate, seconds, *means)
    return Scenario(name, about, server, model, lines, aim, "30%")


def scenarios(seed, short):
    """All scenarios, by name; `short` makes those with random demands last 7 s instead of 30 s."""
    seconds = 7.0 if short else 30.0
    draw = lambda name: Draw(name, seed)
    made = []
    for workers in (1, 2, 3):
        lines = constant("io:3.000000", [0.0] * 3)
        made.append(Scenario(
            f"three-users-{workers}", f"three users, 3 s each, {workers} workers",
            f"--workers {workers}", f"--class sync --workers {workers} --cores 1", lines, "1%", "3%",
        ))
    for percent in (50, 80, 90):
        # 4 workers, 50 ms: 80/s are all they can do.
        made.append(open_(
            f"io-{percent}", f"sync, I/O only, {percent} % of 4 workers",
            "--workers 4", "--class sync --workers 4 --cores 1",
            0.8 * percent, [("io", 0.050)], "5%", draw, seconds,
        ))
    for workers, percent in ((1, 70), (4, 70)):
        made.append(open_(
            f"cpu-{workers}", f"sync, CPU only, {percent} % of a core, {workers} workers",
            f"--workers {workers}", f"--class sync --workers {workers} --cores 1",
            0.5 * percent, [("cpu", 0.020)], "5%", draw, seconds,
        ))
    made.append(open_(
        "mixed", "sync, 8 workers, 10 ms of CPU and 40 ms of I/O, 60 % of a core",
        "--workers 8", "--class sync --workers 8 --cores 1", 60, MIXED, "5%", draw, seconds,
    ))
    made.append(closed("closed", draw("closed"), 20.0 if not short else 8.0))
    made.append(open_(
        "gthread", "one process of 4 threads, 10 ms of CPU and 40 ms of I/O",
        "--worker-class gthread --workers 1 --threads 4",
        "--class gthread --workers 1 --threads 4 --cores 1", 50, MIXED, "10%", draw, seconds,
    ))
    made.append(open_(
        "gevent", "one event loop, 10 ms of CPU and 40 ms of I/O",
        "--worker-class gevent --workers 1", "--class gevent --workers 1 --cores 1",
        60, MIXED, "10%", draw, seconds,
    ))
    made.append(Scenario(
        "backlog", "room for 5 and 30 clients at once, 1 s each",
        "--workers 1 --backlog 5", "--class sync --workers 1 --backlog 5 --cores 1",
        constant("io:1.000000", [0.0] * 30),
    ))
    made.append(Scenario(
        "timeout", "a request of 5 s before a --timeout of 2 s, and three behind it",
        "--workers 1 --timeout 2", "--class sync --workers 1 --timeout 2s --cores 1",
        [(0.0, "io:5.000000")] + constant("io:0.100000", [0.5, 1.0, 6.0]),
    ))
    quota = open_(
        "quota", "half a core by periods of 100 ms, 1 worker, 70 % of the quota",
        "--workers 1",
        "--class sync --workers 1 --cores 0.5 --quota-period 100ms --machine-cores 1",
        17.5, [("cpu", 0.020)], "10%", draw, seconds,
    )
    # When the periods began is chance, and decides a run of half a minute.
    quota.quota, quota.split = 0.5, "recorded"
    return {scenario.name: scenario for scenario in [*made, quota]}


def closed(name, draw, seconds):
    """10 clients that think for a second and ask for 100 ms, before 2 workers."""
    lines = [(draw.exp(1.0), "io:0.100000") for _ in range(int(seconds * 12) + 10)]
    return Scenario(
        name, "10 clients, think time 1 s, 100 ms of I/O, 2 workers", "--workers 2",
        "--class sync --workers 2 --cores 1", lines, "5%", "30%", clients=10, seconds=seconds,
    )


SHORT = ("three-users-3", "io-80", "cpu-1", "mixed", "closed", "gthread", "timeout")
