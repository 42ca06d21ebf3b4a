"""Gunicorn's configuration is Python: simple lines are read, others are told."""
import os

bind = "0.0.0.0:8000"
workers = 4
worker_class = "gthread"
threads = 8  # per worker
timeout = 60
max_requests = 1_000
preload_app = True
keepalive = 5


def when_ready(server):
    pass
