"""The module against hand-worked values, the command, and the promises of its documentation."""

import concurrent.futures
import datetime
import decimal
import os
import pickle
import re
import signal
import subprocess
import sys
import threading

import pytest

import simsrv
from simsrv import _progress

STEADY = {"workers": [4, 5], "cpu": "exp(10ms)", "io": "exp(70ms)", "rate": "30/s"}
STEADY |= {"requests": 2000, "seed": 7}
ENDLESS = {"workers": 4, "service": "exp(1ms)", "rate": "3000/s", "duration": "10000h", "yes": True}


def command(*arguments):
    done = subprocess.run([sys.executable, "-m", "simsrv", *arguments], capture_output=True)
    return done.returncode, done.stdout, done.stderr.decode()


def test_three_users():
    """One worker serves one at a time: 3 s, 6 s, 9 s; four serve all three at once."""
    result = simsrv.run(workers=[1, 4, 12, 32], service="3s", clients=3)
    assert [row["response_max_s"] for row in result.rows] == [9.0, 3.0, 3.0, 3.0]
    assert result.columns["wait_max_s"] == [6.0, 0.0, 0.0, 0.0]
    assert result.columns["workers"] == [1, 4, 12, 32]
    assert result.columns["response_max_s_ci"] == [None] * 4
    assert "9 s" in result.text and "\x1b" not in result.text
    assert result.answer
    assert result._repr_html_().startswith("<pre>")


def test_the_bytes_are_those_of_the_command():
    result = simsrv.run(**STEADY)
    code, out, _ = command(
        *"--workers 4,5 --cpu exp(10ms) --io exp(70ms) --rate 30/s --requests 2000".split(),
        *"--seed 7 --format csv".split(),
    )
    assert code == 0 and result.to_csv() == out


def test_wrong_input_is_the_sentence_of_the_command():
    with pytest.raises(simsrv.Error, match="'3' needs a unit|unit") as error:
        simsrv.run(workers=1, service="3", clients=3)
    assert isinstance(error.value, ValueError)
    _, _, said = command("--workers", "1", "--service", "3", "--clients", "3")
    assert str(error.value).splitlines()[0] in said
    with pytest.raises(simsrv.Error, match="did you mean 'workers'"):
        simsrv.run(wokers=1, service="3s")


def test_distributions_print_as_the_command_reads_them():
    assert str(simsrv.lognormal(median="20ms", p99="300ms")) == "lognormal(median=20ms,p99=300ms)"
    assert str(simsrv.mix(("90%", "5ms"), ("10%", simsrv.exp("200ms")))) == "mix(90%:5ms,10%:exp(200ms))"
    result = simsrv.run(workers=2, service=simsrv.constant("1s"), clients=2)
    assert result.rows[0]["response_max_s"] == 1.0


def test_measured_times_are_a_distribution():
    """All samples are 2 s: so is each answer of a free worker."""
    numpy = pytest.importorskip("numpy")
    pandas = pytest.importorskip("pandas")
    for times in ([2.0] * 4, numpy.full(4, 2.0), pandas.Series([2.0] * 4)):
        result = simsrv.run(workers=2, service=times, clients=2)
        assert result.rows[0]["response_max_s"] == 2.0
    with pytest.raises(simsrv.Error, match="not a time"):
        simsrv.run(workers=2, service=[-1.0], clients=2)


def test_tables():
    result = simsrv.run(workers=[1, 4], service="3s", clients=3)
    pandas = pytest.importorskip("pandas")
    assert list(result.to_pandas()["response_max_s"]) == [9.0, 3.0]
    assert isinstance(result.to_pandas(), pandas.DataFrame)
    polars = pytest.importorskip("polars")
    assert result.to_polars()["response_max_s"].to_list() == [9.0, 3.0]
    assert polars.DataFrame(result)["workers"].to_list() == [1, 4]  # by the Arrow C stream


def test_pictures():
    result = simsrv.run(workers=[1, 4], service="3s", clients=3)
    picture = result.plot()
    assert isinstance(picture, bytes) and picture.startswith(b"\x89PNG")
    assert picture._repr_png_() == picture and len(repr(picture)) < 40
    with pytest.raises(simsrv.Error, match="there is no picture"):
        result.plot("pie")


