from django.db import migrations

TABLES = ("evaluations_scorechange", "evaluations_publication", "evaluations_distributionline")


class Migration(migrations.Migration):
    """What was published, paid or changed stays as it was: the database refuses to change or delete it."""

    dependencies = [("evaluations", "0001_initial")]

    operations = [
        migrations.RunSQL(
            """
            CREATE FUNCTION evaluations_only_grows() RETURNS trigger LANGUAGE plpgsql AS $$
            BEGIN RAISE EXCEPTION 'what was published or changed stays as it was' USING ERRCODE = 'check_violation'; END $$;
            """
            + "".join(
                f"""
                CREATE TRIGGER only_grows BEFORE UPDATE OR DELETE ON {table}
                FOR EACH ROW EXECUTE FUNCTION evaluations_only_grows();
                """
                for table in TABLES
            ),
            "".join(f"DROP TRIGGER only_grows ON {table};" for table in TABLES) + "DROP FUNCTION evaluations_only_grows();",
        ),
    ]
