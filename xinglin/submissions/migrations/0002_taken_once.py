"""A submission is taken once. The same set may be: where a later turn says again what an earlier one said."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("submissions", "0001_initial")]

    operations = [
        migrations.RemoveConstraint(model_name="delivery", name="one_set_taken_once"),
        migrations.AddConstraint(
            model_name="delivery",
            constraint=models.UniqueConstraint(
                condition=models.Q(("outcome", "ACCEPTED")), fields=("submission",), name="one_submission_taken_once"
            ),
        ),
    ]