def test_visits():
    visits = simsrv.simulate(workers=1, service="3s", clients=3)
    assert visits.columns["departure_s"] == [3.0, 6.0, 9.0]
    assert visits.columns["outcome"] == ["served"] * 3


def test_theory():
    """M/M/1 at load 0.8 with a service of 20 ms: 20 ms / (1 - 0.8) = 100 ms."""
    known = simsrv.theory(workers=1, cores=1, service="exp(20ms)", rate="40/s")
    values = [value for value in known.rows[0].values() if isinstance(value, float)]
    assert any(abs(value - 0.1) < 1e-9 for value in values)


LOG = """\
10.0.0.1 - - [06/Aug/2026:13:55:{:02} +0000] "GET / HTTP/1.1" 200 500 "-" "curl" {}
"""


@pytest.fixture
def log(tmp_path):
    """Twenty requests, 2 s apart, each of 300 ms: two workers, of which one at a time is busy."""
    path = tmp_path / "access.log"
    path.write_text("".join(LOG.format(2 * second, 300_000) for second in range(20)))
    return path


#: Gunicorn's format with the time in microseconds at its end.
FORMAT = '%(h)s %(l)s %(u)s %(t)s "%(r)s" %(s)s %(b)s "%(f)s" "%(a)s" %(D)s'


def test_fit(log):
    """Requests that never meet are held by a worker as long as the log says: 300 ms."""
    fit = simsrv.fit(log, log_format=FORMAT, workers=2)
    assert fit.data["requests"] == 20
    assert fit.data["service"]["mean_s"] == pytest.approx(0.3)
    assert "300 ms" in fit.text and fit._repr_html_().startswith("<pre>")
    code, out, _ = command("fit", str(log), "--log-format", FORMAT, "--workers", "2")
    assert code == 0 and out.decode() == fit.text


def test_a_fit_is_a_scenario(log):
    fit = simsrv.fit(log, log_format=FORMAT, workers=2, route={"all": "^/"})
    result = simsrv.run(scenario=fit.scenario, workers=[1, 2], rate="0.1/s", requests=1000)
    # At a load of 3 % nearly all responses are the service itself.
    assert result.rows[1]["response_p50_s"] == pytest.approx(0.3)


def test_a_scenario_is_a_path_too(tmp_path):
    path = tmp_path / "app.toml"
    path.write_text('workers = [1, 4]\nservice = "samples:times.csv"\nclients = 3\n')
    (tmp_path / "times.csv").write_text("seconds\n" + "3\n" * 10)
    result = simsrv.run(scenario=path, requests=3)
    assert [row["response_max_s"] for row in result.rows] == [9.0, 3.0]
    path.write_text("workers = [1, 4]\nservise = 3\n")
    with pytest.raises(simsrv.Error, match="app.toml:2:1: unknown 'servise'"):
        simsrv.run(scenario=path)
    with pytest.raises(simsrv.Error, match="cannot be read"):
        simsrv.run(scenario=tmp_path / "none.toml")


def test_names_of_cases_are_no_formulas():
    """A cell that begins with = is a formula to a spreadsheet, in each table that is written."""
    text = "service = 'exp(20ms)'\nrate = '10/s'\n[[case]]\nname = '=1+1'\n[[case]]\nname = 'b'\ncores = 1\n"
    for table in (simsrv.theory(scenario=text), simsrv.run(scenario=text, requests=200)):
        assert b",'=1+1," in table.to_csv()


def test_wrong_input_of_fit_is_a_sentence(log):
    for call, sentence in [
        (lambda: simsrv.fit("no-such.log"), "'no-such.log' cannot be read"),
        (lambda: simsrv.fit(log, workers=0), "--workers '0'"),
        (lambda: simsrv.fit(log, worker=2), "did you mean 'workers'"),
        (lambda: simsrv.fit(log, route={"a": "("}), "not a regular expression"),
        (lambda: simsrv.fit(), "name the logs"),
    ]:
        with pytest.raises(simsrv.Error, match=re.escape(sentence)):
            call()


