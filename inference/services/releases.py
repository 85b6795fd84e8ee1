"""What answers behind an endpoint changes by moving one pointer, in one transaction, under the endpoint's row lock."""

from django.db.models import Max, QuerySet

from api.errors import Conflict, NotFound
from contracts.task import SERVED
from inference.models import Endpoint, Release
from inference.services import endpoints, trained
from tenants import audit
from webhooks.services.events import emit


class KindMismatch(Conflict):
    def __init__(self, endpoint: Endpoint, model: trained.Trained) -> None:
        message = (
            f"The endpoint '{endpoint.name}' answers {endpoint.task_kind} ({endpoint.task_form}); the model "
            f"{model.id} is for {model.task_kind} ({model.task.form}). Release it to another endpoint."
        )
        super().__init__("kind_mismatch", message, param="model")


class NotServed(Conflict):
    def __init__(self, model: trained.Trained) -> None:
        message = f"Models for {model.task_kind} ({model.task.form}) are trained and downloaded, not served here."
        super().__init__("task_not_served", message, param="model")


class OnlyABase(Conflict):
    def __init__(self, model: trained.Trained) -> None:
        message = (
            f"The model {model.id} is a base for others and answers nothing itself. Fine-tune it for a task first."
        )
        super().__init__("base_model_not_served", message, param="model")


class NothingToRollBackTo(Conflict):
    def __init__(self, endpoint: Endpoint) -> None:
        message = f"Nothing answered at the endpoint '{endpoint.name}' before; there is nothing to roll back to."
        super().__init__("nothing_to_roll_back_to", message, param="id")


def release(*, by: str, endpoint: Endpoint, model: str) -> Release:
    """The model with this id answers from the commit on, in a tenant context.

    Raises `NoSuchModel`, `OnlyABase`, `KindMismatch`, `NotServed`.
    """
    locked, found = _locked(endpoint), trained.held(model)
    if found.task is None:
        raise OnlyABase(found)
    if locked.task_kind and (locked.task_kind, locked.task_form) != (found.task_kind, found.task.form):
        raise KindMismatch(locked, found)
    if (found.task_kind, found.task.form) not in SERVED:
        raise NotServed(found)
    newest = locked.releases.aggregate(newest=Max("number"))["newest"] or 0
    made = Release.objects.create(
        endpoint=locked, model_id=found.id, number=newest + 1, replaced=locked.release, created_by=by
    )
    locked.task_kind, locked.task_form = found.task_kind, found.task.form
    _switch(locked, made)
    _tell(locked, made, by=by, event="endpoint.released")
    return made


def deploy(*, by: str, name: str, model: str, livemode: bool = True) -> Endpoint:
    """Releases to the endpoint of that name, which is made where it is missing. Raises what its two steps raise."""
    endpoint, _ = endpoints.find_or_create(by=by, name=name, livemode=livemode)
    release(by=by, endpoint=endpoint, model=model)
    return endpoints.find(endpoint.id)


def rollback(*, by: str, endpoint: Endpoint) -> Release:
    """What answered before the current release answers again. Raises `NothingToRollBackTo`. Needs a tenant context."""
    locked = _locked(endpoint)
    current = locked.release
    if current is None or current.replaced is None:
        raise NothingToRollBackTo(locked)
    before: Release = current.replaced
    _switch(locked, before)
    _tell(locked, before, by=by, event="endpoint.rolled_back", rolled_back=current.id)
    return before


def listed(endpoint: Endpoint) -> QuerySet[Release]:
    rows: QuerySet[Release] = Release.objects.filter(endpoint=endpoint)
    return rows


def _locked(endpoint: Endpoint) -> Endpoint:
    """The row as it is now, kept from other switches until the transaction ends."""
    row: Endpoint | None = Endpoint.objects.select_for_update().filter(id=endpoint.id).first()
    if row is None:
        raise NotFound("endpoint", endpoint.id)
    return row


def _switch(endpoint: Endpoint, to: Release) -> None:
    endpoint.release = to
    endpoint.save(update_fields=["release", "task_kind", "task_form"])


def _tell(endpoint: Endpoint, now: Release, *, by: str, event: str, **more: str) -> None:
    data = {"release": now.id, "number": now.number, "model": now.model_id, **more}
    audit.record(by=by, action=event, target=endpoint.id, **data)
    emit(type=event, data={"id": endpoint.id, "name": endpoint.name, **data}, livemode=endpoint.livemode)
