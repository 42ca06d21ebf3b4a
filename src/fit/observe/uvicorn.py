# simsrv observe uvicorn: CPU and wall time of every request, for 'simsrv fit'.
# Save this as observed.py and wrap the application: app = Observed(app). The CPU is
# that of the request's own coroutine between its awaits; threads and tasks that it
# starts are not counted.
import os
import time


class Steps:
    """Runs a coroutine step by step and adds up the CPU of its steps."""

    def __init__(self, coroutine):
        self.coroutine, self.cpu = coroutine, 0.0

    def __await__(self):
        steps = self.coroutine.__await__()
        step, argument = steps.send, None
        while True:
            begin = time.thread_time()
            try:
                waits = step(argument)
            except StopIteration as end:
                return end.value
            finally:
                self.cpu += time.thread_time() - begin
            try:
                step, argument = steps.send, (yield waits)
            except BaseException as error:
                step, argument = steps.throw, error


class Observed:
    def __init__(self, app, path="observed.log"):
        self.app, self.path, self.log = app, path, None

    async def __call__(self, scope, receive, send):
        if scope["type"] != "http":
            return await self.app(scope, receive, send)
        status = [500]

        async def seen(message):
            if message["type"] == "http.response.start":
                status[0] = message["status"]
            await send(message)

        begin, steps = time.time(), Steps(self.app(scope, receive, seen))
        try:
            return await steps
        finally:
            self.write(scope, status[0], begin, time.time(), steps.cpu)

    def write(self, scope, status, begin, end, cpu):
        if self.log is None:
            self.log = open(self.path, "a", buffering=1)
        headers = dict(scope["headers"])
        came = headers.get(b"x-request-start", b"-").decode("latin-1").replace(" ", "")
        stamp = time.strftime("%d/%b/%Y:%H:%M:%S +0000", time.gmtime(end))
        path = scope.get("raw_path", b"/").decode("latin-1").replace('"', "%22")
        self.log.write(
            f'- - - [{stamp}] "{scope["method"]} {path} HTTP/1.1" {status} - "-" "-" '
            f"D={(end - begin) * 1e6:.0f} pid=<{os.getpid()}> cpu_us={cpu * 1e6:.0f} "
            f"msec={end:.6f} xrs={came}\n"
        )
