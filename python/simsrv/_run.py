"""The functions of the module."""

from . import _native, _parts
from ._native import Error
from ._options import read, whole
from ._progress import teller
from ._result import Result, Table


def _threads(jobs):
    """How many threads ``jobs`` asks for; 0: one for each core."""
    return whole("jobs", jobs, 0, 1024)


def run(*, scenario=None, client=None, parts=None, jobs=0, progress=None, **options):
    """Simulate every cell of the product of all lists; give a :class:`Result`.

    ``options`` are those of the command with ``_`` for ``-``, such as ``workers=[1, 4]``,
    ``service="exp(20ms)"``, ``rate="40/s"``: times with a unit, rates per second, minute or hour.
    ``scenario``: the path or the text of a scenario, whose keys the options override. ``jobs``:
    threads (0: all cores, at most 1024). ``progress``: ``None`` shows how far it is on a terminal and in a
    notebook (with tqdm if it is installed), ``True`` always, ``False`` never; or a function of two
    numbers, the cells that are done and all.

    With ``client`` (a ``dask.distributed.Client`` or any object with ``submit``, such as a
    ``concurrent.futures.Executor``) the run is divided into ``parts`` (16 unless given), and the
    result is the same, byte for byte. Ctrl-C cancels the parts that did not begin; those that run
    end first. A number that is searched for (``workers="auto"``) cannot be divided.

    Raises :class:`Error` with a sentence if the options are wrong.
    """
    asked, jobs = read(options, scenario), _threads(jobs)
    if parts is not None and client is None:
        raise Error("parts: nothing is divided without client=: give one, or leave parts out")
    parts = 16 if parts is None else whole("parts", parts, 1, _parts.MOST)
    with teller(progress) as tell:
        if client is None:
            return Result(_native.run(asked, jobs, tell))
        return Result(_parts.run_on(client, asked, parts, jobs or 1, tell))


def simulate(*, scenario=None, jobs=0, **options):
    """Simulate; give the requests as a table: one row per request, times in seconds.

    The columns are those of ``--visits``: ``cell``, ``replication``, ``request``, ``client``,
    ``worker``, ``arrival_s``, ``start_s``, ``departure_s``, ``outcome``. ``jobs``: as in :func:`run`.
    """
    if options.get("max_time") is not None:
        raise Error("max_time: simulate gives all requests of a run: give requests= or duration=")
    return Table(bytes(_native.run(read(options, scenario), _threads(jobs)).visits()))


def theory(*, scenario=None, jobs=0, **options):
    """What queueing theory knows of the same options, without simulating: a table, in seconds.

    ``jobs``: as in :func:`run`.
    """
    data, _ = _native.theory(read(options, scenario), _threads(jobs))
    return Table(bytes(data))
