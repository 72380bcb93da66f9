from django.db import migrations

TABLES = ("institutions_stay", "institutions_seen")


class Migration(migrations.Migration):
    """A second wall: a connection that does not say which county it serves sees and writes no row of persons."""

    dependencies = [("institutions", "0001_initial")]

    operations = [
        migrations.RunSQL(
            "".join(
                f"""
                ALTER TABLE {table} ENABLE ROW LEVEL SECURITY;
                CREATE POLICY county ON {table}
                USING (tenant = current_setting('xinglin.tenant', true))
                WITH CHECK (tenant = current_setting('xinglin.tenant', true));
                """
                for table in TABLES
            ),
            "".join(f"DROP POLICY county ON {table}; ALTER TABLE {table} DISABLE ROW LEVEL SECURITY;" for table in TABLES),
        ),
    ]
