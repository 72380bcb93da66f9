from django.db import migrations


class Migration(migrations.Migration):
    """What needs ranges: a consortium has one lead at a time, and a unit is a member of it once at a time.

    Numbers are made into ranges of one, so that the index needs no extension.
    """

    dependencies = [("network", "0001_initial")]

    operations = [
        migrations.RunSQL(
            """
            ALTER TABLE network_membership ADD CONSTRAINT one_lead_at_a_time EXCLUDE USING gist (
                int8range(consortium_id, consortium_id, '[]') WITH =,
                daterange(valid_from, valid_until) WITH &&
            ) WHERE (role = 'LEAD');
            ALTER TABLE network_membership ADD CONSTRAINT one_membership_at_a_time EXCLUDE USING gist (
                int8range(consortium_id, consortium_id, '[]') WITH =,
                int8range(facility_id, facility_id, '[]') WITH =,
                daterange(valid_from, valid_until) WITH &&
            );
            """,
            """
            ALTER TABLE network_membership DROP CONSTRAINT one_lead_at_a_time;
            ALTER TABLE network_membership DROP CONSTRAINT one_membership_at_a_time;
            """,
        ),
    ]
