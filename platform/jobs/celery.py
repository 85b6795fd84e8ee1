"""The Celery object. Messages are hints: lost, doubled or late, nothing breaks, since the job's row is the queue.

`celery -A jobs.celery worker -I workers.gpu -Q gpu -P threads -c 1`
"""

import os

import django
from celery import Celery

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
django.setup()

from django.conf import settings  # noqa: E402  (settings exist only now)

HINT = "jobs.wake"
SOCKETS = {"socket_timeout": 5, "socket_connect_timeout": 3, "socket_keepalive": True, "health_check_interval": 10}

app = Celery("landfall", broker=settings.REDIS_URL)
app.conf.update(
    task_ignore_result=True,  # the row holds the result
    task_acks_late=False,  # the lease owns recovery; late acks re-run live jobs (celery#5935)
    task_reject_on_worker_lost=False,
    task_create_missing_queues=True,
    worker_prefetch_multiplier=1,
    worker_disable_prefetch=True,  # the default holds jobs behind a long one
    worker_hijack_root_logger=False,
    worker_send_task_events=False,
    worker_enable_remote_control=False,  # order and cancellation live in the database
    worker_cancel_long_running_tasks_on_connection_loss=False,
    broker_connection_retry_on_startup=True,
    broker_connection_max_retries=None,
    broker_transport_options={**SOCKETS, "visibility_timeout": 3_600},
    accept_content=["json"],
    task_serializer="json",
    task_soft_time_limit=None,  # limits belong to the child's supervisor
)
