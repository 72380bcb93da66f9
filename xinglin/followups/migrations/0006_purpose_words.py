from django.db import migrations, models


class Migration(migrations.Migration):
    """What a call was made for is worded on reading: its words were those of whoever called."""

    dependencies = [("followups", "0005_levels_of_referrals")]

    operations = [
        migrations.RemoveField(model_name="callpurpose", name="title"),
    ]
