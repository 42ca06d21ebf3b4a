#!/usr/bin/env python3
"""The expected values of the scenarios, worked out without simsrv: formulas, and for the models
that have none a second, tiny simulation. Needs nothing but Python 3; takes about two minutes.
Times in milliseconds unless said otherwise."""

import heapq
import random
from math import exp, factorial, log


def erlang_c(servers, load):
    """Erlang's C: the probability of waiting in M/M/k with `load` erlangs."""
    term = load**servers / factorial(servers) * servers / (servers - load)
    return term / (sum(load**n / factorial(n) for n in range(servers)) + term)


def erlang_c_of_many(servers, load):
    """The same by Erlang's B and its recursion, for numbers whose factorials are too large."""
    blocked = 1.0
    for k in range(1, servers + 1):
        blocked = load * blocked / (k + load * blocked)
    return servers * blocked / (servers - load * (1 - blocked))


def mmk_response(servers, rate, service):
    """Mean response time of M/M/k."""
    load = rate * service
    return service * (1 + erlang_c(servers, load) / (servers - load))


def mmk_exceeded(servers, load, share):
    """The response time of M/M/k, in units of the service time, that `share` of the requests exceed."""
    c, gone = erlang_c(servers, load), servers - load  # the wait beyond 0 is exponential with this rate

    def later(t):
        """P(response > t): service alone, or an exponential wait and the service."""
        both = (1 + t) * exp(-t) if abs(gone - 1) < 1e-9 else (gone * exp(-t) - exp(-gone * t)) / (gone - 1)
        return (1 - c) * exp(-t) + c * both

    low, high = 0.0, 100.0
    for _ in range(100):
        middle = (low + high) / 2
        low, high = (middle, high) if later(middle) > share else (low, middle)
    return high


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

print("09: M/M/k with a + √a and a + 2 √a workers, 100 ms: share that waits, mean wait")
for load in (4, 16, 64, 256):
    for more in (1, 2):
        k = load + more * round(load**0.5)
        c = erlang_c_of_many(k, load)
        print(f"  {load} erlangs, {k} workers: {c:.5f}, {c * 100 / (k - load):.3f}")

print("10: a loop at 50/s, 1 % compute longer, then 40 ms of I/O: mean response (M/G/1 and a delay)")
for long in (2, 100, 200, 500):
    share = 0.01 if long > 2 else 0
    mean, square = (1 - share) * 2 + share * long, (1 - share) * 8 + share * long**2
    print(f"  {long} ms: {0.05 * square / (2 * (1 - 0.05 * mean)) + mean + 40:.3f}")

print("14: Little's law: M/M/4, 100 ms: waiting and in the system on average")
for rate in (20, 32, 36):
    load = rate / 10
    queue = erlang_c(4, load) * load / (4 - load)
    print(f"  {rate}/s: {queue:.4f}, {queue + load:.4f}")


def users(servers, service, think, number):
    """Throughput and mean response time of `number` users who think, by the repairman's model."""
    weights = [1.0]
    for n in range(1, number + 1):
        weights.append(weights[-1] * (number - n + 1) * service / think / min(n, servers))
    total = sum(weights)
    throughput = sum(weight * (number - n) for n, weight in enumerate(weights)) / total / think
    return throughput, number / throughput - think


print("14: users who think 2 s before 4 workers, 100 ms: throughput, mean response")
for number in (20, 60, 84, 120, 160):
    throughput, response = users(4, 0.1, 2, number)
    print(f"  {number}: {throughput:.4f}, {response * 1e3:.2f}")
lost = 4**4 / factorial(4) / sum(4**n / factorial(n) for n in range(5))
print(f"14: no queue, 40/s, Erlang's B: {lost:.5f}, so {40 * (1 - lost):.4f}/s and {4 * (1 - lost):.4f} busy")

print("15: pools of k at 80 %, 100 ms: C, mean wait, mean response, p95 of the response")
for k in (1, 2, 4, 8, 16, 32):
    c = erlang_c(k, 0.8 * k)
    gone = k - 0.8 * k
    high = mmk_exceeded(k, 0.8 * k, 0.05)
    print(f"  k = {k:2}: {c:.5f}, {100 * c / gone:.3f}, {100 * (1 + c / gone):.3f}, {100 * high:.2f}")

