"""A run in parts, on whatever takes functions: Dask, concurrent.futures, ..."""

from . import _native


def run_part(asked, index, count, jobs):
    """Simulate part ``index`` (from 1) of ``count``; give its part file."""
    return bytes(_native.part(asked, (index, count), jobs))


def run_on(client, asked, parts, jobs, tell=None):
    """Simulate all parts with ``client.submit`` and put them together here."""
    futures = [client.submit(run_part, asked, index + 1, parts, jobs) for index in range(parts)]
    done = []
    for future in futures:
        done.append(future.result())
        if tell:
            tell(len(done), parts)
    return _native.merge(asked, done, 0)
