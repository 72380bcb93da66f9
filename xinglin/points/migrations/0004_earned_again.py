from django.db import migrations, models
from django.db.models import Q


class Migration(migrations.Migration):
    """A cause whose points were taken back earns again when it stands again."""

    dependencies = [("points", "0003_goods_of_merged_units")]

    operations = [
        migrations.AddField(
            model_name="movement", name="n", field=models.PositiveSmallIntegerField(db_default=1, default=1)
        ),
        migrations.RemoveConstraint(model_name="movement", name="one_cause_earns_once"),
        migrations.AddConstraint(
            model_name="movement",
            constraint=models.UniqueConstraint(
                condition=Q(("kind", "EARNED")), fields=("account", "rule", "cause_uuid", "n"), name="one_cause_earns_once"
            ),
        ),
    ]
