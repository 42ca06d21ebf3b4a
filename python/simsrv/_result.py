"""What came out of a run."""

import csv
import html
import io
import re

from functools import partial
from types import SimpleNamespace

from ._native import Error

_INTEGERS = {"workers", "threads", "clients", "requests", "refused", "replications", "seed"}
_INTEGERS |= {"hosts", "cell", "replication", "request", "client", "worker"}
_TEXTS = {"case", "class", "accept", "balance", "pool", "stable", "flags", "best_by"}
_TEXTS |= {"verdict", "theory_kind", "response_ccdf", "route", "outcome"}
_COLOURS = re.compile("\x1b\\[[0-9;]*m")


def _value(name, text):
    if text == "":
        return None
    if name in _INTEGERS:
        return int(text)
    if name in _TEXTS:
        return text
    try:
        return float(text)
    except ValueError:
        return text


def read_table(data):
    """Names of columns, and rows as dicts, of a CSV with ``#`` comments."""
    lines = (line for line in io.StringIO(data.decode()) if not line.startswith("#"))
    table = csv.reader(lines)
    names = next(table)
    rows = [dict(zip(names, map(_value, names, fields))) for fields in table]
    return names, rows


class Table:
    """Rows with named columns."""

    def __init__(self, data):
        self._csv = data
        self._names, self._rows = read_table(data)

    @property
    def rows(self):
        """The rows, each a dict; ``None`` where a column does not apply."""
        return list(self._rows)

    @property
    def columns(self):
        """The columns, each a list."""
        return {name: [row[name] for row in self._rows] for name in self._names}

    def to_csv(self):
        """The bytes that the command writes with ``--export-csv``."""
        return self._csv

    def to_pandas(self):
        """A ``pandas.DataFrame``."""
        import pandas

        kinds = {int: "Int64", float: "float64", str: "object"}
        columns = self.columns.items()
        # Whole numbers without a gap stay NumPy's.
        types = {n: "int64" if k is int and None not in c else kinds[k] for (n, c), k in zip(columns, self._types())}
        return pandas.DataFrame(self.columns).astype(types)

    def to_polars(self):
        """A ``polars.DataFrame``."""
        import polars

        kinds = {int: polars.Int64, float: polars.Float64, str: polars.String}
        return polars.DataFrame(self.columns, schema=dict(zip(self._names, map(kinds.get, self._types()))))

    def _types(self):
        """The type of each column, also where no row has a value."""
        return [self._type(name) for name in self._names]

    def _type(self, name):
        if name in _TEXTS or any(isinstance(row[name], str) for row in self._rows):
            return str
        return int if name in _INTEGERS else float

    def __arrow_c_stream__(self, requested_schema=None):
        """The rows as an Arrow stream, by whichever of pyarrow and polars is there."""
        try:
            import pyarrow
        except ImportError:
            return self.to_polars().__arrow_c_stream__(requested_schema)
        kinds = {int: pyarrow.int64(), float: pyarrow.float64(), str: pyarrow.string()}
        schema = pyarrow.schema([(name, kinds[kind]) for name, kind in zip(self._names, self._types())])
        return pyarrow.table(self.columns, schema=schema).__arrow_c_stream__(requested_schema)

    def __len__(self):
        return len(self._rows)

    def __iter__(self):
        return iter(self._rows)


def _said(method):
    """What a method gives, or the sentence with which it refuses."""
    try:
        return method(), None
    except Error as error:
        return None, str(error)


def _say_again(value, refusal):
    if refusal is not None:
        raise Error(refusal)
    return value


class Shown:
    """Pickles as what it shows, such as from one process to another: the run itself stays behind."""

    #: The methods of what it is made of, which give texts and bytes.
    _SHOWN = ()

    def __init__(self, source):
        self._source = source

    def __getstate__(self):
        return {name: _said(getattr(self._source, name)) for name in self._SHOWN}

    def __setstate__(self, said):
        methods = {name: partial(_say_again, *one) for name, one in said.items()}
        self.__init__(SimpleNamespace(**methods))


class Picture(bytes):
    """The bytes of a PNG, which a notebook shows as a picture."""

    def _repr_png_(self):
        return bytes(self)

    def __repr__(self):
        return f"<PNG of {len(self)} bytes>"

    __str__ = __repr__


class Result(Shown, Table):
    """What came out of a run: one row a cell, in seconds and shares from 0 to 1.

    ``<measure>_ci`` is the half-width of the interval of ``<measure>``; ``None`` where it is exact.
    """

    _SHOWN = ("answer", "text", "csv", "json", "pictures")

    def __init__(self, outcome):
        Shown.__init__(self, outcome)
        Table.__init__(self, outcome.csv())

    @property
    def answer(self):
        """The answer, in a sentence or two."""
        return self._source.answer()

    @property
    def text(self):
        """What the command prints, without colours."""
        return _COLOURS.sub("", self._source.text())

    def to_json(self):
        """The bytes that the command writes with ``--export-json``, but for the command in them."""
        return self._source.json()

    def plot(self, kind=None):
        """The bytes of a PNG, which a notebook shows: the first of the usual pictures, or the one whose name contains ``kind``."""
        if kind is not None and not isinstance(kind, str):
            raise Error("plot: kind is not the name of a picture: give a text")
        pictures = self._source.pictures()
        for name, png in pictures:
            if kind is None or kind in name:
                return Picture(png)
        names = ", ".join(name for name, _ in pictures) or "none"
        called = "" if kind is None else f" {kind[:40]!r}"
        raise Error(f"there is no picture{called} of this run: there are {names}")

    def __repr__(self):
        return self.text

    def _repr_html_(self):
        return f"<pre>{html.escape(self.text)}</pre>"
