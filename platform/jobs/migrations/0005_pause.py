"""A job may rest: paused by its owner, resumed by its owner."""

from django.db import migrations, models
from django.db.models import Q

TERMINAL = ("succeeded", "failed", "cancelled")
STATES = [
    ("validating_files", "Validating"), ("held", "Held"), ("queued", "Queued"), ("running", "Running"),
    ("paused", "Paused"), ("succeeded", "Succeeded"), ("failed", "Failed"), ("cancelled", "Cancelled"),
]  # fmt: skip

# `jobs.models.job.MOVES`, frozen; a test compares them.
LAWFUL = """
CREATE OR REPLACE FUNCTION landfall_job_moves() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'INSERT' THEN
        IF NEW.state NOT IN ('validating_files', 'queued') OR NEW.attempt <> 0 THEN
            RAISE EXCEPTION 'a job begins waiting' USING ERRCODE = 'check_violation';
        END IF;
        RETURN NEW;
    END IF;
    IF NEW.state <> OLD.state AND (OLD.state || '>' || NEW.state) NOT IN (
        'validating_files>queued', 'validating_files>paused', 'validating_files>failed', 'validating_files>cancelled',
        'validating_files>held', 'held>queued', 'held>paused', 'held>failed', 'held>cancelled',
        'queued>running', 'queued>paused', 'queued>cancelled',
        'running>queued', 'running>paused', 'running>succeeded', 'running>failed', 'running>cancelled',
        'paused>queued', 'paused>cancelled'
    ) THEN
        RAISE EXCEPTION 'a job cannot go from % to %', OLD.state, NEW.state USING ERRCODE = 'check_violation';
    END IF;
    IF NEW.attempt <> OLD.attempt + (OLD.state = 'queued' AND NEW.state = 'running')::int THEN
        RAISE EXCEPTION 'only a claim counts an attempt' USING ERRCODE = 'check_violation';
    END IF;
    IF (NEW.id, NEW.tenant_id, NEW.kind) <> (OLD.id, OLD.tenant_id, OLD.kind) THEN
        RAISE EXCEPTION 'a job stays what it is' USING ERRCODE = 'check_violation';
    END IF;
    RETURN NEW;
END $$;
"""


class Migration(migrations.Migration):
    dependencies = [("jobs", "0004_held")]

    operations = [
        migrations.AlterField("job", "state", models.CharField(choices=STATES, default="queued", max_length=20)),
        migrations.AddField("job", "pause_requested", models.BooleanField(default=False)),
        migrations.AddField("job", "paused_at", models.DateTimeField(null=True)),
        migrations.AddConstraint(
            "job",
            models.CheckConstraint(
                condition=(Q(state="paused") & Q(paused_at__isnull=False))
                | (~Q(state="paused") & ~Q(paused_at__isnull=False)),
                name="job_paused_has_moment",
            ),
        ),
        migrations.AddConstraint(
            "job",
            models.CheckConstraint(
                condition=Q(pause_requested=False)
                | Q(state__in=("validating_files", "held", "running"), cancel_requested=False),
                name="job_pause_is_asked_of_work",
            ),
        ),
        migrations.AddIndex(
            "job", models.Index(fields=["paused_at"], name="job_paused", condition=Q(state="paused"))
        ),
        migrations.AddIndex(
            "job",
            models.Index(
                fields=["finished_at"], name="job_left_checkpoint", condition=Q(finished_at__isnull=False) & ~Q(checkpoint="")
            ),
        ),
        migrations.RunSQL(LAWFUL, migrations.RunSQL.noop),
    ]
