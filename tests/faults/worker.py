"""A real worker for tests: `celery -A jobs.celery worker -I tests.faults.worker`, with the counting kind added."""

from jobs.celery import app
from tests.jobs.counting import HANDLERS, QUEUE
from workers import waking, wiring

wiring.HANDLERS.update(HANDLERS)
waking.listen(app, QUEUE)
