from django.db import migrations, models


class Migration(migrations.Migration):
    """What a visit found keeps the code and version of its rule; the words are the definition's, in the reader's language."""

    dependencies = [("programmes", "0009_second_call")]

    operations = [
        migrations.RenameField("alert", "text", "old_text"),
        migrations.AlterField("alert", "old_text", models.CharField(blank=True, max_length=300)),
        migrations.AddField("alert", "version", models.CharField(blank=True, default="", max_length=60), preserve_default=False),
        migrations.AddField("alert", "values", models.JSONField(default=dict)),
    ]
