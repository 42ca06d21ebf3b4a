"""Keywords as the options of the command."""

import datetime
import decimal
import operator
import os
import re

from ._native import Error

#: Options whose value may be measured times, in seconds.
_TIMES = {"service", "cpu", "io", "think", "patience", "client_timeout"}

#: Units of NumPy in seconds, each as numerator and denominator.
_UNITS = {"W": (604_800, 1), "D": (86_400, 1), "h": (3600, 1), "m": (60, 1), "s": (1, 1)}
_UNITS |= {"ms": (1, 10**3), "us": (1, 10**6), "ns": (1, 10**9), "ps": (1, 10**12), "fs": (1, 10**15)}

#: The most values of a list that is no column of measured times.
_MOST = 1_000_000

#: Options that say where results go, and where they are in Python.
_RESULTS = {
    "export_csv": "Result.to_csv() gives the bytes of that file",
    "export_json": "Result.to_json() gives the bytes of that file",
    "export_markdown": "Result.text is the table; the command writes Markdown",
    "export_config": "the command writes it",
    "export_junit": "the command writes it",
    "format": "Result.text, to_csv() and to_json() are the formats",
    "plot": "Result.plot() gives a PNG",
    "report": "the command writes it",
    "visits": "simsrv.simulate() gives the requests as a table",
    "rows": "Result.rows has all rows",
    "force": "nothing is written",
    "allow_write_anywhere": "nothing is written",
    "quiet": "nothing is printed; Result.answer is the answer",
    "color": "nothing is printed",
    "shard": "client= divides a run into parts",
    "shards": "client= divides a run into parts, parts= says into how many",
}


def whole(name, value, least, most):
    """A whole number from ``least`` to ``most``."""
    try:
        number = operator.index(value)
    except TypeError:
        raise Error(f"{name}: {short(value)} is not a whole number") from None
    if not least <= number <= most:
        raise Error(f"{name} is {short(value)}: give {least} to {most}")
    return number


def short(value):
    """A value as it was written, cut where it is long."""
    try:
        told = repr(value)
    except ValueError:  # a whole number of thousands of digits
        told = f"the {type(value).__name__} of many digits"
    return told if len(told) <= 60 else told[:57] + "..."


def path_of(name, given):
    """A path as text."""
    if isinstance(given, (str, os.PathLike)):
        path = os.fspath(given)
        if isinstance(path, str):
            return text(name, path)
    raise Error(f"{name}: {short(given)} is not a path: give a text or a pathlib.Path")


def text(name, value):
    """A value in the grammar of the command."""
    if value is True:
        return "true"
    if value is False:
        return "false"
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    if isinstance(value, decimal.Decimal) and value.is_finite():
        return _clean(name, int(value) if value == int(value) else format(value, "f"))
    if isinstance(value, (str, int, float)):
        return _clean(name, value)
    kind = getattr(getattr(value, "dtype", None), "kind", None)
    if kind == "m" and getattr(value, "ndim", 0) == 0 and hasattr(value, "astype"):
        [seconds] = _lengths_of_time(name, value.reshape(1))
        return _duration(round(seconds * 10**9))
    if isinstance(value, datetime.timedelta):
        microseconds = value // datetime.timedelta(microseconds=1)
        return _duration(1000 * microseconds + getattr(value, "nanoseconds", 0))
    if hasattr(value, "item") and getattr(value, "ndim", 0) == 0 and kind not in ("m", "M"):
        return text(name, _python(name, value))
    listable = isinstance(value, (set, frozenset)) or hasattr(value, "__next__")
    advice = ": write list(...) around it" if listable else ""
    raise Error(f"{name}: {short(value)} is not a number, a text or a list{advice}")


def _duration(nanoseconds):
    """A length of time in the largest unit in which it is a whole number."""
    units = ((10**9, "s"), (10**6, "ms"), (10**3, "us"), (1, "ns"))
    size, unit = next(unit for unit in units if nanoseconds % unit[0] == 0)
    return f"{nanoseconds // size}{unit}"


def _python(name, value):
    """A NumPy scalar as a number or text of Python."""
    try:
        item = value.item()
        return float(item) if type(item) is type(value) else item
    except (TypeError, ValueError):
        raise Error(f"{name}: {short(value)} is not a number, a text or a list") from None


