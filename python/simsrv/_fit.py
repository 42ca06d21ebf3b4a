"""From logs to a scenario."""

import html
import json
import re

from . import _native
from ._options import path_of, short, text, whole
from ._result import Shown


class Fit(Shown):
    """What access logs and load-test results say; times in seconds, shares from 0 to 1."""

    _SHOWN = ("text", "json", "scenario")

    @property
    def text(self):
        """What the command ``simsrv fit`` prints."""
        return self._source.text()

    @property
    def data(self):
        """The same as a dict, such as ``fit.data["service"]["mean_s"]``; unknown is ``None``."""
        return json.loads(self._source.json())

    @property
    def scenario(self):
        """The scenario (TOML), for ``simsrv.run(scenario=...)`` or a file of your own."""
        return self._source.scenario()

    def __repr__(self):
        return self.text

    def _repr_html_(self):
        return f"<pre>{html.escape(self.text)}</pre>"


def fit(*files, route=None, **options):
    """Learn service times and arrivals from access logs and load tests; give a :class:`Fit`.

    ``files`` are paths; what they hold is taken together. ``options`` are those of the command
    ``simsrv fit``: ``log_format``, ``workers``, ``threads``, ``class_``, ``cores``, ``cpu_busy``
    (a share, such as ``"60%"``), ``measured`` (figures instead of a log, such as
    ``"throughput=1029/s users=100 mean=82ms"``). ``route``: names of routes and the regular
    expressions of their paths, such as ``{"api": "^/api/"}``. ``routes=3`` tells the three most
    frequent routes apart in the scenario.

    Raises :class:`Error` with a sentence if a file or an option cannot be read.
    """
    if not files and options.get("measured") is None:
        raise _native.Error("name the logs, or give figures with measured='throughput=40/s ...'")
    if options.get("routes") is not None:
        whole("routes", options["routes"], 0, 1_000_000)
    pairs = [(name.strip("_").replace("_", "-"), text(name, value))
             for name, value in options.items() if value is not None]
    pairs += [("route", pattern) for pattern in _patterns({} if route is None else route)]
    return Fit(_native.fit([path_of("a log", path) for path in files], pairs))


def _patterns(route):
    if not hasattr(route, "items"):
        raise _native.Error(
            f"route: {short(route)} is not a dict of names and patterns, such as {{'api': '^/api/'}}"
        )
    for name, pattern in route.items():
        if isinstance(pattern, re.Pattern):
            if pattern.flags & ~re.UNICODE:
                raise _native.Error(f"route: {short(pattern)}: write its flags into it, such as (?i)")
            pattern = pattern.pattern
        if not isinstance(name, str) or not isinstance(pattern, str):
            raise _native.Error(f"route: {short(name)}: {short(pattern)} are not two texts")
        if "=" in name:
            raise _native.Error(f"route: the name {short(name)} has a '=' in it: choose another")
        yield text("route", f"{name}={pattern}")