def test_progress():
    told = []
    simsrv.run(progress=lambda *numbers: told.append(numbers), **STEADY)
    assert told[-1] == (2, 2) and told == sorted(told)

    class Refused(Exception):
        pass

    def refuse(done, cells):
        raise Refused

    with pytest.raises(Refused):
        simsrv.run(progress=refuse, **ENDLESS)
    with concurrent.futures.ThreadPoolExecutor(2) as pool:
        simsrv.run(client=pool, parts=3, progress=lambda *n: told.append(n), **STEADY)
    assert told[-3:] == [(1, 3), (2, 3), (3, 3)]


def test_progress_without_a_person(capsys):
    """Standard error is not a terminal here, so nothing is shown unless it is asked for."""
    simsrv.run(**STEADY)
    assert capsys.readouterr().err == ""
    line = _progress._Line(sys.stderr)
    line(1, 4)
    line.close()
    assert "simsrv: 1 of 4" in capsys.readouterr().err


def test_parts_make_the_whole():
    whole = simsrv.run(**STEADY)
    with concurrent.futures.ThreadPoolExecutor(2) as pool:
        for parts in (1, 3, 50):
            assert simsrv.run(client=pool, parts=parts, **STEADY).to_csv() == whole.to_csv()


def test_interrupt():
    """Ctrl-C ends a run that would take hours."""
    # Where a shell runs the tests in the background, SIGINT is ignored.
    signal.signal(signal.SIGINT, signal.default_int_handler)
    threading.Timer(0.5, os.kill, (os.getpid(), signal.SIGINT)).start()
    with pytest.raises(KeyboardInterrupt):
        simsrv.run(**ENDLESS)


def test_the_lock_is_free_while_it_runs():
    with concurrent.futures.ThreadPoolExecutor(4) as pool:
        futures = [pool.submit(simsrv.run, **STEADY) for _ in range(4)]
        assert len({future.result().to_csv() for future in futures}) == 1


LOAD = {"service": "exp(10ms)", "rate": "20/s"}


@pytest.mark.skipif(not hasattr(os, "fork"), reason="no fork here")
def test_fork():
    want = simsrv.run(**STEADY).to_csv()
    simsrv.theory(workers=[1, 2], **LOAD)  # leaves no threads behind, for which a child would wait
    reader, writer = os.pipe()
    child = os.fork()
    if child == 0:
        same = simsrv.run(**STEADY).to_csv() == want and len(simsrv.theory(workers=[1, 2], **LOAD)) == 2
        os.write(writer, b"y" if same else b"n")
        os._exit(0)
    os.waitpid(child, 0)
    assert os.read(reader, 1) == b"y"


def test_the_command():
    code, out, _ = command("--workers", "1", "--service", "3s", "--clients", "3", "--format", "csv")
    assert code == 0 and out.startswith(b"workers,")
    code, _, said = command("--workers", "0")
    assert code == 2 and said.startswith("simsrv: ")


def test_routes_are_a_list_of_texts():
    routes = ["health 50% cpu:1ms", "report 50% cpu:exp(100ms)"]
    rows = simsrv.run(route=routes, rate="8/s", workers=4, requests=2000).rows
    assert [row["route"] for row in rows] == [None, "health", "report"]
    assert rows[1]["requests"] + rows[2]["requests"] == rows[0]["requests"]


class Submits:
    """A client that must not be asked."""

    def submit(self, *_):
        raise AssertionError("nothing is divided")


