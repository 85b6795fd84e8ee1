"""One piece of work that takes time: its state, whose turn it is, how far it came and how it ended."""

from django.db import models
from django.db.models import Q
from django.db.models.functions import Now, Right

from contracts import ids
from tenants.scoping import TenantModel


class State(models.TextChoices):
    """OpenAI's words for the same states, and one of ours."""

    VALIDATING = "validating_files"
    HELD = "held"
    QUEUED = "queued"
    RUNNING = "running"
    PAUSED = "paused"
    SUCCEEDED = "succeeded"
    FAILED = "failed"
    CANCELLED = "cancelled"


UNADMITTED = (State.VALIDATING, State.HELD)
WAITING = (*UNADMITTED, State.QUEUED)
TERMINAL = (State.SUCCEEDED, State.FAILED, State.CANCELLED)

# Every legal move; a trigger holds the database to it (migration 0005).
MOVES = frozenset(
    {
        (State.VALIDATING, State.QUEUED),  # admitted: what it waited for is there
        (State.VALIDATING, State.PAUSED),  # admitted, and told to rest before that
        (State.VALIDATING, State.FAILED),  # refused: it never will be
        (State.VALIDATING, State.CANCELLED),
        (State.VALIDATING, State.HELD),  # until jobs of its own have ended
        (State.HELD, State.QUEUED),  # admitted
        (State.HELD, State.PAUSED),  # admitted, and told to rest before that
        (State.HELD, State.FAILED),  # refused
        (State.HELD, State.CANCELLED),
        (State.QUEUED, State.RUNNING),  # claimed: the attempt's number grows by one, a lease begins
        (State.QUEUED, State.PAUSED),
        (State.QUEUED, State.CANCELLED),
        (State.RUNNING, State.QUEUED),  # released, to be tried again, or the lease ran out
        (State.RUNNING, State.PAUSED),  # released as asked for, or because the lease ran out after that
        (State.RUNNING, State.SUCCEEDED),
        (State.RUNNING, State.FAILED),
        (State.RUNNING, State.CANCELLED),
        (State.PAUSED, State.QUEUED),  # resumed
        (State.PAUSED, State.CANCELLED),
    }
)
MOMENT = Right("id", ids.ULID_LENGTH)  # of creation: sorts jobs of all kinds, whatever their ids begin with


def both_or_neither(name: str, left: Q, right: Q) -> models.CheckConstraint:
    return models.CheckConstraint(condition=(left & right) | (~left & ~right), name=name)


class Job(TenantModel):
    """The row is the queue.

        submit --> validating_files --admit--> queued --claim--> running --+--> succeeded
                      |   |                     |  ^               |      +--> failed
                      |   +-- refuse --> failed |  +- release, ----+      +--> cancelled
                      |                         |     try again
                      +-------- cancel ---------+--> cancelled

    Before it is admitted a job may be `held`: it occupies no worker while jobs of its own are at work for it. Whatever
    waits or runs may be paused, and rests until it is resumed (to queued) or cancelled.

    `attempt` counts claims and never repeats: with the state it is the fence that a stale worker fails at, and part of
    every object key. `charged` counts the attempts held against the job: one that a deploy released is not.
    `not_before` delays another try. `cancel_requested` on a running job decides that it ends cancelled, whatever its
    worker does next. `pause_requested` turns the next move to queued into one to paused; an end that comes first, or a
    cancel, wins. `error` is for the customer, `internal_error` for staff alone.
    """

    State = State

    id = models.CharField(primary_key=True, max_length=ids.LENGTH, editable=False)
    kind = models.CharField(max_length=40)
    queue = models.CharField(max_length=10)
    state = models.CharField(max_length=20, choices=State.choices, default=State.QUEUED)
    spec = models.JSONField()

    attempt = models.PositiveIntegerField(default=0)
    charged = models.PositiveIntegerField(default=0)
    not_before = models.DateTimeField(db_default=Now())
    claimed_at = models.DateTimeField(null=True)
    lease_until = models.DateTimeField(null=True)
    worker = models.CharField(max_length=100, blank=True)  # who claimed it last
    cancel_requested = models.BooleanField(default=False)
    pause_requested = models.BooleanField(default=False)
    paused_at = models.DateTimeField(null=True)

    checkpoint = models.CharField(max_length=200, blank=True)  # folder in the object store; empty: none yet
    checkpoint_step = models.PositiveIntegerField(null=True)
    progress = models.JSONField(null=True)  # the newest `contracts.child.Progress`
    summary = models.JSONField(null=True)
    error = models.JSONField(null=True)  # code, message, param, errors
    internal_error = models.TextField(blank=True)
    event_count = models.PositiveIntegerField(default=0)  # the number of the newest event

    livemode = models.BooleanField(default=True)
    metadata = models.JSONField(default=dict)
    created_by = models.CharField(max_length=60)  # the audit log's actor
    created_at = models.DateTimeField(db_default=Now())
    started_at = models.DateTimeField(null=True)
    finished_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            both_or_neither("job_running_has_lease", Q(state=State.RUNNING), Q(lease_until__isnull=False)),
            both_or_neither("job_paused_has_moment", Q(state=State.PAUSED), Q(paused_at__isnull=False)),
            both_or_neither("job_terminal_has_end", Q(state__in=TERMINAL), Q(finished_at__isnull=False)),
            both_or_neither("job_failed_has_error", Q(state=State.FAILED), Q(error__isnull=False)),
            both_or_neither("job_succeeded_has_summary", Q(state=State.SUCCEEDED), Q(summary__isnull=False)),
            both_or_neither("job_checkpoint_has_step", ~Q(checkpoint=""), Q(checkpoint_step__isnull=False)),
            models.CheckConstraint(
                condition=Q(state=State.RUNNING)
                | (Q(state=State.CANCELLED) & Q(cancel_requested=True))
                | (~Q(state=State.CANCELLED) & Q(cancel_requested=False)),
                name="job_cancel_wins_or_loses",
            ),
            models.CheckConstraint(
                condition=Q(pause_requested=False) | Q(state__in=(*UNADMITTED, State.RUNNING), cancel_requested=False),
                name="job_pause_is_asked_of_work",
            ),
        ]
        indexes = [
            models.Index(fields=["tenant", "-id"], name="job_newest_first"),
            models.Index(models.F("tenant"), MOMENT.desc(), name="job_newest_of_all"),
            models.Index(fields=["queue", "tenant", "id"], name="job_waiting", condition=Q(state=State.QUEUED)),
            models.Index(fields=["queue", "tenant"], name="job_running", condition=Q(state=State.RUNNING)),
            models.Index(fields=["queue", "tenant", "claimed_at"], name="job_last_turn"),
            models.Index(fields=["tenant"], name="job_held", condition=Q(state=State.HELD)),
            models.Index(fields=["lease_until"], name="job_lease", condition=Q(state=State.RUNNING)),
            models.Index(
                fields=["finished_at"],
                name="job_left_checkpoint",
                condition=Q(finished_at__isnull=False) & ~Q(checkpoint=""),
            ),
            models.Index(fields=["paused_at"], name="job_paused", condition=Q(state=State.PAUSED)),
        ]

    def __str__(self) -> str:
        return f"{self.id} ({self.state})"
