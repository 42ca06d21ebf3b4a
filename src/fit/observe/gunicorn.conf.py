# simsrv observe gunicorn: CPU and wall time of every request, for 'simsrv fit'.
# Put this into gunicorn.conf.py. Right for the classes sync and gthread, where one
# thread has one request at a time; with gevent the CPU of others is in it.
import time

from gunicorn.glogging import Logger

accesslog = "observed.log"
access_log_format = (
    '%(h)s %(l)s %(u)s %(t)s "%(r)s" %(s)s %(b)s "%(f)s" "%(a)s" '
    "D=%(D)s pid=%(p)s cpu_us=%(cpu)s msec=%(ended)s xrs=%({x-request-start}i)s"
)


class Observed(Logger):
    def atoms(self, resp, req, environ, request_time):
        atoms = super().atoms(resp, req, environ, request_time)
        cpu = time.thread_time() - getattr(req, "cpu_before", time.thread_time())
        atoms["cpu"] = int(cpu * 1e6)
        atoms["ended"] = "%.6f" % time.time()
        return atoms


logger_class = Observed


def pre_request(worker, req):
    req.cpu_before = time.thread_time()
