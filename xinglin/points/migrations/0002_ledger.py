from django.db import migrations

TABLES = ("points_account", "points_exchange", "points_movement")


class Migration(migrations.Migration):
    """The ledger only grows: the database refuses to change or delete a movement or a draw. And a second wall: a
    connection that does not say which county it serves sees and writes no points.
    """

    dependencies = [("points", "0001_initial")]

    operations = [
        migrations.RunSQL(
            """
            CREATE FUNCTION points_only_grows() RETURNS trigger LANGUAGE plpgsql AS $$
            BEGIN RAISE EXCEPTION 'a movement of points is never changed or deleted' USING ERRCODE = 'check_violation'; END $$;
            CREATE TRIGGER only_grows BEFORE UPDATE OR DELETE ON points_movement
            FOR EACH ROW EXECUTE FUNCTION points_only_grows();
            CREATE TRIGGER only_grows BEFORE UPDATE OR DELETE ON points_draw
            FOR EACH ROW EXECUTE FUNCTION points_only_grows();
            CREATE TRIGGER only_grows BEFORE UPDATE OR DELETE ON points_stockmovement
            FOR EACH ROW EXECUTE FUNCTION points_only_grows();
            """,
            """
            DROP TRIGGER only_grows ON points_movement; DROP TRIGGER only_grows ON points_draw;
            DROP TRIGGER only_grows ON points_stockmovement; DROP FUNCTION points_only_grows();
            """,
        ),
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
