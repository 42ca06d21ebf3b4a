"""The load generator: sends each request when its time has come, whatever became of those before
it, over a new connection, and notes when the answer was complete.

One thread and one epoll. Times are seconds since the beginning, on CLOCK_MONOTONIC. A response
time counts from the instant at which the request was *to be* sent, so that a generator that is
held up hides nothing; how late it was is told too (`lag`).
"""

import errno
import gc
import heapq
import os
import select
import socket
import time

COLUMNS = (
    "request,client,phases,scheduled_s,sent_s,started_s,finished_s,done_s,status,error,worker"
)


class Request:
    """One request on its way, and what is noted of it."""

    __slots__ = ("socket", "line", "client", "phases", "scheduled", "sent", "done", "status",
                 "error", "heard", "connected")

    def __init__(self, line, client, phases, scheduled):
        self.line, self.client, self.phases, self.scheduled = line, client, phases, scheduled
        self.socket, self.sent, self.done = None, None, None
        self.status, self.error, self.heard, self.connected = 0, "", b"", False

    def head(self, name):
        """The value of a header of the answer, if it came."""
        head, _, _ = self.heard.partition(b"\r\n\r\n")
        for line in head.split(b"\r\n")[1:]:
            key, _, value = line.partition(b":")
            if key.strip().lower() == name:
                return value.strip().decode()
        return ""

    def complete(self):
        """Whether the whole answer is there."""
        head, end, body = self.heard.partition(b"\r\n\r\n")
        length = self.head(b"content-length")
        return bool(end) and length.isdigit() and len(body) >= int(length)


class Load:
    """Requests that are due, and those under way."""

    def __init__(self, port, due, phases, patience, after=None):
        """`due`: (time, line, client) of the first requests; `phases`: those of each line;
        `after(client, now)`: the next (time, line) of a client that has its answer, or None."""
        self.port, self.due, self.phases, self.patience = port, list(due), phases, patience
        self.after = after or (lambda client, now: None)
        self.epoll = select.epoll()
        self.flying, self.finished = {}, []
        self.begin = 0.0
        heapq.heapify(self.due)

    def now(self):
        return time.monotonic() - self.begin

    def run(self):
        """Sends everything; the requests, by line."""
        gc.collect()
        gc.disable()
        self.begin = time.monotonic() + 0.05
        while self.due or self.flying:
            now = self.now()
            while self.due and self.due[0][0] <= now:
                scheduled, line, client = heapq.heappop(self.due)
                self.send(Request(line, client, self.phases[line], scheduled))
            wait = self.due[0][0] - self.now() if self.due else 0.25
            # epoll's own timeout counts milliseconds; that of select microseconds.
            if wait <= 0 or select.select([self.epoll], [], [], min(wait, 0.25))[0]:
                for number, _ in self.epoll.poll(0):
                    self.go_on(self.flying[number])
            self.give_up()
        gc.enable()
        return sorted(self.finished, key=lambda request: request.line)

    def send(self, request):
        request.socket = socket.socket()
        request.socket.setblocking(False)
        request.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        request.sent = self.now()
        failed = request.socket.connect_ex(("127.0.0.1", self.port))
        self.flying[request.socket.fileno()] = request
        self.epoll.register(request.socket, select.EPOLLOUT)
        if failed not in (0, errno.EINPROGRESS):
            self.end(request, os.strerror(failed))

    def go_on(self, request):
        try:
            if not request.connected:
                failed = request.socket.getsockopt(socket.SOL_SOCKET, socket.SO_ERROR)
                if failed:
                    return self.end(request, os.strerror(failed))
                request.connected = True
                path = "/" + request.phases.replace(" ", "/")
                text = f"GET {path} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n"
                request.socket.send(text.encode())
                return self.epoll.modify(request.socket, select.EPOLLIN)
            heard = request.socket.recv(65536)
        except BlockingIOError:
            return None
        except OSError as error:
            return self.end(request, os.strerror(error.errno))
        request.heard += heard
        if request.complete():
            request.status = int(request.heard.split(None, 2)[1])
            return self.end(request, "")
        return None if heard else self.end(request, "closed without an answer")

    def end(self, request, error):
        """The answer is there, or there will be none. Closes at once: Gunicorn waits for it."""
        request.done, request.error = self.now(), error
        del self.flying[request.socket.fileno()]
        self.epoll.unregister(request.socket)
        request.socket.close()
        self.finished.append(request)
        following = self.after(request.client, request.done)
        if following:
            heapq.heappush(self.due, (*following, request.client))
        return None

    def give_up(self):
        if self.flying:
            first = next(iter(self.flying.values()))
            if first.sent + self.patience < self.now():
                self.end(first, "no answer in time")


def open_load(port, schedule, patience=180.0):
    """Requests at given times: `schedule` has (time, phases)."""
    due = [(at, line, 0) for line, (at, _) in enumerate(schedule)]
    return Load(port, due, [phases for _, phases in schedule], patience)


def closed_load(port, script, clients, until, patience=180.0):
    """Clients that wait for each answer, think, and send the next line of the script, whoever
    comes first: `script` has (think time, phases)."""
    due = [(script[client][0], client, client) for client in range(clients)]
    rest = iter(range(clients, len(script)))

    def after(_client, now):
        line = next(rest, None) if now < until else None
        if line is None or now + script[line][0] >= until:
            return None
        return now + script[line][0], line

    due = [entry for entry in due if entry[0] < until]
    return Load(port, due, [phases for _, phases in script], patience, after)


def rows(load, requests):
    """The lines of a recording; processes are numbered in the order of their first answer."""
    numbers = {}
    yield COLUMNS
    for of in requests:
        process, began, ended = (of.head(name) for name in (b"x-process", b"x-began", b"x-ended"))
        worker = numbers.setdefault(process, len(numbers)) if process else ""
        began, ended = (f"{float(t) - load.begin:.6f}" if t else "" for t in (began, ended))
        yield (
            f"{of.line},{of.client},{of.phases},{of.scheduled:.6f},{of.sent:.6f},{began},{ended},"
            f"{of.done:.6f},{of.status},{of.error},{worker}"
        )


def lags(requests):
    """By how much requests were sent late, in ms: the mean, the 99th percentile, the most."""
    late = sorted(1000 * (of.sent - of.scheduled) for of in requests)
    return sum(late) / len(late), late[int(0.99 * (len(late) - 1))], late[-1]
