#!/usr/bin/env python3
"""Drives other real servers than Gunicorn, and sets what simsrv predicts beside what was measured.

    experiments/real-servers/run.py                   every server that there is, 15 minutes
    experiments/real-servers/run.py --short --check   two minutes; exit 1 if one is far off
    experiments/real-servers/run.py uvicorn puma      only these

Generator, recordings and comparison are those of experiments/real-gunicorn. A server that cannot be
installed or is not there is skipped, and said so; if none is left, it ends with 3.
"""

import argparse
import glob
import os
import shutil
import signal
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

HERE = Path(__file__).resolve().parent
ROOT = HERE.parent.parent
sys.path.insert(0, str(HERE.parent / "real-gunicorn"))
sys.dont_write_bytecode = True
import run as gunicorn  # noqa: E402
import scenarios as drawn  # noqa: E402
from install import from_debian, from_pypi  # noqa: E402

CANNOT_TELL = 3


@dataclass
class Software:
    """A server, and how it is come by."""

    # Its command, of {port}, {workers}, {python} and {bin} of the virtual environment, and a {folder}.
    command: str
    # The same server in simsrv's words.
    model: str
    workers: int
    # Packages of PyPI; none: `programs` have to be there, or come with packages of Debian.
    packages: str = ""
    programs: str = ""
    debian: str = ""
    # How near the prediction should come on a quiet machine.
    aim: str = "10%"


SERVERS = {
    "waitress": Software(
        "{python} -m waitress --listen=127.0.0.1:{port} --threads=4 served:app",
        "--server waitress --threads 4 --overhead 300us", 1, "waitress"),
    "uvicorn": Software(
        "{python} -m uvicorn --host 127.0.0.1 --port {port} --loop asyncio --no-access-log served:loop",
        "--server uvicorn --overhead 630us --overhead-io 90us", 1, "uvicorn"),
    "fastapi": Software(
        "{python} -m uvicorn --host 127.0.0.1 --port {port} --loop asyncio --no-access-log served:threads",
        "--server fastapi --overhead 900us --overhead-io 90us", 1, "uvicorn anyio"),
    "hypercorn": Software(
        "{python} -m hypercorn --bind 127.0.0.1:{port} --workers 1 served:loop",
        "--server hypercorn --workers 1 --overhead 900us --overhead-io 90us", 1, "hypercorn"),
    "uwsgi": Software(
        "{bin}/uwsgi --http-socket 127.0.0.1:{port} --master --need-app --processes {workers} "
        "--disable-logging --wsgi-file served.py --callable app",
        "--server uwsgi --workers 2 --overhead 180us --overhead-io 40us", 2, "uWSGI", aim="5%"),
    "node-cluster": Software(
        "node app.js {port} {workers}",
        "--server node-cluster --workers 2 --overhead 770us --overhead-io 50us", 2,
        programs="node", debian="nodejs"),
    "puma": Software(
        "puma --bind tcp://127.0.0.1:{port} --workers 0 --threads 5:5 --quiet config.ru",
        "--server puma --workers 1 --threads 5 --overhead 420us --overhead-io 60us", 1,
        programs="puma", debian="puma"),
    "granian": Software(
        "{python} -m granian --interface asgi --host 127.0.0.1 --port {port} --workers 1 served:loop",
        "--server granian --workers 1 --overhead 300us --overhead-io 90us", 1, "granian"),
    "unicorn": Software(
        "servers/unicorn.sh {port} {workers} {folder}",
        "--server unicorn --workers 2 --overhead 190us --overhead-io 40us", 2,
        programs="unicorn", debian="unicorn", aim="5%"),
    "php-fpm": Software(
        "servers/php-fpm.sh {port} {workers} {folder}",
        "--server php-fpm --workers 2 --overhead 190us", 2,
        programs="nginx php-fpm*", debian="nginx php-fpm", aim="5%"),
    "apache": Software(
        "servers/apache.sh {port} {workers} {folder}",
        "--server apache-prefork --workers 2 --overhead 280us --overhead-io 50us", 2,
        programs="apache2 /usr/lib/apache2/modules/libphp*.so", debian="apache2 libapache2-mod-php", aim="5%"),
    "tomcat": Software(
        "servers/tomcat.sh {port} {workers} {folder}",
        "--server tomcat --workers 1 --threads 4 --overhead 1.9ms --overhead-io 300us", 4,
        programs="java /usr/share/tomcat*/bin/catalina.sh", debian="tomcat10"),
}
# Servers whose worker takes one request at a time.
SYNC = ("uwsgi", "unicorn", "php-fpm", "apache")


