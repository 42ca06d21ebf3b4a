"""How far a run is: a bar of tqdm where it is installed, else a line on a terminal."""

import contextlib
import os
import sys
import warnings

from ._native import Error
from ._options import short

#: Runs that are shorter, in seconds, show nothing.
_DELAY = 1.0


def _wanted():
    if os.environ.get("SIMSRV_PROGRESS") == "none":
        return False
    return "ipykernel" in sys.modules or (sys.stderr is not None and sys.stderr.isatty())


class _Line:
    """A line that is written again and again."""

    def __init__(self, stream):
        self._stream, self._last = stream, ""

    def __call__(self, done, all_of):
        text = f"\rsimsrv: {done} of {max(done, all_of)}"
        if text != self._last:
            self._stream.write(text)
            self._stream.flush()
            self._last = text

    def close(self):
        if self._last:
            self._stream.write("\r" + " " * len(self._last) + "\r")


class _Bar:
    """A bar of tqdm."""

    def __init__(self, tqdm):
        self._bar = tqdm(desc="simsrv", unit="cell", delay=_DELAY, leave=False)

    def __call__(self, done, all_of):
        # A search does not know how many cells it will run.
        self._bar.total = max(done, all_of)
        self._bar.update(done - self._bar.n)

    def close(self):
        self._bar.close()


@contextlib.contextmanager
def teller(progress):
    """The function that reports progress, or none.

    ``None``: a bar or a line where a person looks; ``True``: in any case; ``False``: nothing; or a
    function of two numbers, what is done and all.
    """
    if callable(progress):
        yield progress
        return
    if progress is not None and not isinstance(progress, bool):
        raise Error(f"progress: {short(progress)} is not None, True, False or a function of two numbers")
    if progress is False or sys.stderr is None or (progress is None and not _wanted()):
        yield None
        return
    shown = _shown()
    try:
        yield shown
    finally:
        shown.close()


def _shown():
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # a notebook without widgets has a bar of text
            from tqdm.auto import tqdm

            return _Bar(tqdm)
    except ImportError:
        return _Line(sys.stderr)
