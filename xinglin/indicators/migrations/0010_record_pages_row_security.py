from django.db import migrations


class Migration(migrations.Migration):
    """Pages of records are of the county a connection serves, as the returns are."""

    dependencies = [("indicators", "0009_record_pages")]

    operations = [
        migrations.RunSQL(
            """
            ALTER TABLE indicators_recordpage ENABLE ROW LEVEL SECURITY;
            CREATE POLICY county ON indicators_recordpage
            USING (tenant = current_setting('xinglin.tenant', true))
            WITH CHECK (tenant = current_setting('xinglin.tenant', true));
            """,
            "DROP POLICY county ON indicators_recordpage; ALTER TABLE indicators_recordpage DISABLE ROW LEVEL SECURITY;",
        ),
    ]
