"""Flows by chapter of diagnoses. What is kept says its destinations otherwise: it is made anew from its version."""

from django.db import migrations, models


def forget(apps, schema_editor):
    apps.get_model("indicators", "Flow").objects.all().delete()


class Migration(migrations.Migration):

    dependencies = [("indicators", "0007_wall_period")]

    operations = [
        migrations.RunPython(forget, migrations.RunPython.noop),
        migrations.RemoveConstraint(model_name="flow", name="one_flow_a_version"),
        migrations.AddField(model_name="flow", name="chapter", field=models.CharField(blank=True, default="", max_length=8), preserve_default=False),
        migrations.AddConstraint(
            model_name="flow",
            constraint=models.UniqueConstraint(fields=("version", "period", "kind", "chapter"), name="one_flow_a_chapter"),
        ),
    ]
