"""The walls around the first tenant-owned tables, the key lookup, and the audit log's append-only rights."""

from django.db import migrations

from tenants.isolation import APP, policies
from tenants.isolation import TenantIsolation as Isolate

KEY_LOOKUP = """
CREATE POLICY key_lookup ON tenants_apikey FOR SELECT TO CURRENT_USER USING (true);
CREATE FUNCTION landfall_key(wanted text)
    RETURNS TABLE (tenant_id uuid, id varchar, scopes varchar[], livemode boolean)
    LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp
    AS $$
        SELECT k.tenant_id, k.id, k.scopes, k.livemode FROM tenants_apikey k
        WHERE k.digest = wanted AND k.revoked_at IS NULL LIMIT 1
    $$;
REVOKE ALL ON FUNCTION landfall_key(text) FROM PUBLIC;
"""
# The definer is the tables' owner, a role no serving process logs in as; its policy lets it read keys only.

APPEND_ONLY = f"""
REVOKE UPDATE, DELETE ON tenants_auditlog FROM {APP};
CREATE FUNCTION landfall_append_only() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'the audit log is append-only';
END $$;
CREATE TRIGGER append_only BEFORE UPDATE ON tenants_auditlog
    FOR EACH ROW EXECUTE FUNCTION landfall_append_only();
"""


class Migration(migrations.Migration):
    dependencies = [("tenants", "0001_initial")]

    operations = [
        *(migrations.RunSQL(statement, migrations.RunSQL.noop) for statement in policies("tenants_tenant", "id")),
        Isolate("Member"),
        Isolate("ApiKey"),
        Isolate("AuditLog"),
        Isolate("IdempotencyRecord"),
        migrations.RunSQL(KEY_LOOKUP, "DROP FUNCTION landfall_key(text); DROP POLICY key_lookup ON tenants_apikey"),
        migrations.RunSQL(
            f"GRANT EXECUTE ON FUNCTION landfall_key(text) TO {APP}, landfall_role_system, landfall_role_staff",
            migrations.RunSQL.noop,
        ),
        migrations.RunSQL(APPEND_ONLY, "DROP FUNCTION landfall_append_only() CASCADE"),
    ]
