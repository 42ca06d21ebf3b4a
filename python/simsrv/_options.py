"""Keywords as the options of the command."""

from ._native import Error

#: Options whose value may be measured times, in seconds.
_TIMES = {"service", "cpu", "io", "think", "patience", "client_timeout"}


def _text(name, value):
    if value is True:
        return "true"
    if value is False:
        return "false"
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    if isinstance(value, (str, int, float)):
        return str(value)
    if hasattr(value, "item"):  # a NumPy scalar
        return _text(name, value.item())
    raise Error(f"{name}: {value!r} is not a number, a text or a list")


def _is_sequence(value):
    return not isinstance(value, str) and hasattr(value, "__len__") and hasattr(value, "__iter__")


def read(keywords):
    """Options as pairs of texts, and the samples that some of them name."""
    options, samples = [], {}
    for name, value in keywords.items():
        if value is None:
            continue
        option = name.replace("_", "-")
        if _is_sequence(value):
            if name in _TIMES:
                samples[name] = [float(time) for time in value]
                value = f"samples:{name}"
            else:
                value = ",".join(_text(name, item) for item in value)
        elif hasattr(value, "__fspath__"):
            value = value.__fspath__()
        options.append((option, _text(name, value)))
    return options, samples