print("15: 95 % exp(50 ms), 5 % exp(2 s), 14/s: four workers together, by simulation: mean wait, p95")
slow = lambda chance: chance.expovariate(20 if chance.random() < 0.95 else 0.5)
runs = [waits(4, 14, slow, 1_000_000, seed) for seed in range(8)]
mean = sum(sum(run) / len(run) for run in runs) / len(runs)
print(f"  {mean * 1e3:.2f}, {sum(run[int(0.95 * len(run))] for run in runs) / len(runs) * 1e3:.1f}")
print("  apart: the slow on two workers, the fast on two: mean wait")
for k, rate, service in ((2, 0.7, 2.0), (2, 13.3, 0.05)):
    print(f"  k = {k}, {rate}/s: {(mmk_response(k, rate, service) - service) * 1e3:.3f}")


def first_mean(load, lives):
    """Number in an M/M/1 system on average over its first `lives` mean service times, from empty.

    The Kolmogorov equations by uniformisation: the chain moves at the jumps of a Poisson process of
    rate load + 1, and the part of the time with n jumps so far is P(more than n jumps) / jumps.
    """
    jumps = (load + 1) * lives
    up, chances, total = load / (load + 1), [1.0], 0.0
    # P(N <= n) by logarithms: e^-jumps itself is below the smallest number.
    chance_log, done = -jumps, 0.0
    for n in range(int(jumps + 12 * jumps**0.5)):
        done += exp(chance_log)
        chance_log += log(jumps) - log(n + 1)
        total += (1 - min(done, 1.0)) * sum(i * p for i, p in enumerate(chances)) / jumps
        after = [0.0] * min(len(chances) + 1, 500)
        for i, p in enumerate(chances):
            after[min(i + 1, len(after) - 1)] += up * p
            after[max(i - 1, 0)] += (1 - up) * p
        chances = after
    return total


print("16: M/M/1 from empty: number in the system on average over the first 1,000 service times")
for load in (0.5, 0.8, 0.9, 0.95):
    print(f"  {load}: {first_mean(load, 1000):.4f}")

print("17: M/M/1 at 90 %, 100 ms, by simulation: mean p99 of short runs, a fifth deleted (true: 4.605 s)")
for length, runs in ((2_000, 2_000), (20_000, 200)):
    p99 = 0.0
    for seed in range(runs):
        chance, wait, seen = random.Random(f"{length} {seed}"), 0.0, []
        for number in range(length):
            response = wait + chance.expovariate(10)
            wait = max(0.0, response - chance.expovariate(9))
            if number >= length // 5:
                seen.append(response)
        p99 += sorted(seen)[int(0.99 * len(seen))] / runs
    print(f"  {length}: {p99:.2f} s")


# 18: one worker; 99.9 % exp(5 ms), 0.1 % a stall of exp(500 ms). Open: the response time of M/H2/1 is a
# mixture of two exponentials. Its transform T(s) = (1 - load) s B(s) / (s - rate + rate B(s)) (Pollaczek
# and Khinchine), B the service's, has two poles: the roots of the quadratic that remains.
FAST, STALL, SHARE = 200.0, 2.0, 0.001


def open_p(rate, share):
    """The time in seconds that `share` of the requests exceed, open Poisson arrivals."""
    top = (1 - SHARE) * FAST + SHARE * STALL
    load = rate * ((1 - SHARE) / FAST + SHARE / STALL)
    # (s - rate)(s + FAST)(s + STALL) + rate (top s + FAST STALL) = s (s^2 + b s + c)
    b = FAST + STALL - rate
    c = FAST * STALL - rate * (FAST + STALL) + rate * top
    root = (b * b - 4 * c) ** 0.5
    near, far = (b - root) / 2, (b + root) / 2
    # T(s) = (1 - load)(top s + FAST STALL) / ((s + near)(s + far)); residues give P(T > t).
    weigh = lambda pole, other: (1 - load) * (FAST * STALL - top * pole) / ((other - pole) * pole)
    low, high = 0.0, 100.0
    for _ in range(100):
        t = (low + high) / 2
        later = weigh(near, far) * exp(-near * t) + weigh(far, near) * exp(-far * t)
        low, high = (t, high) if later > share else (low, t)
    return high


def solve(rows):
    """The solution of linear equations, each row its coefficients and then its right side."""
    size = len(rows)
    for i in range(size):
        pivot = max(range(i, size), key=lambda r: abs(rows[r][i]))
        rows[i], rows[pivot] = rows[pivot], rows[i]
        for r in range(size):
            if r != i and rows[r][i]:
                factor = rows[r][i] / rows[i][i]
                rows[r] = [x - factor * y for x, y in zip(rows[r], rows[i])]
    return [rows[i][size] / rows[i][i] for i in range(size)]


