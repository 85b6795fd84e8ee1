"""Trains models: `celery -A jobs.celery worker -I workers.gpu -Q gpu -P threads -c 1`.

One job at a time a card; the heavy work is in a child process, so that this one stays small and reaches no torch.
"""

from jobs.celery import app
from workers.waking import listen

listen(app, "gpu")