def _clean(name, value):
    """The text of a value; what no text of the command can be is refused."""
    try:
        told = str(value)
        told.encode()
    except ValueError:  # too many digits, or half of a character
        raise Error(f"{name}: {short(value)} cannot be written as a text") from None
    if "\0" in told:
        raise Error(f"{name}: {short(value)} has a character NUL in it")
    return told


def _is_sequence(value):
    if isinstance(value, (str, bytes, bytearray, dict, set, frozenset)):
        return False
    listed = hasattr(value, "__len__") and hasattr(value, "__iter__")
    return listed and getattr(value, "ndim", 1) > 0


def _seconds(name, values):
    """Measured times as numbers of seconds."""
    if getattr(values, "ndim", 1) != 1:
        raise Error(f"{name}: measured times are one column, these have {values.ndim} dimensions")
    kind = getattr(getattr(values, "dtype", None), "kind", "f")
    if kind == "m" and hasattr(values, "astype"):  # lengths of time, in NumPy's units
        return _lengths_of_time(name, values)
    if kind in "bM" or isinstance(values, memoryview):
        raise Error(f"{name}: {short(values)} are not lengths of time in seconds")
    return [_second(name, value) for value in values]


def _lengths_of_time(name, values):
    """NumPy's or pandas' ``timedelta64``: whole numbers of the unit in their type."""
    told = re.search(r"\[(\d*)([a-zA-Z]+)\]", str(values.dtype))
    times, parts = _UNITS.get(told[2], (0, 1)) if told else (0, 1)
    if not times:
        raise Error(f"{name}: lengths of time of the type {values.dtype} have no unit of a fixed length")
    times *= int(told[1] or 1)
    numbers = [int(number) for number in values.astype("int64")]
    if any(number == -(2**63) for number in numbers):  # NumPy's NaT
        raise Error(f"{name}: NaT is not a length of time")
    return [number * times / parts for number in numbers]


def _second(name, value):
    if hasattr(value, "total_seconds"):
        return value.total_seconds()
    kind = getattr(getattr(value, "dtype", None), "kind", "f")
    if isinstance(value, (str, bytes, complex, bool)) or kind in "bcmMSU":
        raise Error(
            f"{name}: a list of measured times holds numbers of seconds, and {short(value)} is "
            "none. It is one distribution for all cells: give several as [[case]] of a scenario"
        )
    try:
        return float(value)
    except (TypeError, ValueError, OverflowError):
        raise Error(f"{name}: {short(value)} is not a number of seconds") from None


def _scenario(given):
    """Path and text of a scenario, which is a path or the text itself."""
    if given is None:
        return None
    if isinstance(given, str) and "\n" in given:
        return "scenario", text("scenario", given)
    path = path_of("scenario", given)
    if os.path.exists(path) and not os.path.isfile(path):
        raise Error(f"the scenario '{path}' is not a file: give the path of one, or its text")
    try:
        with open(path, encoding="utf-8-sig") as file:
            return path, file.read()
    except (OSError, ValueError) as error:
        raise Error(f"the scenario '{path}' cannot be read: {error}") from None


def _listed(name, values):
    """A list in the grammar of the command."""
    try:
        count = len(values)
    except OverflowError:
        count = _MOST + 1
    if count > _MOST:
        raise Error(f"{name}: {short(values)} has more than {_MOST} values")
    return (" | " if name == "route" else ",").join(text(name, value) for value in values)


def read(keywords, scenario=None):
    """What is asked: options as pairs of texts, the samples that some of them name, the scenario."""
    options, samples = [], {}
    for name, value in keywords.items():
        if value is None:
            continue
        option = text("a name", name).strip("_").replace("_", "-")  # class: a word of Python
        elsewhere = _RESULTS.get(option.replace("-", "_"))
        if elsewhere:
            raise Error(f"{short(name)} belongs to the command, not to Python: {elsewhere}")
        if _is_sequence(value):
            if name in _TIMES:
                samples[name] = _seconds(name, value)
                value = f"samples:{name}"
            else:
                value = _listed(name, value)
        elif hasattr(value, "__fspath__"):
            value = path_of(name, value)
        if any(option == other for other, _ in options):
            raise Error(f"{name}: the option {option} is given twice")
        options.append((option, text(name, value)))
    return options, samples, _scenario(scenario)
