"""A job may be held until jobs of its own have ended."""

from django.db import migrations, models

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
        'validating_files>queued', 'validating_files>failed', 'validating_files>cancelled', {held}
        'queued>running', 'queued>cancelled',
        'running>queued', 'running>succeeded', 'running>failed', 'running>cancelled'
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
HELD = "'validating_files>held', 'held>queued', 'held>failed', 'held>cancelled',"


class Migration(migrations.Migration):
    dependencies = [("jobs", "0003_newest_of_all")]

    operations = [
        migrations.AlterField(
            model_name="job",
            name="state",
            field=models.CharField(
                choices=[
                    ("validating_files", "Validating"),
                    ("held", "Held"),
                    ("queued", "Queued"),
                    ("running", "Running"),
                    ("succeeded", "Succeeded"),
                    ("failed", "Failed"),
                    ("cancelled", "Cancelled"),
                ],
                default="queued",
                max_length=20,
            ),
        ),
        migrations.AddIndex(
            model_name="job",
            index=models.Index(fields=["tenant"], name="job_held", condition=models.Q(state="held")),
        ),
        migrations.RunSQL(LAWFUL.format(held=HELD), LAWFUL.format(held="")),
    ]
