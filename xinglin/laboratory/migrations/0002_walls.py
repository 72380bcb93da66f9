from django.db import migrations

PERSONS = ("laboratory_specimen", "laboratory_result")
#: Versions of results and what was released are never changed.
APPEND_ONLY = ("laboratory_result", "laboratory_release", "laboratory_releasedresult", "laboratory_temperaturereading")


class Migration(migrations.Migration):
    """A second wall: a connection that does not say which county it serves sees and writes no row of persons; and a
    result, once written, stays as it is."""

    dependencies = [("laboratory", "0001_initial"), ("platform", "0002_append_only")]

    operations = [
        migrations.RunSQL(
            "".join(
                f"""
                ALTER TABLE {table} ENABLE ROW LEVEL SECURITY;
                CREATE POLICY county ON {table}
                USING (tenant = current_setting('xinglin.tenant', true))
                WITH CHECK (tenant = current_setting('xinglin.tenant', true));
                """
                for table in PERSONS
            ),
            "".join(f"DROP POLICY county ON {table}; ALTER TABLE {table} DISABLE ROW LEVEL SECURITY;" for table in PERSONS),
        ),
        migrations.RunSQL(
            "".join(
                f"""
                CREATE TRIGGER append_only BEFORE UPDATE OR DELETE ON {table}
                FOR EACH ROW EXECUTE FUNCTION platform_refuse_change();
                """
                for table in APPEND_ONLY
            ),
            "".join(f"DROP TRIGGER append_only ON {table};" for table in APPEND_ONLY),
        ),
    ]