@pytest.mark.parametrize(
    "options, said",
    [
        ({"export_csv": "x.csv"}, "Result.to_csv"),
        ({"format": "csv"}, "belongs to the command"),
        ({"shard": "1/2"}, "client="),
        ({"max_time": "soon"}, "--max-time"),
        ({"jobs": 20000}, "give 0 to 1024"),
        ({"jobs": -1}, "give 0 to 1024"),
        ({"jobs": "2"}, "not a whole number"),
        ({"parts": 0, "client": object()}, "give 1 to"),
        ({"client": object()}, "no method submit"),
        ({"parts": 4}, "without client="),
        ({"progress": 3}, "is not None, True, False"),
        ({"progress": "yes"}, "is not None, True, False"),
        ({"progress": 1.0}, "is not None, True, False"),
        ({"workers": {1, 2}}, "write list(...)"),
        ({"workers": (n for n in [1, 2])}, "write list(...)"),
        ({"service": ["10ms", "20ms"]}, "numbers of seconds"),
        ({"service": [None]}, "not a number of seconds"),
        ({"service": [10**400]}, "not a number of seconds"),
        ({"service": [1 + 2j]}, "numbers of seconds"),
        ({"service": b"10ms"}, "not a number, a text or a list"),
        ({"workers": {1: 2}}, "not a number, a text or a list"),
        ({"workers": 10**5000}, "cannot be written"),
        ({"service": "\udc80"}, "cannot be written"),
        ({"workers": "auto", "slo": "p95<1s", "client": Submits()}, "searched for"),
        ({"workers": None, "requests": None, "client": Submits()}, "searched for"),
        ({"workers_": 2}, "given twice"),
        ({"workers": range(10**12)}, "has more than"),
        ({"plot_": "x"}, "belongs to the command"),
        ({"export-csv": "x"}, "belongs to the command"),
        ({"wor\ud800": 1}, "cannot be written"),
        ({"scenario": 3}, "not a path"),
        ({"scenario": "a\0b"}, "NUL"),
    ],
)
def test_what_cannot_be_meant_is_a_sentence(options, said):
    asked = {"workers": 1, "service": "10ms", "rate": "20/s", "requests": 100} | options
    with pytest.raises(simsrv.Error, match=re.escape(said)):
        simsrv.run(**asked)


def test_a_decimal_is_a_number():
    for two in ["2", "2.0", "0.2E+1"]:
        assert simsrv.run(workers=decimal.Decimal(two), service="1s", clients=1).rows[0]["workers"] == 2
    with pytest.raises(simsrv.Error, match="not a number"):
        simsrv.run(workers=decimal.Decimal("NaN"), service="1s", clients=1)


def test_threads_are_counted_everywhere():
    for call in [simsrv.run, simsrv.simulate, simsrv.theory]:
        with pytest.raises(simsrv.Error, match="jobs is -1"):
            call(workers=1, service="exp(1s)", rate="0.1/s", requests=100, jobs=-1)


def test_lengths_of_time_of_numpy():
    numpy = pytest.importorskip("numpy")
    for unit, count in {"s": 2, "ms": 2000, "500ms": 4, "us": 2_000_000, "ns": 2_000_000_000}.items():
        times = numpy.array([count], f"timedelta64[{unit}]")
        result = simsrv.run(workers=1, service=times, clients=1)
        assert result.columns["response_max_s"] == [2.0], unit
    far = numpy.array([20_000_000_000], "timedelta64[s]")  # more than 64 bits of nanoseconds
    for wrong in [far, numpy.array([2], "timedelta64"), numpy.array([1], "timedelta64[M]"),
                  numpy.array(["NaT"], "timedelta64[s]")]:
        with pytest.raises(simsrv.Error):
            simsrv.run(workers=1, service=wrong, clients=1)
    for name in ["workers", "seed"]:
        for wrong, said in [(numpy.timedelta64(3, "ns"), "3ns"), (numpy.datetime64(3, "ns"), "not a number")]:
            with pytest.raises(simsrv.Error, match=said):
                simsrv.run(**{"service": "1s", "clients": 1, name: wrong})
    assert len(simsrv.run(workers=numpy.longdouble(2), service="1s", clients=1)) == 1


def test_a_run_without_pictures_says_so():
    overloaded = simsrv.run(workers=2, cpu="exp(10ms)", rate="900/s", requests=300)
    with pytest.raises(simsrv.Error, match="there is no picture of this run"):
        overloaded.plot()