def main():
    options = arguments()
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    options.output.mkdir(parents=True, exist_ok=True)
    simsrv = gunicorn.find_simsrv(options.simsrv)
    cores = sorted(os.sched_getaffinity(0))
    os.sched_setaffinity(0, {cores[-1]})
    print(f"The generator has core {cores[-1]}, {gunicorn.be_prompt()}; servers core {cores[0]}.\n")
    done = []
    for name in options.servers or SERVERS:
        command = found(name, options.output / "venv")
        if command is None:
            continue
        for scenario in scenarios(name, options):
            files = record(scenario, command, options, cores[0])
            if files:
                done.append((scenario, files))
    return gunicorn.compare_all(simsrv, done, options) if done else CANNOT_TELL


def arguments():
    parser = argparse.ArgumentParser(description="Real servers beside what simsrv predicts")
    parser.add_argument("servers", nargs="*", help="which servers; all if none is named")
    parser.add_argument("--short", action="store_true", help="one scenario each, 7 s")
    parser.add_argument("--check", action="store_true", help="exit 1 if an aim is missed")
    parser.add_argument("--seed", type=int, default=1, help="of the schedules")
    parser.add_argument("--output", type=Path, default=ROOT / "target" / "real-servers")
    parser.add_argument("--simsrv", help="the program; else $SIMSRV, or what was built last")
    options = parser.parse_args()
    wrong = [name for name in options.servers if name not in SERVERS]
    if wrong:
        sys.exit(f"'{wrong[0]}' is not a server here: choose from {', '.join(SERVERS)}")
    return options


def found(name, folder):
    """The command of a server, installed if need be; None, and said so, if there is none."""
    server, python = SERVERS[name], folder / "bin" / "python"
    try:
        if server.packages:
            if not python.exists():
                subprocess.run([sys.executable, "-m", "venv", folder], check=True)
            from_pypi(python, server.packages)
        elif not there(server):
            from_debian(server.debian)
    except (OSError, subprocess.SubprocessError) as error:
        print(f"== {name}: skipped, it cannot be installed: {error}\n")
        return None
    if not there(server):
        print(f"== {name}: skipped, it is not among the programs on the PATH\n")
        return None
    return server.command.replace("{python}", str(python)).replace("{bin}", str(python.parent))


def there(server):
    """Whether all that it needs is there: commands, perhaps with a version behind, and files."""
    path = os.environ["PATH"].split(os.pathsep) + ["/usr/sbin"]
    return all(any(glob.glob(os.path.join(part, pattern)) for part in path)
               for pattern in server.programs.split())


def scenarios(name, options):
    """What is asked of a server on one core: a mix of CPU and I/O, and CPU alone."""
    server, seconds = SERVERS[name], 7.0 if options.short else 30.0
    rate = 20 if name in SYNC else 50
    wanted = [("mixed", f"10 ms of CPU and 40 ms of I/O, {rate}/s", rate, drawn.MIXED)]
    if not options.short:
        wanted.append(("cpu", "20 ms of CPU, 60 % of a core", 30, [("cpu", 0.020)]))
    for kind, about, rate, means in wanted:
        lines = drawn.Draw(f"{name}-{kind}", options.seed).poisson(rate, seconds, *means)
        model = f"{server.model} --cores 1"
        yield drawn.Scenario(f"{name}-{kind}", about, name, model, lines, server.aim, "40%")


class Server(gunicorn.Server):
    """A server on one core, for as long as the block."""

    def __init__(self, command, workers, core, log, folder):
        with gunicorn.socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            self.port = probe.getsockname()[1]
        words = command.format(port=self.port, workers=workers, folder=folder).split()

        def prepare():
            os.sched_setscheduler(0, os.SCHED_OTHER, os.sched_param(0))
            os.sched_setaffinity(0, {core})
            gunicorn.go_first()

        self.process = subprocess.Popen(
            words, cwd=HERE, stdout=log, stderr=log, preexec_fn=prepare)


def record(scenario, command, options, core):
    path, folder = options.output / f"{scenario.name}.csv", (options.output / scenario.name).resolve()
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir()
    try:
        with open(options.output / "servers.log", "a") as log:
            workers = SERVERS[scenario.server].workers
            with Server(command, workers, core, log, folder) as server:
                work = gunicorn.load.open_load(server.port, scenario.lines)
                requests = work.run()
    except SystemExit:
        print(f"== {scenario.name}: skipped, it did not start: see servers.log\n")
        return []
    path.write_text("".join(f"{row}\n" for row in gunicorn.load.rows(work, requests)))
    late = "mean {:.2f} ms, p99 {:.2f} ms, most {:.2f} ms".format(*gunicorn.load.lags(requests))
    print(f"== {scenario.name}: {scenario.about}\n{len(requests)} requests, sent late by: {late}",
          flush=True)
    return [path.name]


if __name__ == "__main__":
    sys.exit(main())
