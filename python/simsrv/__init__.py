"""How many workers should my server run? A simulator of multi-worker request scheduling.

>>> import simsrv
>>> result = simsrv.run(workers=[1, 4, 12, 32], service="3s", clients=3)
>>> [row["response_max_s"] for row in result.rows]
[9.0, 3.0, 3.0, 3.0]

Keywords are the options of the command, with ``_`` for ``-``: numbers, texts in the grammar of the
command (``"exp(20ms)"``), lists (axes of a sweep), ``True`` for a switch. Times carry a unit. A
distribution may also be measured times in seconds: a NumPy array, a pandas column, a long list.
"""

from ._distributions import (
    Distribution,
    constant,
    erlang,
    exp,
    gamma,
    hyperexp,
    lognormal,
    mix,
    pareto,
    quantiles,
    uniform,
    weibull,
)
from ._fit import Fit, fit
from ._native import Error, __version__
from ._result import Picture, Result, Table
from ._run import run, simulate, theory

__all__ = [
    "Distribution",
    "Error",
    "Fit",
    "Picture",
    "Result",
    "Table",
    "__version__",
    "constant",
    "erlang",
    "exp",
    "fit",
    "gamma",
    "hyperexp",
    "lognormal",
    "mix",
    "pareto",
    "quantiles",
    "run",
    "simulate",
    "theory",
    "uniform",
    "weibull",
]
