"""The functions of the module."""

from . import _native, _parts
from ._options import read
from ._result import Result, Table


def run(*, client=None, parts=None, jobs=0, **options):
    """Simulate every cell of the product of all lists; give a :class:`Result`.

    ``options`` are those of the command with ``_`` for ``-``, such as ``workers=[1, 4]``,
    ``service="exp(20ms)"``, ``rate="40/s"``. ``jobs``: threads (0: all cores).

    With ``client`` (a ``dask.distributed.Client`` or any object with ``submit``, such as a
    ``concurrent.futures.Executor``) the run is divided into ``parts`` (16 unless given), and the
    result is the same, byte for byte.

    Raises :class:`Error` with a sentence if the options are wrong.
    """
    pairs, samples = read(options)
    if client is None:
        return Result(_native.run(pairs, samples, jobs))
    return Result(_parts.run_on(client, pairs, samples, parts or 16, jobs or 1))


def simulate(**options):
    """Simulate; give the requests as a table: one row per request, times in seconds.

    The columns are those of ``--visits``: ``cell``, ``replication``, ``request``, ``client``,
    ``worker``, ``arrival_s``, ``start_s``, ``departure_s``, ``outcome``.
    """
    pairs, samples = read(options)
    return Table(bytes(_native.run(pairs, samples, 0).visits()))


def theory(**options):
    """What queueing theory knows of the same options, without simulating: a table."""
    pairs, samples = read(options)
    data, _ = _native.theory(pairs, samples)
    return Table(bytes(data))


def fit(*files, **options):
    """Make a scenario from access logs and load-test results.

    Not part of this module yet: the command ``simsrv fit`` does it.
    """
    raise _native.Error(
        "fit is not available from Python yet: run the command 'simsrv fit FILE -o app.toml'"
    )
