#!/usr/bin/env python3
"""Drives a real Gunicorn and sets what simsrv predicts beside what was measured.

    experiments/real-gunicorn/run.py                   everything, 7 minutes
    experiments/real-gunicorn/run.py --short --check   under a minute; exit 1 if it is far off
    experiments/real-gunicorn/run.py io-80 gthread     only these
    experiments/real-gunicorn/run.py --runs 3          three schedules each, taken together

Needs Linux, Python 3.9 or newer with venv and pip (once: Gunicorn is installed into a virtual
environment of its own), and a built simsrv. README.md beside this file tells the rest.
"""

import argparse
import csv
import datetime
import os
import platform
import signal
import socket
import subprocess
import sys
import time
from pathlib import Path

import load
import scenarios as drawn

HERE = Path(__file__).resolve().parent
ROOT = HERE.parent.parent
GUNICORN = "gunicorn[gevent]==27.0.1"
CANNOT_TELL = 3


def main():
    options = arguments()
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    folder = options.output
    folder.mkdir(parents=True, exist_ok=True)
    python = environment(folder / "venv")
    simsrv = find_simsrv(options.simsrv)
    cores = sorted(os.sched_getaffinity(0))
    print(describe(python, simsrv, cores))
    # The generator has the last core for itself, the server the first.
    os.sched_setaffinity(0, {cores[-1]})
    print(f"The generator has core {cores[-1]}, {be_prompt()}; the server core {cores[0]}.\n")
    chosen = chosen_scenarios(options)
    done = []
    for name in chosen:
        files, scenario = record(name, options, python, cores[0])
        if files:
            done.append((scenario, files))
            compare_one(simsrv, scenario, files, folder)
    return compare_all(simsrv, done, options) if done else CANNOT_TELL


def arguments():
    parser = argparse.ArgumentParser(description="A real Gunicorn beside what simsrv predicts")
    parser.add_argument("scenarios", nargs="*", help="which scenarios; all if none is named")
    parser.add_argument("--short", action="store_true", help="a few short ones, under a minute")
    parser.add_argument("--check", action="store_true", help="exit 1 if an aim is missed")
    parser.add_argument("--runs", type=int, default=1, help="schedules of each scenario")
    parser.add_argument("--seed", type=int, default=1, help="of the first schedule")
    parser.add_argument("--output", type=Path, default=ROOT / "target" / "real-gunicorn")
    parser.add_argument("--simsrv", help="the program; else $SIMSRV, or what was built last")
    return parser.parse_args()


def chosen_scenarios(options):
    known = drawn.scenarios(options.seed, options.short)
    wrong = [name for name in options.scenarios if name not in known]
    if wrong:
        sys.exit(f"'{wrong[0]}' is no scenario: choose from {', '.join(known)}")
    return options.scenarios or (drawn.SHORT if options.short else list(known))


def environment(folder):
    """The Python of a virtual environment with Gunicorn; made where it is not there yet."""
    python = folder / "bin" / "python"
    test = [python, "-c", "import gunicorn, gevent, sys; sys.exit(gunicorn.__version__ != '27.0.1')"]
    if python.exists() and subprocess.run(test, stderr=subprocess.DEVNULL).returncode == 0:
        return python
    print(f"Installing {GUNICORN} into {folder}", flush=True)
    try:
        subprocess.run([sys.executable, "-m", "venv", folder], check=True)
        subprocess.run([python, "-m", "pip", "install", "--quiet", GUNICORN], check=True)
    except (OSError, subprocess.CalledProcessError) as error:
        print(f"{GUNICORN} cannot be installed: {error}", file=sys.stderr)
        sys.exit(CANNOT_TELL)
    return python


def find_simsrv(named):
    """The program: as named, or the newest build below target/."""
    named = named or os.environ.get("SIMSRV")
    if named:
        return str(Path(named).resolve() if "/" in named else named)
    built = [ROOT / "target" / profile / "simsrv" for profile in ("release", "fast", "debug")]
    built = [path for path in built if path.exists()]
    if not built:
        sys.exit("no simsrv below target/: build one with 'cargo build --release --locked'")
    return str(max(built, key=lambda path: path.stat().st_mtime))


def describe(python, simsrv, cores):
    versions = "import gunicorn, gevent, platform as p; print('gunicorn', gunicorn.__version__ + \
', gevent', gevent.__version__ + ', CPython', p.python_version())"
    output = lambda command: subprocess.run(command, capture_output=True, text=True).stdout.strip()
    today = datetime.datetime.now(datetime.timezone.utc).strftime("%Y-%m-%d %H:%M UTC")
    return (
        f"{today}: {output([python, '-c', versions])}, Linux {platform.release().split('-')[0]}, "
        f"{output([simsrv, '--version'])}, {len(cores)} cores, load average "
        f"{os.getloadavg()[0]:.1f}."
    )


def be_prompt():
    """Lets nobody keep the generator from sending in time, if that is allowed."""
    try:
        if len(os.sched_getaffinity(0)) < os.cpu_count():
            os.sched_setscheduler(0, os.SCHED_FIFO, os.sched_param(10))
            return "before all others (SCHED_FIFO)"
    except PermissionError:
        pass
    return "as one among others"


