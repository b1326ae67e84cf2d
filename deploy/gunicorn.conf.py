"""How gunicorn serves the site; read by gunicorn, see deploy/Procfile."""

import gc
import os
import sys

bind = f"{os.environ.get('HOST') or '127.0.0.1'}:{os.environ.get('PORT', '8000')}"
certfile = os.environ.get("TLS_CERTIFICATE")
keyfile = os.environ.get("TLS_KEY")
worker_class = "gthread"
workers = int(os.environ.get("WEB_PROCESSES", "4"))
threads = int(os.environ.get("WEB_THREADS", "2"))
# Loaded once, before the workers are forked: half the start-up time, and the memory is shared.
preload_app = True
timeout = 60
graceful_timeout = 10
keepalive = 5
loglevel = "warning"
# The control socket would be one more file that a second instance finds in its way.
control_socket_disable = True


def when_ready(server: object) -> None:
    """Say where the site is: the application is loaded and the port is open."""
    gc.freeze()  # what is loaded stays: nobody need look through it for what can be thrown away
    print(os.environ.get("READY_MESSAGE", f"Listening on {bind}"), flush=True)


def post_fork(server: object, worker: object) -> None:
    """Give each worker its own database connections: two processes must not talk on one."""
    from django.db import connections

    connections.close_all()
    # Threads take turns each half millisecond, not each five: who holds the database's lock is not to wait for one that
    # draws a page.
    sys.setswitchinterval(0.0005)
