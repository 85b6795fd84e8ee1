"""Reads data sets: `celery -A jobs.celery worker -I workers.cpu -Q cpu -P threads -c 2`."""

from jobs.celery import app
from workers.waking import listen

listen(app, "cpu")
