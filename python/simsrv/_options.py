"""Keywords as the options of the command."""

import os

from ._native import Error

#: Options whose value may be measured times, in seconds.
_TIMES = {"service", "cpu", "io", "think", "patience", "client_timeout"}


def text(name, value):
    """A value in the grammar of the command."""
    if value is True:
        return "true"
    if value is False:
        return "false"
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    if isinstance(value, (str, int, float)):
        return str(value)
    if hasattr(value, "item"):  # a NumPy scalar
        return text(name, value.item())
    raise Error(f"{name}: {value!r} is not a number, a text or a list")


def _is_sequence(value):
    return not isinstance(value, str) and hasattr(value, "__len__") and hasattr(value, "__iter__")


def _scenario(given):
    """Path and text of a scenario, which is a path or the text itself."""
    if given is None:
        return None
    if isinstance(given, str) and "\n" in given:
        return "scenario", given
    path = os.fspath(given)
    try:
        with open(path, encoding="utf-8-sig") as file:
            return path, file.read()
    except (OSError, UnicodeDecodeError) as error:
        raise Error(f"the scenario '{path}' cannot be read: {error}") from None


def read(keywords, scenario=None):
    """What is asked: options as pairs of texts, the samples that some of them name, the scenario."""
    options, samples = [], {}
    for name, value in keywords.items():
        if value is None:
            continue
        option = name.strip("_").replace("_", "-")  # class_: class is a word of Python
        if _is_sequence(value):
            if name in _TIMES:
                samples[name] = [float(time) for time in value]
                value = f"samples:{name}"
            else:
                between = " | " if name == "route" else ","
                value = between.join(text(name, item) for item in value)
        elif hasattr(value, "__fspath__"):
            value = value.__fspath__()
        options.append((option, text(name, value)))
    return options, samples, _scenario(scenario)