def go_first():
    """Lets the server have its core whenever it wants to compute, if that is allowed. Where the
    kernel shares cores among sessions first (autogroup), the session's own weight counts."""
    try:
        os.setpriority(os.PRIO_PROCESS, 0, -20)
        os.setsid()
        Path("/proc/self/autogroup").write_text("-20")
    except OSError:
        pass


class Quota:
    """A CPU cgroup with a quota for the server, and before others: of version 2 or version 1."""

    def __init__(self, cores):
        second, first = Path("/sys/fs/cgroup"), Path("/sys/fs/cgroup/cpu")
        microseconds = int(cores * 100_000)
        if (first / "cpu.cfs_quota_us").exists():
            self.folder = first / f"simsrv-{os.getpid()}"
            settings = {"cpu.cfs_period_us": 100_000, "cpu.cfs_quota_us": microseconds,
                        "cpu.shares": 262_144}
        else:
            self.folder = second / f"simsrv-{os.getpid()}"
            settings = {"cpu.max": f"{microseconds} 100000", "cpu.weight": 10_000}
        self.folder.mkdir()
        try:
            for name, value in settings.items():
                (self.folder / name).write_text(str(value))
        except OSError:
            self.folder.rmdir()
            raise

    def join(self):
        (self.folder / "cgroup.procs").write_text(str(os.getpid()))

    def remove(self):
        self.folder.rmdir()


class Server:
    """A Gunicorn on one core, for as long as the block."""

    def __init__(self, python, words, core, log, quota):
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            self.port = probe.getsockname()[1]
        command = [python, "-m", "gunicorn", "--bind", f"127.0.0.1:{self.port}", "--log-level",
                   "warning", *words.split(), "app:app"]

        def prepare():
            os.sched_setscheduler(0, os.SCHED_OTHER, os.sched_param(0))
            os.sched_setaffinity(0, {core})
            if quota:
                quota.join()
            go_first()

        self.process = subprocess.Popen(
            command, cwd=HERE, stdout=log, stderr=log, preexec_fn=prepare)

    def __enter__(self):
        until = time.monotonic() + 20
        while not self.answers():
            if self.process.poll() is not None or time.monotonic() > until:
                self.__exit__()
                sys.exit("Gunicorn did not start: see gunicorn.log in the output folder")
            time.sleep(0.1)
        time.sleep(1.0)  # The other workers load the application too.
        return self

    def answers(self):
        try:
            with socket.create_connection(("127.0.0.1", self.port), timeout=5) as connection:
                connection.sendall(b"GET / HTTP/1.0\r\n\r\n")
                return b"200" in connection.recv(4096)
        except OSError:
            return False

    def __exit__(self, *_):
        self.process.terminate()
        try:
            self.process.wait(10)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()


def record(name, options, python, core):
    """Runs a scenario with each schedule; the recordings, and the scenario of the first."""
    files, first = [], None
    for run in range(options.runs):
        scenario = drawn.scenarios(options.seed + run, options.short)[name]
        first = first or scenario
        quota = None
        if scenario.quota:
            try:
                quota = Quota(scenario.quota)
            except OSError as error:
                print(f"== {name}: skipped, no cgroup can be made here: {error}\n")
                return [], scenario
        path = options.output / f"{name}--run{run + 1}.csv"
        try:
            lag = record_one(scenario, python, core, options.output, path, quota)
        finally:
            if quota:
                quota.remove()
        if run == 0:
            print(f"== {name}: {scenario.about}")
        late = "mean {:.2f} ms, p99 {:.2f} ms, most {:.2f} ms".format(*lag)
        print(f"{len(scenario.lines)} lines, sent late by: {late}", flush=True)
        files.append(path.name)
    return files, first


def record_one(scenario, python, core, folder, path, quota):
    with open(folder / "gunicorn.log", "a") as log:
        with Server(python, scenario.server, core, log, quota) as server:
            if scenario.clients:
                work = load.closed_load(
                    server.port, scenario.lines, scenario.clients, scenario.seconds)
            else:
                work = load.open_load(server.port, scenario.lines)
            requests = work.run()
    path.write_text("".join(f"{row}\n" for row in load.rows(work, requests)))
    return load.lags(requests)


def words_of(scenario):
    """The options of `simsrv validate`."""
    closed = f" --clients {scenario.clients} --duration {scenario.seconds:g}s"
    return scenario.model + (closed if scenario.clients else "")


def compare_one(simsrv, scenario, files, folder):
    command = [simsrv, "validate", *files, *words_of(scenario).split()]
    command += ["--split", scenario.split] if scenario.split else []
    subprocess.run(command, cwd=folder, check=True)
    print(flush=True)


def compare_all(simsrv, done, options):
    """All scenarios in one table and one picture; 1 if an aim is missed and that matters."""
    with open(options.output / "runs.csv", "w", newline="") as file:
        table = csv.writer(file)
        table.writerow(["run", "files", "options", "target", "split"])
        for scenario, files in done:
            aim = scenario.wide if options.short else scenario.aim
            table.writerow([scenario.name, " ".join(files), words_of(scenario), aim, scenario.split])
    command = [simsrv, "validate", "--list", options.output / "runs.csv", "--plot", options.output]
    return subprocess.run(command + ["--check"] * options.check).returncode


if __name__ == "__main__":
    sys.exit(main())
