"""Trained models: listed, described by their report, deleted."""

from functools import partial

from django.db import transaction
from django.db.models import ProtectedError, QuerySet

from api.errors import Conflict, NotFound
from storage import blobs
from tenants import audit
from training.models import Model

REPORTS = {"json": "metrics.json", "html": "report.html"}


def listed() -> QuerySet[Model]:
    rows: QuerySet[Model] = Model.objects.all()
    return rows


def get(key: str) -> Model:
    """Raises `NotFound` for an absent or foreign id."""
    row: Model | None = Model.objects.filter(id=key).first()
    if row is None:
        raise NotFound("model", key)
    return row


def report(model: Model, *, form: str) -> bytes:
    """The evaluation as `json` or as one self-contained `html` page."""
    return blobs.get(model.prefix + REPORTS[form])


def delete(*, by: str, key: str) -> None:
    """Refused while an endpoint has the model among its releases."""
    model = get(key)
    try:
        model.delete()
    except ProtectedError as error:
        message = f"An endpoint has released the model {model.id}; delete the endpoint first."
        raise Conflict("model_in_use", message, param="id") from error
    audit.record(by=by, action="model.deleted", target=key)
    transaction.on_commit(partial(blobs.delete_folder, model.prefix), robust=True)
