from django.db import migrations, models


class Migration(migrations.Migration):
    """A result keeps which findings wanted a referral. Of rows from before only those are known that had none; the others are
    judged when they are next asked for.
    """

    dependencies = [("programmes", "0013_findings_answered_in_words")]

    operations = [
        migrations.AddField(model_name="visitresult", name="findings", field=models.JSONField(null=True)),
        migrations.RunSQL("UPDATE programmes_visitresult SET findings = '[]' WHERE severity < 3", migrations.RunSQL.noop),
    ]
