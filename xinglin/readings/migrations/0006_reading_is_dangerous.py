from django.db import migrations, models


class Migration(migrations.Migration):
    """What is dangerous by itself stands first among what waits to be sorted."""

    dependencies = [
        ("readings", "0005_device_stands_at"),
    ]

    operations = [
        migrations.AddField(
            model_name="reading",
            name="is_dangerous",
            field=models.BooleanField(db_default=False, default=False),
        ),
    ]
