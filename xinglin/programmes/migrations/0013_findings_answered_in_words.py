from django.db import migrations, models


class Migration(migrations.Migration):
    """What was done about a finding instead of a referral is said in words."""

    dependencies = [("programmes", "0012_evidence_by_code")]

    operations = [
        migrations.AddField(model_name="alert", name="answer_note", field=models.CharField(blank=True, max_length=500)),
    ]
