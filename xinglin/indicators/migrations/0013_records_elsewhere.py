"""Pages of records say how many more their figure counts. Those kept so far do not know: they are found anew."""

from django.db import migrations, models


def forget_pages(apps, schema_editor):
    """Pages are made anew at any time from their version."""
    apps.get_model("indicators", "RecordPage").objects.all().delete()


class Migration(migrations.Migration):
    dependencies = [("indicators", "0012_snapshot_title_en")]

    operations = [
        migrations.RunPython(forget_pages, migrations.RunPython.noop),
        migrations.AddField(
            model_name="recordpage", name="n_elsewhere", field=models.PositiveIntegerField(default=0),
        ),
    ]
