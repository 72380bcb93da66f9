from django.db import migrations


class Migration(migrations.Migration):
    """A second wall: a connection that does not say which county it serves sees and writes no former residence."""

    dependencies = [("residents", "0003_former_residence")]

    operations = [
        migrations.RunSQL(
            """
            ALTER TABLE residents_formerresidence ENABLE ROW LEVEL SECURITY;
            CREATE POLICY county ON residents_formerresidence
            USING (tenant = current_setting('xinglin.tenant', true))
            WITH CHECK (tenant = current_setting('xinglin.tenant', true));
            """,
            "DROP POLICY county ON residents_formerresidence; ALTER TABLE residents_formerresidence DISABLE ROW LEVEL SECURITY;",
        ),
    ]
