from django.db import migrations


class Migration(migrations.Migration):
    """Open follow-up that referrals planned without a level gets that of the unit that owes it, so that it is handed on."""

    dependencies = [("followups", "0004_desk"), ("network", "0001_initial")]

    operations = [
        migrations.RunSQL(
            """
            UPDATE followups_followuptask AS task SET level = unit.tier
            FROM network_facility AS unit
            WHERE unit.id = task.facility_id AND task.origin_kind = 'referral' AND task.level = ''
              AND task.status IN ('PLANNED', 'UNREACHED') AND unit.tier IN ('COUNTY', 'TOWNSHIP', 'VILLAGE')
            """,
            migrations.RunSQL.noop,
        ),
    ]