def balance(number, think):
    """Of `number` clients who each think exp(think): the Markov chain of (requests there, whether the
    one being served is a stall), its states with their shares of time, and the throughput."""
    states = [(0, 0)] + [(n, kind) for n in range(1, number + 1) for kind in (0, 1)]
    place = {state: i for i, state in enumerate(states)}
    chance = (1 - SHARE, SHARE)
    flow = [[0.0] * len(states) for _ in states]  # flow[to][from]

    def move(start, end, rate):
        flow[place[end]][place[start]] += rate
        flow[place[start]][place[start]] -= rate

    for n, kind in states:
        come = (number - n) / think
        for new in (0, 1):
            if n == 0:
                move((0, 0), (1, new), come * chance[new])
            else:
                done = (FAST, STALL)[kind]
                if n > 1:
                    move((n, kind), (n - 1, new), done * chance[new])
                elif new == 0:
                    move((n, kind), (0, 0), done)
        if 0 < n < number:
            move((n, kind), (n + 1, kind), come)
    rows = [row + [0.0] for row in flow]
    rows[0] = [1.0] * len(states) + [1.0]
    stay = solve(rows)
    return dict(zip(states, stay)), sum(stay[place[s]] * (number - s[0]) for s in states) / think


def closed(number, think):
    """Throughput, mean response and p99 of `number` clients who each think exp(think)."""
    stay, throughput = balance(number, think)
    chance = (1 - SHARE, SHARE)
    # What an arrival finds, itself counted in: m requests to be done, the first of this kind.
    found = {(m, kind): 0.0 for m in range(1, number + 1) for kind in (0, 1)}
    for (n, kind), time in stay.items():
        weight = time * (number - n) / think / throughput
        if n == 0:
            for new in (0, 1):
                found[1, new] += weight * chance[new]
        elif n < number:
            found[n + 1, kind] += weight
    return throughput, number / throughput - think, exceeded(found, chance, 0.01)


def exceeded(found, chance, share):
    """The time that `share` of the requests exceed, starting from `found`: the chain's equations,
    in steps of 20 us, each by the first terms of its series."""
    step, t, left = 2e-5, 0.0, dict(found)
    while sum(left.values()) > share:
        total, term = dict(left), left
        for order in (1, 2, 3):
            change = dict.fromkeys(term, 0.0)
            for (m, kind), weight in term.items():
                done = (FAST, STALL)[kind] * weight * step / order
                change[m, kind] -= done
                if m > 1:
                    for new in (0, 1):
                        change[m - 1, new] += done * chance[new]
            term = change
            for state, weight in term.items():
                total[state] += weight
        left, t = total, t + step
    return t


print("18: open at 50/s: mean response, p95, p99, p99.9 (ms)")
service = (1 - SHARE) / FAST + SHARE / STALL
square = 2 * ((1 - SHARE) / FAST**2 + SHARE / STALL**2)
mean = service + 50 * square / 2 / (1 - 50 * service)
print(f"  {mean * 1e3:.3f}, {', '.join(f'{open_p(50, share) * 1e3:.2f}' for share in (0.05, 0.01, 0.001))}")
print("18: closed at 50/s: think time (ms) that makes it so, mean response, p99")
for number in (1, 2, 4, 8, 16, 64):
    low, high = 1e-4, number / 50
    for _ in range(25):
        middle = (low + high) / 2
        low, high = (middle, high) if balance(number, middle)[1] > 50 else (low, middle)
    throughput, response, p99 = closed(number, round(high, 6))
    print(f"  {number:2}: {high * 1e3:.3f}, {throughput:.4f}/s, {response * 1e3:.3f}, {p99 * 1e3:.2f}")


