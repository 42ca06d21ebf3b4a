"""The application of the other Python servers: as WSGI that of real-gunicorn, as ASGI the same with
sleeps that leave the loop free, and as `def` endpoints the same in threads beside the loop."""

import asyncio
import os
import sys
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent / "real-gunicorn"))
from app import app, compute  # noqa: E402,F401  (the WSGI application)


async def loop(scope, receive, send):
    """All in the loop, as `async def` endpoints."""
    if scope["type"] != "http":
        return
    began = time.monotonic()
    for phase in scope["path"].split("/"):
        kind, _, seconds = phase.partition(":")
        if kind == "cpu":
            compute(float(seconds))
        elif kind == "io":
            await asyncio.sleep(float(seconds))
    await answer(send, began)


async def threads(scope, receive, send):
    """In one of anyio's 40 threads, as `def` endpoints of FastAPI."""
    import anyio.to_thread

    if scope["type"] != "http":
        return
    began = await anyio.to_thread.run_sync(work, scope["path"])
    await answer(send, began)


def work(path):
    began = time.monotonic()
    for phase in path.split("/"):
        kind, _, seconds = phase.partition(":")
        if kind == "cpu":
            compute(float(seconds))
        elif kind == "io":
            time.sleep(float(seconds))
    return began


async def answer(send, began):
    body = b"done\n"
    headers = [
        (b"content-type", b"text/plain"),
        (b"content-length", str(len(body)).encode()),
        (b"x-process", str(os.getpid()).encode()),
        (b"x-began", f"{began:.6f}".encode()),
        (b"x-ended", f"{time.monotonic():.6f}".encode()),
    ]
    await send({"type": "http.response.start", "status": 200, "headers": headers})
    await send({"type": "http.response.body", "body": body})
