"""A run in parts, on whatever takes functions: Dask, concurrent.futures, ..."""

from . import _native


def run_part(options, samples, index, count, jobs):
    """Simulate part ``index`` (from 1) of ``count``; give its part file."""
    return bytes(_native.part(options, samples, (index, count), jobs))


def run_on(client, options, samples, parts, jobs):
    """Simulate all parts with ``client.submit`` and put them together here."""
    submit = [(run_part, options, samples, index + 1, parts, jobs) for index in range(parts)]
    futures = [client.submit(*call) for call in submit]
    return _native.merge(options, samples, [future.result() for future in futures], 0)