def cpu_then_io(threads, rate, cpu, io, lock, most=120):
    """Mean response time of so many threads (with a lock, one of them computes at a time; without, all
    at once): exponential CPU, then exponential I/O. The chain of (requests there, how many of those in service
    still compute), solved by sweeps over its balance equations."""
    add, burst, wake = rate, 1 / cpu, 1 / io
    states = [(n, c) for n in range(most) for c in range(min(n, threads) + 1)]
    into = {state: [] for state in states}
    out = dict.fromkeys(states, 0.0)
    for n, c in states:
        busy = min(n, threads)
        moves = []
        if n + 1 < most:
            moves.append(((n + 1, c + (1 if n < threads else 0)), add))
        if c > 0:
            moves.append(((n, c - 1), burst if lock else c * burst))
        if busy > c:
            moves.append(((n - 1, c + (1 if n > threads else 0)), (busy - c) * wake))
        for state, speed in moves:
            into[state].append(((n, c), speed))
            out[n, c] += speed
    share = {state: 0.5 ** state[0] for state in states}
    for sweep in range(600):
        for state in states if sweep % 2 else reversed(states):
            share[state] = sum(share[other] * speed for other, speed in into[state]) / out[state]
    total = sum(share.values())
    return sum(n * p for (n, _), p in share.items()) / total / rate


print("23: M/G/1 at 10/s: uWSGI, and Gunicorn with its own 0.85 ms; mean response (ms)")
for own in (0.0, 0.85):
    mean, variance = 50 + own, 10**2 + 40**2
    print(f"  {mg1_response(0.01, mean, variance**0.5 / mean):.2f}")
print("23: 5 and 6 workers at 80/s and 90/s, five threads under a lock at 60/s: mean response (ms)")
for threads, rate, lock in ((5, 0.08, False), (6, 0.09, False), (5, 0.06, True)):
    print(f"  {cpu_then_io(threads, rate, 10, 40, lock):.2f}")

# 24: first come, first served; any of the idle workers takes a request. A worker that has served its
# number is away for the boot and 35 ms. A request holds it for exp(50 ms) and 0.85 ms more.
def restarts(limit, jitter, runs, workers=8, rate=80, service=0.05, away=5.035, until=240):
    chance, seen = random.Random(24), []
    life = lambda: limit + chance.randint(0, jitter)
    for _ in range(runs):
        now, free, left = 0.0, [0.0] * workers, [life() for _ in range(workers)]
        while (now := now + chance.expovariate(rate)) < until:
            idle = [worker for worker in range(workers) if free[worker] <= now]
            worker = chance.choice(idle) if idle else free.index(min(free))
            end = max(now, free[worker]) + chance.expovariate(1 / service) + 0.00085
            seen.append(end - now)
            left[worker] -= 1
            free[worker] = end if left[worker] else end + away
            left[worker] = left[worker] or life()
    seen.sort()
    return sum(seen) / len(seen), seen[int(0.95 * len(seen))], seen[int(0.99 * len(seen))]


print("24: 8 workers, 80/s: response mean, p95, p99 (ms)")
print(f"  no restarts: M/M/8 {mmk_response(8, 80, 0.05085) * 1e3:.2f}")
for jitter in (0, 100, 500):
    print(f"  500 + {jitter}:", ", ".join(f"{1e3 * value:.1f}" for value in restarts(500, jitter, 200)))

# 25: once down, every try fails: each request tries to the end, the queue is always full, 40/s of the
# tries find a place, and who does not at the last try is refused.
print("25: M/M/4 at 24/s, 100 ms: mean response (ms)", round(mmk_response(4, 24, 0.1) * 1e3, 2))
for tries in (4, 2):
    print(f"  {tries} tries: refused {1 - 40 / (24 * tries):.4f}")

# 22: M/M/k, and six workers that grow until memory is full and the largest dies.
print("22: M/M/k at 32/s, 200 ms: mean and p99 of the response (ms)")
for k in (7, 8, 9, 10, 12, 16):
    print(f"  k = {k:2}: {1e3 * mmk_response(k, 32, 0.2):.2f}, {200 * mmk_exceeded(k, 6.4, 0.01):.1f}")


