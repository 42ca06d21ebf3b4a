"""The five models in SimPy and in Ciw: peers.py simpy|ciw MODEL REQUESTS.

Prints requests, mean response time in seconds and nanoseconds of CPU time per request.
"""

import heapq
import random
import sys
import time

OPEN = {"mm1": (1, 0.8), "mm4": (4, 3.2), "mm32": (32, 28.8)}


def simpy_model(name, requests):
    import simpy

    env = simpy.Environment()
    done = env.event()
    seen = [0, 0.0]

    def answered(arrival):
        seen[0] += 1
        seen[1] += env.now - arrival
        if seen[0] == requests:
            done.succeed()

    def visit(station, mean):
        arrival = env.now
        with station.request() as turn:
            yield turn
            yield env.timeout(random.expovariate(1 / mean))
        answered(arrival)

    def arrivals(station, rate):
        while True:
            yield env.timeout(random.expovariate(rate))
            env.process(visit(station, 1.0))

    def client(station):
        while True:
            yield from visit(station, 0.1)
            yield env.timeout(random.expovariate(1.0))

    if name in OPEN:
        workers, rate = OPEN[name]
        env.process(arrivals(simpy.Resource(env, workers), rate))
    elif name == "closed":
        station = simpy.Resource(env, 8)
        for _ in range(100):
            env.process(client(station))
    else:
        env.process(sharing(env, answered))
    env.run(done)
    return seen[1] / seen[0]


def sharing(env, answered, workers=16, cores=4.0, rate=3.2):
    """Virtual time; one process that waits for the next end or the next arrival, which it knows."""
    running, queue, clock = [], [], 0.0
    arrival = random.expovariate(rate)
    while True:
        speed = min(1.0, cores / max(1, len(running)))
        end = env.now + (running[0][0] - clock) / speed if running else float("inf")
        begin = env.now
        yield env.timeout(max(0.0, min(end, arrival) - begin))
        clock = clock + (env.now - begin) * speed if running else 0.0
        came = None
        if end <= arrival:
            answered(heapq.heappop(running)[1])
            if queue:
                came = queue.pop(0)
        else:
            arrival = env.now + random.expovariate(rate)
            if len(running) < workers:
                came = env.now
            else:
                queue.append(env.now)
        if came is not None:
            heapq.heappush(running, (clock + random.expovariate(1.0), came))


def ciw_model(name, requests):
    import ciw

    exponential = ciw.dists.Exponential
    if name in OPEN:
        workers, rate = OPEN[name]
        network = ciw.create_network(
            arrival_distributions=[exponential(rate)],
            service_distributions=[exponential(1.0)],
            number_of_servers=[workers],
        )
    elif name == "closed":
        # The clients think at a node of as many servers: all are there before time 1.
        first = ciw.dists.Sequential([0.001] + [float("inf")])
        network = ciw.create_network(
            arrival_distributions=[first, None],
            batching_distributions=[ciw.dists.Deterministic(100), None],
            service_distributions=[exponential(10.0), exponential(1.0)],
            routing=[[0.0, 1.0], [1.0, 0.0]],
            number_of_servers=[8, float("inf")],
        )
    else:
        network = ciw.create_network(
            arrival_distributions=[exponential(3.2)],
            service_distributions=[exponential(1.0)],
            number_of_servers=[16],
            ps_thresholds=[4],
        )
    ciw.seed(1)
    node = ciw.PSNode if name == "sharing" else ciw.Node
    simulation = ciw.Simulation(network, node_class=node)
    if name == "closed":
        simulation.simulate_until_max_time(requests / 79.2)
        records = [r for r in simulation.get_all_records() if r.node == 1]
    else:
        simulation.simulate_until_max_customers(requests, method="Finish")
        records = simulation.get_all_records()
    return sum(r.exit_date - r.arrival_date for r in records) / len(records)


def main():
    _, peer, name, requests = sys.argv
    random.seed(1)
    begin = time.process_time()
    mean = {"simpy": simpy_model, "ciw": ciw_model}[peer](name, int(requests))
    each = (time.process_time() - begin) / int(requests) * 1e9
    print(requests, mean, each)


main()
