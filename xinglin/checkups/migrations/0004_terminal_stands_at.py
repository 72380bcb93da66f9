import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    """A terminal in the hall of a unit that was merged keeps its self-check corner."""

    dependencies = [
        ("checkups", "0003_terminal_kioskcode_sitting"),
        ("network", "0002_periods"),
    ]

    operations = [
        migrations.AddField(
            model_name="terminal",
            name="stands_at",
            field=models.ForeignKey(
                null=True, on_delete=django.db.models.deletion.PROTECT, related_name="+", to="network.facility"
            ),
        ),
    ]
