#!/usr/bin/env python3
"""The expected values of the scenarios, worked out without simsrv: formulas, and for the one model
that has none a second, tiny simulation. Needs nothing but Python 3; takes about two minutes.
Times in milliseconds unless said otherwise."""

import heapq
import random
from math import exp, factorial, log


def erlang_c(servers, load):
    """Erlang's C: the probability of waiting in M/M/k with `load` erlangs."""
    term = load**servers / factorial(servers) * servers / (servers - load)
    return term / (sum(load**n / factorial(n) for n in range(servers)) + term)


def mmk_response(servers, rate, service):
    """Mean response time of M/M/k."""
    load = rate * service
    return service * (1 + erlang_c(servers, load) / (servers - load))


def mg1_response(rate, service, cv):
    """Mean response time of M/G/1 (Pollaczek and Khinchine)."""
    return service + rate * (1 + cv**2) * service**2 / (2 * (1 - rate * service))


def waits(servers, rate, draw, requests, seed):
    """Waiting times of M/G/k by the recursion of Kiefer and Wolfowitz, sorted; first tenth dropped."""
    chance, now, free, seen = random.Random(seed), 0.0, [0.0] * servers, []
    for number in range(requests):
        now += chance.expovariate(rate)
        start = max(now, heapq.heappop(free))
        heapq.heappush(free, start + draw(chance))
        if number >= requests // 10:
            seen.append(start - now)
    return sorted(seen)


print("02: M/M/k at 280/s, 20 ms: mean response")
for k in (6, 8, 10, 12, 16):
    print(f"  k = {k:2}: C = {erlang_c(k, 5.6):.5f}, {mmk_response(k, 280, 0.02) * 1e3:.3f}")

print("03: M/M/8 and I/O: workers held, mean response")
for share in (0, 25, 50, 60, 70, 80, 90, 95):
    io = 0.02 * share / (100 - share)
    print(f"  {share:2} %: {280 * (0.02 + io):7.3f}, {(mmk_response(8, 280, 0.02) + io) * 1e3:.3f}")

print("04: M/M/4, 20 ms: C, mean response")
for rate in (100, 160, 180, 190):
    print(f"  {rate}/s: {erlang_c(4, rate * 0.02):.6f}, {mmk_response(4, rate, 0.02) * 1e3:.3f}")
print("04: M/G/1 with cv 0, 1, 2: mean response; M/M/1: p95, p99")
for rate in (25, 40, 45):
    means = [f"{mg1_response(rate, 0.02, cv) * 1e3:.3f}" for cv in (0, 1, 2)]
    tail = [f"{log(part) / (50 - rate) * 1e3:.3f}" for part in (20, 100)]
    print(f"  {rate}/s:", ", ".join(means + tail))

print("05: M/G/k at 50/s, 95 % 20 ms, 5 % 2 s: share that waits, wait mean, p95, p99")
mixture = lambda chance: 0.02 if chance.random() < 0.95 else 2.0
for k in (7, 8, 10, 12, 16):
    runs = [waits(k, 50, mixture, 1_000_000, seed) for seed in range(8)]
    average = lambda of: sum(map(of, runs)) / len(runs)
    waiting = average(lambda run: sum(wait > 0 for wait in run) / len(run))
    mean = average(lambda run: sum(run) / len(run)) * 1e3
    tail = [average(lambda run: run[int(part * len(run))]) * 1e3 for part in (0.95, 0.99)]
    print(f"  k = {k:2}: {waiting:.4f}, {mean:.2f}, {tail[0]:.1f}, {tail[1]:.1f}")

# 06: the levels last for hours and the server forgets in seconds, so each level is an M/M/k of its
# own, weighted by its arrivals (Green & Kolesar 1991: the pointwise stationary approximation).
print("06: a day's traffic, 2/s on average, 1 s: share that waits, mean wait, p95 of the wait (s)")
hours = [(8, 20), (4, 100), (8, 180), (4, 60)]
average = sum(hours_ * level for hours_, level in hours) / 24
levels = [(hours_ * level / 24 / average, 2 * level / average) for hours_, level in hours]


def longer_than(time, servers, parts):
    """The share of requests that wait longer than `time` seconds."""
    return sum(part * erlang_c(servers, rate) * exp(-(servers - rate) * time) for part, rate in parts)


def quantile(servers, parts, share):
    low, high = 0.0, 1e4
    for _ in range(100):
        middle = (low + high) / 2
        low, high = (middle, high) if longer_than(middle, servers, parts) > 1 - share else (low, middle)
    return high if longer_than(0, servers, parts) > 1 - share else 0.0


for name, parts, servers in [
    ("profile", levels, (4, 5, 6, 7, 8)),
    ("even", [(1, 2)], (3, 4, 5, 6)),
    ("peak", [(1, 2 * 180 / average)], (4, 5, 6, 7, 8)),
]:
    for k in servers:
        mean = sum(part * erlang_c(k, rate) / (k - rate) for part, rate in parts)
        tail = quantile(k, parts, 0.95)
        print(f"  {name}, k = {k}: {longer_than(0, k, parts):.5f}, {mean:.4f}, {tail:.4f}")
# With 3 workers the peak is over capacity: the queue as a fluid, hour by hour (Newell 1982, ch. 2).
queue, area = 0.0, 0.0
for hours_, level in hours:
    slope = 3600 * (2 * level / average - 3)
    end = max(queue + slope * hours_, 0.0)
    lasting = hours_ if end > 0 else -queue / slope
    area += (queue + end) / 2 * lasting
    queue = end
print(f"  3 workers: queue {area / 24:.0f} on average, so a wait of {area / 24 / 2:.0f} s")
