"""The walls around the tables of jobs, and the state machine as the database holds to it."""

from django.db import migrations

from tenants.isolation import TenantIsolation as Isolate

# `jobs.models.job.MOVES`, frozen; a test compares them.
LAWFUL = """
CREATE FUNCTION landfall_job_moves() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'INSERT' THEN
        IF NEW.state NOT IN ('validating_files', 'queued') OR NEW.attempt <> 0 THEN
            RAISE EXCEPTION 'a job begins waiting' USING ERRCODE = 'check_violation';
        END IF;
        RETURN NEW;
    END IF;
    IF NEW.state <> OLD.state AND (OLD.state || '>' || NEW.state) NOT IN (
        'validating_files>queued', 'validating_files>failed', 'validating_files>cancelled',
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
CREATE TRIGGER lawful_moves BEFORE INSERT OR UPDATE ON jobs_job
    FOR EACH ROW EXECUTE FUNCTION landfall_job_moves();
"""


class Migration(migrations.Migration):
    dependencies = [("jobs", "0001_initial")]

    operations = [
        Isolate("Job"),
        Isolate("JobEvent"),
        migrations.RunSQL(LAWFUL, "DROP FUNCTION landfall_job_moves() CASCADE"),
    ]
