"""The types of events a customer can be told of. Public names: never renamed, only added to."""

ALL = "*"  # in an endpoint's list: every type, those of later versions too

EVENT_TYPES = (
    "fine_tuning.job.succeeded",
    "fine_tuning.job.failed",
    "fine_tuning.job.cancelled",
    "compression.job.succeeded",
    "compression.job.failed",
    "compression.job.cancelled",
    "pretraining.job.succeeded",
    "pretraining.job.failed",
    "pretraining.job.cancelled",
    "evaluation.job.succeeded",
    "evaluation.job.failed",
    "evaluation.job.cancelled",
    "model.ready",
    "dataset.ready",
    "dataset.rejected",
    "endpoint.released",
    "endpoint.rolled_back",
    "batch.completed",
    "alert.opened",
    "alert.closed",
    "loop.proposed",
    "loop.promoted",
    "loop.rejected",
    "usage.threshold_reached",
    "webhook_endpoint.disabled",
)
