import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    """A task remembers the registration it was planned for, so that a merge can be taken back."""

    dependencies = [
        ("followups", "0006_purpose_words"),
        ("residents", "0004_former_residence_row_security"),
    ]

    operations = [
        migrations.AddField(
            model_name="followuptask",
            name="came_from",
            field=models.ForeignKey(
                null=True, on_delete=django.db.models.deletion.PROTECT, related_name="+", to="residents.resident"
            ),
        ),
    ]
