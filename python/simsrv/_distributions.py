"""Distributions as objects; each prints as the text that the command reads."""


from ._native import Error
from ._options import short, text


class Distribution(str):
    """The text of a distribution, such as ``exp(20ms)``."""

    def __repr__(self) -> str:
        return f"Distribution({str(self)!r})"


def _call(name, **arguments):
    told = {key: text(name, value) for key, value in arguments.items() if value is not None}
    given = [f"{key}={value}" for key, value in told.items()]
    return Distribution(f"{name}({','.join(given)})")


def constant(value):
    """Always ``value``, such as ``"3s"``."""
    return Distribution(text("constant", value))


def exp(mean):
    """Exponential with this mean, such as ``"20ms"``."""
    return Distribution(f"exp({text('exp', mean)})")


def uniform(low, high):
    """Uniform between two times."""
    return Distribution(f"uniform({text('uniform', low)},{text('uniform', high)})")


def erlang(mean, k):
    """Erlang: the sum of ``k`` exponential stages."""
    return _call("erlang", mean=mean, k=k)


def gamma(mean, cv):
    """Gamma with this mean and coefficient of variation."""
    return _call("gamma", mean=mean, cv=cv)


def lognormal(mean=None, cv=None, median=None, p99=None):
    """Log-normal: by ``mean`` and ``cv``, or by ``median`` and ``p99``."""
    return _call("lognormal", mean=mean, cv=cv, median=median, p99=p99)


def weibull(mean, shape):
    """Weibull with this mean and shape."""
    return _call("weibull", mean=mean, shape=shape)


def pareto(mean, alpha):
    """Pareto with this mean and tail index."""
    return _call("pareto", mean=mean, alpha=alpha)


def hyperexp(mean, cv):
    """Hyperexponential with this mean and coefficient of variation (above 1)."""
    return _call("hyperexp", mean=mean, cv=cv)


def mix(*parts):
    """A mixture: pairs of a share and a distribution, such as ``("90%", "5ms")``."""
    for part in parts:
        if not isinstance(part, (tuple, list)) or len(part) != 2:
            raise Error(f"mix: {short(part)} is not a pair of a share and a distribution")
    pairs = (f"{text('mix', share)}:{text('mix', part)}" for share, part in parts)
    return Distribution(f"mix({','.join(pairs)})")


def quantiles(**known):
    """By quantiles, such as ``quantiles(p50="20ms", p99="300ms", max="2s")``."""
    return _call("quantiles", **known)