@pytest.mark.skipif(sys.platform != "linux", reason="it looks at the threads in /proc")
def test_a_signal_ends_the_command_as_it_ends_the_program():
    arguments = [f"--{name}={value}" for name, value in ENDLESS.items() if name != "yes"]
    run = subprocess.Popen([sys.executable, "-m", "simsrv", *arguments, "--jobs=2", "--yes"],
                           stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    # Of its threads one listens for signals; the others run the cells.
    while len(os.listdir(f"/proc/{run.pid}/task")) < 4:
        assert run.poll() is None, run.communicate()
    run.send_signal(signal.SIGINT)
    run.communicate()
    assert run.returncode == 130


def test_arrays_of_no_or_two_dimensions():
    numpy = pytest.importorskip("numpy")
    with pytest.raises(simsrv.Error, match="2 dimensions"):
        simsrv.run(workers=1, service=numpy.ones((2, 2)), clients=1)
    result = simsrv.run(workers=numpy.array(2), service="1s", clients=2)
    assert result.columns["response_max_s"] == [1.0]


def test_a_limit_of_time_ends_a_run():
    """By how much is no matter here: a run of 10,000 hours ends at all, and names no number."""
    result = simsrv.run(**ENDLESS, max_time="100ms")
    assert result.rows[0]["response_mean_s"] is None or result.rows[0]["requests"] > 0


def test_errors_travel_between_processes():
    error = pickle.loads(pickle.dumps(simsrv.Error("a sentence")))
    assert isinstance(error, simsrv.Error) and str(error) == "a sentence"
    with concurrent.futures.ProcessPoolExecutor(1) as pool:
        with pytest.raises(simsrv.Error, match="there must be at least 1"):
            pool.submit(simsrv.run, workers=0, service="1s", clients=1).result()
    with concurrent.futures.ThreadPoolExecutor(1) as pool:
        with pytest.raises(simsrv.Error, match="max_time"):
            simsrv.run(**STEADY, client=pool, max_time="1s")


def test_results_travel_between_processes(tmp_path):
    here = simsrv.run(**STEADY)
    with concurrent.futures.ProcessPoolExecutor(1) as pool:
        there = pool.submit(simsrv.run, **STEADY).result()
    for _ in range(2):
        assert type(there) is simsrv.Result
        assert (there.rows, there.to_csv(), there.text) == (here.rows, here.to_csv(), here.text)
        assert (there.answer, there.to_json()) == (here.answer, here.to_json())
        assert there.plot() == here.plot()
        there = pickle.loads(pickle.dumps(there))
    learned = simsrv.fit(measured="throughput=40/s users=10 mean=80ms", workers=4)
    (tmp_path / "no.log").write_text('1.2.3.4 - - [10/Oct/2026:13:55:36 +0000] "GET / HTTP/1.1" 200 5\n' * 3)
    without = pickle.loads(pickle.dumps(simsrv.fit(tmp_path / "no.log")))
    assert without.text
    with pytest.raises(simsrv.Error):
        without.scenario
    again = pickle.loads(pickle.dumps(learned))
    assert (again.text, again.data, again.scenario) == (learned.text, learned.data, learned.scenario)


class Unfinished:
    """A client whose second part fails, and which notes what is cancelled."""

    def __init__(self):
        self.cancelled = []

    def submit(self, function, asked, index, parts, jobs):
        class Future:
            def result(_):
                if index == 2:
                    raise KeyboardInterrupt
                return function(asked, index, parts, jobs)

            def cancel(_):
                self.cancelled.append(index)

        return Future()


def test_an_interrupt_cancels_the_parts():
    client = Unfinished()
    with pytest.raises(KeyboardInterrupt):
        simsrv.run(**STEADY, client=client, parts=4)
    assert client.cancelled == [1, 2, 3, 4]


def test_the_list_of_rows_is_a_copy():
    result = simsrv.run(workers=1, service="1s", clients=1)
    result.rows.clear()
    assert result.rows[0]["workers"] == 1


def test_fit_refuses_what_it_cannot_read(log):
    for given, options in [((3,), {}), (([log],), {}), ((), {"measured": None})]:
        with pytest.raises(simsrv.Error):
            simsrv.fit(*given, **options)
    with pytest.raises(simsrv.Error, match="dict"):
        simsrv.fit(log, route=["a=^/"])
    with pytest.raises(simsrv.Error, match="pair"):
        simsrv.mix("a")


def test_lengths_of_time_of_numpy_and_pandas():
    """10 ms and 30 ms, whatever they are written in; one client never waits: mean 20 ms."""
    numpy = pytest.importorskip("numpy")
    for unit, times in [("ns", [10_000_000, 30_000_000]), ("ms", [10, 30])]:
        array = numpy.array(times, dtype=f"timedelta64[{unit}]")
        result = simsrv.run(workers=1, service=array, clients=1, think="1s", requests=4000)
        assert result.rows[0]["response_mean_s"] == pytest.approx(0.02, rel=0.02)
    for wrong in (numpy.array([True]), numpy.array([0], dtype="datetime64[ns]")):
        with pytest.raises(simsrv.Error, match="not lengths of time"):
            simsrv.run(workers=1, service=wrong, clients=1)


def test_one_length_of_time_is_a_time():
    """A request of 1.5 s of one client that never waits takes 1.5 s."""
    numpy, pandas = pytest.importorskip("numpy"), pytest.importorskip("pandas")
    one = datetime.timedelta(seconds=1.5)
    for given in (one, numpy.timedelta64(1500, "ms"), pandas.Timedelta(one), numpy.array(one, "m8[us]")):
        result = simsrv.run(workers=1, service=given, clients=1)
        assert result.columns["response_max_s"] == [1.5], given
    pytest.importorskip("pyarrow")
    arrow = pandas.Series([1_500_000_000], dtype="duration[ns][pyarrow]")
    assert simsrv.run(workers=1, service=arrow, clients=1).columns["response_max_s"] == [1.5]


def test_tables_of_two_runs_can_be_joined():
    """A column has the type of its name, also where no row has a value."""
    runs = [simsrv.run(**STEADY), simsrv.run(workers=1, service="1s", clients=3),
            simsrv.run(workers=1, service="1s", rate="9/s", requests=200)]
    pyarrow, polars = pytest.importorskip("pyarrow"), pytest.importorskip("polars")
    assert len(pyarrow.concat_tables([pyarrow.table(run) for run in runs])) == 4
    both = polars.concat([run.to_polars() for run in runs])
    assert both["clients"].to_list() == [None, None, 3, None] and both["verdict"].dtype == polars.String
    pandas = pytest.importorskip("pandas").concat([run.to_pandas() for run in runs])
    assert str(pandas["clients"].dtype) == "Int64" and pandas["clients"].sum() == 3


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="there are no pipes with names")
def test_a_pipe_without_a_writer_is_a_sentence(tmp_path):
    """To open it would wait for a writer, which no signal ends."""
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    asked = {"workers": 1, "service": "1s", "clients": 1}
    for wrong in ({"service": f"samples:{pipe}"}, {"trace": pipe, "service": None, "clients": None}, {"from_": pipe}):
        with pytest.raises(simsrv.Error, match="is a pipe"):
            simsrv.run(**asked | wrong)
    with pytest.raises(simsrv.Error, match="is a pipe"):
        simsrv.fit(pipe)
    for wrong in (pipe, "/dev/zero", tmp_path):
        with pytest.raises(simsrv.Error, match="is not a file"):
            simsrv.run(scenario=wrong, workers=1)


