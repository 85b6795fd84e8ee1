"""A customer's ML task: kind, labels and the metric that decides. It outlives data sets and models."""

from django.db import models

from contracts import ids
from contracts.codec import from_data
from contracts.decision import Decision
from contracts.task import TaskSpec
from tenants.scoping import TenantForeignKey, TenantModel


def _id() -> str:
    return ids.new("task")


class Task(TenantModel):
    id = models.CharField(primary_key=True, max_length=ids.LENGTH, default=_id, editable=False)
    name = models.CharField(max_length=100)
    type = models.CharField(max_length=40)
    form = models.CharField(max_length=40)  # of the kind, as the data set's rows are written
    dataset = TenantForeignKey("training.Dataset", models.PROTECT, related_name="tasks")
    labels = models.JSONField(default=list)  # ordered: positions are class indices
    metric = models.CharField(max_length=40)
    decision = models.JSONField(default=dict)  # `contracts.decision.Decision`; empty: the most probable label
    livemode = models.BooleanField(default=True)
    metadata = models.JSONField(default=dict)
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        indexes = [models.Index(fields=["tenant", "-id"], name="task_newest_first")]

    def __str__(self) -> str:
        return self.name

    @property
    def decided(self) -> Decision:
        return from_data(self.decision, Decision)

    @property
    def spec(self) -> TaskSpec:
        return TaskSpec(
            kind=self.type, form=self.form, labels=tuple(self.labels), metric=self.metric, decision=self.decided
        )
