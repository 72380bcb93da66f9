import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    """A device that stands in the corner of a unit that was merged keeps that corner."""

    dependencies = [
        ("network", "0002_periods"),
        ("readings", "0004_repeatedrecord"),
    ]

    operations = [
        migrations.AddField(
            model_name="device",
            name="stands_at",
            field=models.ForeignKey(
                null=True, on_delete=django.db.models.deletion.PROTECT, related_name="+", to="network.facility"
            ),
        ),
    ]
