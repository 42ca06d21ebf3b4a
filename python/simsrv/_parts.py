"""A run in parts, on whatever takes functions: Dask, concurrent.futures, ..."""

from . import _native
from ._options import short

#: The most parts, which is that of ``--shard``.
MOST = 1_000_000


def run_part(asked, index, count, jobs):
    """Simulate part ``index`` (from 1) of ``count``; give its part file."""
    return bytes(_native.part(asked, (index, count), jobs))


def _file_of(future):
    """The part file that a future gives."""
    if not callable(getattr(future, "result", None)):
        raise _native.Error(f"client: submit gave {short(future)}, which has no method result")
    part = future.result()
    if not isinstance(part, (bytes, bytearray)):
        raise _native.Error(f"client: a part is {short(part)}, not what the function that was submitted gives")
    return bytes(part)


def run_on(client, asked, parts, jobs, tell=None):
    """Simulate all parts with ``client.submit`` and put them together here."""
    if isinstance(client, type) or not callable(getattr(client, "submit", None)):
        raise _native.Error(
            f"client: {short(client)} has no method submit: give a dask.distributed.Client or an Executor"
        )
    _native.check(asked, parts)
    futures = []
    try:
        for index in range(parts):
            futures.append(client.submit(run_part, asked, index + 1, parts, jobs))
        done = []
        for future in futures:
            done.append(_file_of(future))
            if tell:
                tell(len(done), parts)
    except BaseException:
        # Ctrl-C, or a part that failed: those that did not begin need not.
        for future in futures:
            if hasattr(future, "cancel"):
                future.cancel()
        raise
    return _native.merge(asked, done, 0)
