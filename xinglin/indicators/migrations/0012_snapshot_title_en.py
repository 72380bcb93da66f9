"""Frozen figures have their title in English where the system gave it; those of monthly reports get theirs."""

from django.db import migrations, models


def name_monthly(apps, schema_editor):
    """What was frozen for monthly reports so far."""
    apps.get_model("indicators", "Snapshot").objects.filter(title="月报", frozen_by=None).update(title_en="Monthly report")


class Migration(migrations.Migration):
    dependencies = [("indicators", "0011_return_sent_again")]

    operations = [
        migrations.AddField(
            model_name="snapshot", name="title_en", field=models.CharField(blank=True, default="", max_length=160), preserve_default=False
        ),
        migrations.RunPython(name_monthly, migrations.RunPython.noop),
    ]
