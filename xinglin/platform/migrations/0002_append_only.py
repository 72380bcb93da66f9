from django.db import migrations

TABLES = ("platform_auditrecord", "platform_auditseal")


class Migration(migrations.Migration):
    """Audit records and seals are written once: any change or deletion is refused, whoever asks."""

    dependencies = [("platform", "0001_initial")]

    operations = [
        migrations.RunSQL(
            """
            CREATE FUNCTION platform_refuse_change() RETURNS trigger LANGUAGE plpgsql AS $$
            BEGIN
                RAISE EXCEPTION '% is append-only', TG_TABLE_NAME USING ERRCODE = 'insufficient_privilege';
            END $$;
            """
            + "".join(
                f"""
                CREATE TRIGGER append_only BEFORE UPDATE OR DELETE ON {table}
                FOR EACH ROW EXECUTE FUNCTION platform_refuse_change();
                CREATE TRIGGER append_only_whole BEFORE TRUNCATE ON {table}
                FOR EACH STATEMENT EXECUTE FUNCTION platform_refuse_change();
                """
                for table in TABLES
            ),
            "".join(
                f"DROP TRIGGER append_only ON {table}; DROP TRIGGER append_only_whole ON {table};" for table in TABLES
            )
            + "DROP FUNCTION platform_refuse_change();",
        ),
    ]
