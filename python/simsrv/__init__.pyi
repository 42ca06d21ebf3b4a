import os
import re
from datetime import timedelta
from typing import (
    Any,
    Callable,
    Dict,
    Iterator,
    List,
    Mapping,
    Optional,
    Protocol,
    Sequence,
    Tuple,
    Union,
)

__version__: str

class Error(ValueError):
    """Wrong input: the sentence of the command."""

class Distribution(str): ...

class _Submits(Protocol):
    def submit(self, fn: Any, /, *args: Any) -> Any: ...

_Path = Union[str, "os.PathLike[str]"]
Scalar = Union[str, int, float]

class _Numbers(Protocol):
    """A NumPy array or a column of a data frame."""

    def __len__(self) -> int: ...
    def __iter__(self) -> Iterator[Any]: ...

class _Span(Protocol):
    """One ``timedelta64`` of NumPy."""

    def astype(self, dtype: Any) -> Any: ...

Time = Union[str, timedelta, _Span]
Axis = Union[Scalar, Sequence[Scalar], _Numbers]
Times = Union[Time, Sequence[float], _Numbers]
Share = Union[str, float]

class Table:
    @property
    def rows(self) -> List[Dict[str, Any]]: ...
    @property
    def columns(self) -> Dict[str, List[Any]]: ...
    def to_csv(self) -> bytes: ...
    def to_pandas(self) -> Any: ...
    def to_polars(self) -> Any: ...
    def __arrow_c_stream__(self, requested_schema: Any = None) -> Any: ...
    def __len__(self) -> int: ...
    def __iter__(self) -> Iterator[Dict[str, Any]]: ...

class Picture(bytes):
    def _repr_png_(self) -> bytes: ...

class Result(Table):
    @property
    def answer(self) -> str: ...
    @property
    def text(self) -> str: ...
    def to_json(self) -> bytes: ...
    def plot(self, kind: Optional[str] = None) -> Picture: ...
    def _repr_html_(self) -> str: ...

class Fit:
    @property
    def text(self) -> str: ...
    @property
    def data(self) -> Dict[str, Any]: ...
    @property
    def scenario(self) -> str: ...
    def _repr_html_(self) -> str: ...

def run(
    *,
    scenario: Optional[_Path] = None,
    progress: Union[None, bool, Callable[[int, int], Any]] = None,
    client: Optional[_Submits] = None,
    parts: Optional[int] = None,
    jobs: int = 0,
    workers: Optional[Axis] = None,
    threads: Optional[Axis] = None,
    cores: Optional[Axis] = None,
    clients: Optional[Axis] = None,
    rate: Optional[Axis] = None,
    service: Optional[Times] = None,
    cpu: Optional[Times] = None,
    io: Optional[Times] = None,
    think: Optional[Times] = None,
    seed: Optional[int] = None,
    precision: Optional[Union[str, float]] = None,
    **options: Any,
) -> Result: ...
def simulate(*, scenario: Optional[_Path] = None, jobs: int = 0, **options: Any) -> Table: ...
def theory(*, scenario: Optional[_Path] = None, jobs: int = 0, **options: Any) -> Table: ...
def fit(
    *files: _Path,
    route: Optional[Mapping[str, Union[str, "re.Pattern[str]"]]] = None,
    routes: Optional[int] = None,
    log_format: Optional[str] = None,
    workers: Optional[int] = None,
    threads: Optional[int] = None,
    class_: Optional[str] = None,
    cores: Optional[Union[str, float]] = None,
    cpu_busy: Optional[Share] = None,
    measured: Optional[str] = None,
) -> Fit: ...
def constant(value: Time) -> Distribution: ...
def exp(mean: Time) -> Distribution: ...
def uniform(low: Time, high: Time) -> Distribution: ...
def erlang(mean: Time, k: int) -> Distribution: ...
def gamma(mean: Time, cv: float) -> Distribution: ...
def lognormal(
    mean: Optional[Time] = None,
    cv: Optional[float] = None,
    median: Optional[Time] = None,
    p99: Optional[Time] = None,
) -> Distribution: ...
def weibull(mean: Time, shape: float) -> Distribution: ...
def pareto(mean: Time, alpha: float) -> Distribution: ...
def hyperexp(mean: Time, cv: float) -> Distribution: ...
def mix(*parts: Tuple[Share, str]) -> Distribution: ...
def quantiles(**known: Time) -> Distribution: ...