def test_a_sweep_that_cannot_be_meant_is_refused_at_once():
    with pytest.raises(simsrv.Error, match="1,000,000,000 cells"):
        simsrv.run(workers=range(1, 1001), cores=range(1, 1001), threads="1..1000", service="1s", rate="1/s")
    many = {"workers": "1..80", "cores": "1..80", "service": "1s", "rate": "1/s", "requests": 1, "replications": 1}
    with pytest.raises(simsrv.Error, match="6400 cells"):
        simsrv.run(**many)


def test_the_command_without_an_output():
    """74, as of the program: there is nowhere to print to."""
    line = f"exec {sys.executable} -m simsrv --workers 2 --clients 3 --service 3s >&-"
    done = subprocess.run(["sh", "-c", line], capture_output=True)
    assert done.returncode == 74 and b"Traceback" not in done.stderr, done


def test_patterns_of_fit(log):
    with pytest.raises(simsrv.Error, match="flags"):
        simsrv.fit(log, route={"a": re.compile("^/API", re.IGNORECASE)})
    with pytest.raises(simsrv.Error, match="choose another"):
        simsrv.fit(log, route={"a=b": "^/"})
    with pytest.raises(simsrv.Error, match="routes is -1"):
        simsrv.fit(log, routes=-1)
    assert simsrv.fit(log, route={"a": re.compile("^/")}).text