def leaking(rate, requests, seed):
    """Kills per request, and the share of requests that die with their worker: six workers of 120 MB
    that grow by 0.2 MB with each request they begin, in 2^30 bytes less 16 MB; the largest dies, of
    equals the youngest, and is there again after 3.035 s (and up to 0.1 s for each other that died
    just before it, which is left out here)."""
    chance = random.Random(seed)
    first, leak, limit = 120_000_000, 200_000, 2**30 - 16_000_000
    size, born, busy = [first] * 6, list(range(6)), [None] * 6
    events, queue, births = [(chance.expovariate(rate), 0, "come", None)], [], 6
    kills = failed = seen = number = 0
    idle = set(range(6))

    def die(now):
        nonlocal kills, failed
        worst = max((w for w in range(6) if size[w] is not None), key=lambda w: (size[w], born[w]))
        if counted:
            kills += 1
            failed += busy[worst] is not None
        size[worst], busy[worst] = None, None
        idle.discard(worst)
        heapq.heappush(events, (now + 3.035, next_number(), "back", worst))
        return worst

    def next_number():
        nonlocal number
        number += 1
        return number

    def grow(worker, by, now):
        while size[worker] is not None:
            room = limit - sum(s for s in size if s is not None)
            given = min(by, room)
            size[worker] += given
            by -= given
            if by == 0:
                return
            die(now)

    arrived = 0
    while arrived < requests:
        now, _, what, about = heapq.heappop(events)
        counted = arrived > requests // 5
        if what == "come":
            arrived += 1
            seen += counted
            queue.append(arrived)
            heapq.heappush(events, (now + chance.expovariate(rate), next_number(), "come", None))
        elif what == "done":
            worker, token = about
            if busy[worker] != token:
                continue
            busy[worker] = None
            idle.add(worker)
        else:
            births += 1
            size[about], born[about] = 0, births
            idle.add(about)
            grow(about, first, now)
        while queue and idle:
            worker = chance.choice(sorted(idle))
            idle.discard(worker)
            token = busy[worker] = queue.pop(0)
            grow(worker, leak, now)
            if busy[worker] == token:
                heapq.heappush(events, (now + chance.expovariate(5), next_number(), "done", (worker, token)))
    return kills / seen, failed / seen


print("22: six workers that leak: kills per request, share of requests that die")
for rate in (12, 21):
    runs = [leaking(rate, 250_000, seed) for seed in range(4)]
    print(f"  {rate}/s: {sum(k for k, _ in runs) / 4:.6f}, {sum(f for _, f in runs) / 4:.6f}")

print("20: eight workers, 100 ms, 64/s: one host, split at random, and in turn over hosts of one (E8/M/1)")
print(f"  M/M/8: {mmk_response(8, 64, 0.1) * 1e3:.3f}, M/M/4: {mmk_response(4, 32, 0.1) * 1e3:.3f}")
sigma = 0.5
for _ in range(1000):
    sigma = (8 * 0.8 / (8 * 0.8 + 1 - sigma)) ** 8
print(f"  E8/M/1: {100 / (1 - sigma):.3f}")


def balanced(hosts, workers, choose, requests, seed):
    """Response times (s) on hosts with a queue each; who is chosen hangs on what each has to do."""
    chance, now, seen, last = random.Random(seed), 0.0, [], hosts - 1
    free, busy, leaving = [[0.0] * workers for _ in range(hosts)], [0] * hosts, []
    for number in range(requests):
        now += chance.expovariate(64)
        while leaving and leaving[0][0] <= now:
            busy[heapq.heappop(leaving)[1]] -= 1
        last = choose(busy, last, chance)
        end = max(now, heapq.heappop(free[last])) + chance.expovariate(10)
        heapq.heappush(free[last], end)
        heapq.heappush(leaving, (end, last))
        busy[last] += 1
        if number >= requests // 10:
            seen.append(end - now)
    return sorted(seen)


def in_turn(busy, last, chance):
    return (last + 1) % len(busy)


def least(busy, last, chance):
    return min((busy[(last + step) % len(busy)], step) for step in range(1, len(busy) + 1))[1] + last


def of_two(busy, last, chance):
    one, other = chance.sample(range(len(busy)), 2)
    return one if busy[one] <= busy[other] else other


for name, choose in (("in turn", in_turn), ("fewest", lambda *all: least(*all) % len(all[0])), ("of two", of_two)):
    for hosts in (2, 8):
        runs = [balanced(hosts, 8 // hosts, choose, 500_000, seed) for seed in range(6)]
        mean = sum(sum(run) / len(run) for run in runs) / len(runs)
        tail = sum(run[int(0.95 * len(run))] for run in runs) / len(runs)
        print(f"  {name}, {hosts} hosts: mean {mean * 1e3:.2f}, p95 {tail * 1e3:.1f}")

print("21: 160/s, 5 ms on 8 cores, then 50 ms on N connections: wait for the pool, mean response")
for pool in (9, 10, 12):
    at_pool = mmk_response(pool, 160, 0.05)
    print(f"  N = {pool}: {(at_pool - 0.05) * 1e3:.3f}, {(at_pool + mmk_response(8, 160, 0.005)) * 1e3:.3f}")
