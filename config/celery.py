"""The Celery application: the doorbell, never the queue (the rows in the database are the queue)."""

import os

import kombu.transport
from celery import Celery

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")

# Our own files instead of kombu's, which a worker can read half-written: config.broker.
kombu.transport.TRANSPORT_ALIASES["filesystem"] = "config.broker:Transport"
app = Celery("wanamaker")
app.config_from_object("django.conf:settings", namespace="CELERY")
app.autodiscover_tasks()
