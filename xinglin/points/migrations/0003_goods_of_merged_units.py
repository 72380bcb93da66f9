from django.db import migrations, models


class Migration(migrations.Migration):
    """Goods go to the unit that takes over a merged one."""

    dependencies = [("points", "0002_ledger")]

    operations = [
        migrations.AlterField(
            model_name="stockmovement",
            name="kind",
            field=models.CharField(
                choices=[
                    ("RECEIVED", "入库"),
                    ("HANDED_OVER", "发放"),
                    ("COUNTED", "盘点更正"),
                    ("MERGED_OUT", "机构合并转出"),
                    ("MERGED_IN", "机构合并转入"),
                ],
                max_length=12,
            ),
        ),
    ]
