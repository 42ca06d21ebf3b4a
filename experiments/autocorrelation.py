#!/usr/bin/env python3
"""Draws plots/autocorrelation/waits.svg with the programs of chapters 5 and 23 of docs/. Needs nothing
but Python 3; takes half a minute."""

import re
import sys
from math import log10
from pathlib import Path
from types import ModuleType

ROOT = Path(__file__).parent.parent


def program(chapter, name):
    """The Python of a chapter, as a module."""
    text = next((ROOT / "docs").glob(f"{chapter:02}-*.md")).read_text(encoding="utf-8")
    module = sys.modules[name] = ModuleType(name)
    exec("\n".join(re.findall(r"```python\n(.*?)```", text, re.S)), module.__dict__)
    return module


program(5, "simulator")
one_long_run = program(23, "one_long_run")

LEFT, TOP, WIDTH, HEIGHT, MOST = 70, 60, 560, 300, 1000
LAGS = sorted({round(10 ** (at / 10)) for at in range(31)})
# Colours of Okabe and Ito; each line has dashes of its own, too.
LINES = [(0.5, "#0072b2", ""), (0.8, "#d55e00", "8 4"), (0.95, "#00714f", "2 4")]
x = lambda lag: LEFT + WIDTH * log10(lag) / log10(MOST)
y = lambda value: TOP + HEIGHT * (1 - value)

title = "How long the waits of one worker remember"
parts = [
    f'<svg xmlns="http://www.w3.org/2000/svg" width="760" height="430" viewBox="0 0 760 430" '
    f'font-family="sans-serif" font-size="14"><title>{title}</title>',
    '<rect width="760" height="430" fill="#ffffff"/>',
    f'<text x="{LEFT}" y="30" font-size="17" font-weight="bold">{title}</text>',
]
for value in (0, 0.25, 0.5, 0.75, 1):
    parts.append(f'<path d="M{LEFT} {y(value):.1f}H{LEFT + WIDTH}" stroke="#dddddd"/>')
    parts.append(f'<text x="{LEFT - 8}" y="{y(value) + 5:.1f}" text-anchor="end">{value}</text>')
for lag in (1, 10, 100, 1000):
    parts.append(f'<text x="{x(lag):.1f}" y="{TOP + HEIGHT + 22}" text-anchor="middle">{lag}</text>')
parts.append(f'<text x="{LEFT + WIDTH / 2}" y="{TOP + HEIGHT + 50}" text-anchor="middle">lag (requests)</text>')
parts.append(f'<text x="{LEFT}" y="{TOP - 10}">autocorrelation of the waiting time</text>')
for load, colour, dashes in LINES:
    run = one_long_run.mm1(load, 2_000_000, seed=1)
    values = [one_long_run.autocorrelation(run, lag) for lag in LAGS]
    points = " ".join(f"{x(lag):.1f},{y(value):.1f}" for lag, value in zip(LAGS, values))
    parts.append(f'<polyline points="{points}" fill="none" stroke="{colour}" stroke-width="2.5" '
                 f'stroke-dasharray="{dashes}"/>')
    parts.append(f'<text x="{LEFT + WIDTH + 8}" y="{y(values[-1]) + 5 - 18 * (load == 0.8):.1f}" '
                 f'fill="{colour}">{load:.0%} busy</text>')
parts.append("</svg>\n")
(ROOT / "plots/autocorrelation").mkdir(exist_ok=True)
(ROOT / "plots/autocorrelation/waits.svg").write_text("\n".join(parts), encoding="utf-8")
