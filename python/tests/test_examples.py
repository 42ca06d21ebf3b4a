"""The examples, in a short form. Those whose libraries are not installed are skipped, and say so."""

import importlib
import pathlib
import sys

import pytest

import simsrv

sys.path.insert(0, str(pathlib.Path(__file__).parents[1] / "examples"))


def example(name, *needed):
    for library in needed:
        pytest.importorskip(library)
    return importlib.import_module(name)


def test_slo_in_ci():
    """Two workers serve at most 2 / 80 ms = 25 requests a second, and 40 come."""
    slo = example("slo_in_ci")
    assert slo.main(2) == 1
    assert slo.main(12) == 0


def test_sweep_to_plot(tmp_path):
    sweep = example("sweep_to_plot", "pandas", "matplotlib")
    wide = sweep.main(tmp_path / "responses.png", requests=500)
    assert wide.shape == (7, 2) and (wide[40] >= wide[30]).all()
    assert (tmp_path / "responses.png").read_bytes().startswith(b"\x89PNG")


def test_fit_a_log(tmp_path):
    """Requests of 300 ms, one every 2 s: they never wait."""
    log = tmp_path / "access.log"
    line = '10.0.0.1 - - [06/Aug/2026:13:{:02}:{:02} +0000] "GET / HTTP/1.1" 200 500 "-" "curl" 300000\n'
    log.write_text("".join(line.format(*divmod(2 * at, 60)) for at in range(200)))
    form = '%(h)s %(l)s %(u)s %(t)s "%(r)s" %(s)s %(b)s "%(f)s" "%(a)s" %(D)s'
    result = example("fit_a_log").main(log, 2, log_format=form)
    assert [row["workers"] for row in result] == [1, 2, 3, 4]
    assert result.rows[3]["response_p50_s"] == pytest.approx(0.3, rel=0.05)


def test_dask_sweep():
    dask = example("dask_sweep", "dask.distributed")
    short = {"workers": [4, 5], "requests": 400}
    whole = simsrv.run(**{**dask.SWEEP, **short})
    assert dask.main(**short).to_csv() == whole.to_csv()
