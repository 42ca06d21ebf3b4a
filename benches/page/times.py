#!/usr/bin/env python3
"""How long the page takes: the first picture, the refinement, a map of 200 cells. Needs a build of simsrv
and, for the times inside a browser, chromedriver (.ci/browser installs it).

    cargo build --release --locked && benches/page/times.py target/release/simsrv
"""

import json
import subprocess
import sys
import time
import urllib.parse
import urllib.request

SERVER = sys.argv[1] if len(sys.argv) > 1 else "target/release/simsrv"
RUNS = 5
MAP = {"workers": "1..20", "cores": "1..10", "cpu": "exp(20ms)", "io": "exp(60ms)", "rate": "100/s"}


def get(url, body=None):
    data = None if body is None else json.dumps(body).encode()
    with urllib.request.urlopen(urllib.request.Request(url, data), timeout=120) as answer:
        return json.load(answer)


def timed(work):
    """Milliseconds of the middle one of several runs, and what the last one gave."""
    times = []
    for _ in range(RUNS):
        before = time.perf_counter()
        result = work()
        times.append((time.perf_counter() - before) * 1e3)
    return sorted(times)[RUNS // 2], result


def over_http(port, presets):
    ask = lambda path, options, **more: get(
        f"http://localhost:{port}/api/{path}?" + urllib.parse.urlencode({**options, **more}))
    print(f"{'over HTTP':<32} {'first stage':>12} {'last stage':>12}")
    for preset in presets:
        options = dict(preset["options"])
        first, _ = timed(lambda: ask("answer", options, _stage=0))
        before = time.perf_counter()
        ask("answer", options, _stage=2)
        last = (time.perf_counter() - before) * 1e3
        print(f"{preset['name']:<32} {first:9.0f} ms {last:9.0f} ms", flush=True)
    taken, map_ = timed(lambda: ask("map", MAP, _stage=1))
    print(f"{'map of ' + str(len(map_['cells'])) + ' cells':<32} {taken:9.0f} ms", flush=True)


def in_a_browser(port, presets):
    driver = subprocess.Popen(["chromedriver", "--port=9515"], stdout=subprocess.DEVNULL)
    try:
        time.sleep(1)
        options = {"goog:chromeOptions": {"args": ["--headless", "--no-sandbox", "--disable-gpu"]}}
        base = "http://localhost:9515/session"
        session = get(base, {"capabilities": {"alwaysMatch": options}})["value"]["sessionId"]
        run = lambda script: get(f"{base}/{session}/execute/sync", {"script": script, "args": []})["value"]
        print(f"\n{'in the browser':<32} {'first picture':>24} {'refined':>12}")
        def opened(preset, *states):
            """Opens the page with a preset and waits until it is in one of these states."""
            query = urllib.parse.urlencode(dict(preset["options"]))
            get(f"{base}/{session}/url", {"url": "about:blank"})
            get(f"{base}/{session}/url", {"url": f"http://localhost:{port}/?{query}"})
            while run("return document.body.dataset.state") not in states:
                time.sleep(0.02)

        taken = lambda name: run(f"return performance.getEntriesByName('{name}')[0].duration")
        for preset in presets:
            firsts = []
            for _ in range(RUNS):
                opened(preset, "refining", "done")
                firsts.append(taken("first picture"))
            opened(preset, "done")
            first = f"{sorted(firsts)[RUNS // 2]:4.0f} ({min(firsts):.0f} to {max(firsts):.0f}) ms"
            print(f"{preset['name']:<32} {first:>24} {taken('refined'):9.0f} ms", flush=True)
    finally:
        driver.terminate()


def main():
    page = subprocess.Popen([SERVER, "serve", "--port", "0"], stdout=subprocess.PIPE, text=True)
    try:
        line = page.stdout.readline()
        port = "".join(c for c in line.split("0.1:", 1)[1].split("/")[0] if c.isdigit())
        with urllib.request.urlopen(f"http://localhost:{port}/") as answer:
            text = answer.read().decode()
        known = text.split('id="known"', 1)[1].split(">", 1)[1].split("</script>")[0]
        presets = json.loads(known)["presets"]
        over_http(port, presets)
        try:
            in_a_browser(port, presets)
        except FileNotFoundError:
            print("no chromedriver: .ci/browser installs it")
    finally:
        page.terminate()


main()
